# SPDX-License-Identifier: GPL-2.0-only
"""Writes FAT32 and fills exFAT, as bytes, so that every field can lie. Files lie one after the other."""
import struct

SECTOR = 512
RESERVED = 32
END = 0x0fffffff


def put(image, offset, data):
    image.seek(offset)
    image.write(data)


def long_name_entries(name, short):
    checksum = 0
    for byte in short:
        checksum = ((checksum >> 1 | checksum << 7) + byte) & 0xff
    text = (name + "\0").encode("utf-16-le") if len(name) % 13 else name.encode("utf-16-le")
    text = text.ljust(-(-len(text) // 26) * 26, b"\xff")
    parts = [text[i:i + 26] for i in range(0, len(text), 26)]
    for number in range(len(parts), 0, -1):
        part = parts[number - 1]
        order = number | (0x40 if number == len(parts) else 0)
        yield bytes([order]) + part[:10] + bytes([0x0f, 0, checksum]) + part[10:22] + b"\0\0" + part[22:]


class Fat32:
    """Call add and folder as often as needed, change table and sector, then write."""

    def __init__(self, sectors, cluster_sectors=8):
        self.sectors, self.cluster_sectors = sectors, cluster_sectors
        self.cluster_bytes = cluster_sectors * SECTOR
        self.table_sectors = ((sectors - RESERVED) // cluster_sectors * 4) // SECTOR + 1
        self.table = {}	# cluster: the next one
        self.content = {}	# first cluster: bytes
        self.next = 2
        self.names = 0
        self.root = b""
        self.sector = bytearray(SECTOR)
        self.sector[0:11] = b"\xeb\x58\x90MSWIN4.1"
        struct.pack_into("<HBHBHHBH", self.sector, 11, SECTOR, cluster_sectors, RESERVED, 2, 0, 0, 0xf8, 0)
        struct.pack_into("<HHIII", self.sector, 24, 63, 255, 0, sectors, self.table_sectors)
        struct.pack_into("<HHIHH", self.sector, 40, 0, 0, 0, 1, 6)
        self.sector[64:67] = b"\x80\0\x29"
        self.sector[67:90] = b"\x6b\x6c\x62\x69HOSTILE    FAT32   "
        self.sector[510:512] = b"\x55\xaa"

    def allocate(self, data):
        """The first cluster of a chain that holds @data."""
        first, count = self.next, max(1, -(-len(data) // self.cluster_bytes))
        for cluster in range(first, first + count):
            self.table[cluster] = cluster + 1
        self.table[first + count - 1] = END
        self.content[first] = data
        self.next += count
        return first

    def entry(self, name, first, size, attributes=0x20):
        self.names += 1
        short = f"F{self.names:07}BIN".encode()
        return b"".join(long_name_entries(name, short)) + struct.pack("<11sBBBHHHHHHHI", short, attributes, 0, 0, 0, 0x21, 0x21,
                                                                       first >> 16, 0, 0x21, first & 0xffff, size)

    def add(self, name, data):
        self.root += self.entry(name, self.allocate(data), len(data))

    def folder(self, name, entries):
        """The directory entry of a folder."""
        data = bytes(64) + entries
        first = self.allocate(data)
        dots = b"".join(struct.pack("<11sBBBHHHHHHHI", dot.ljust(11), 0x10, 0, 0, 0, 0x21, 0x21, cluster >> 16, 0, 0x21,
                                    cluster & 0xffff, 0) for dot, cluster in ((b".", first), (b"..", 0)))
        self.content[first] = dots + entries
        return self.entry(name, first, 0, 0x10)

    def write(self, image, start):
        """At byte @start of the file @image, which is empty there."""
        root = self.allocate(self.root)
        if not struct.unpack_from("<I", self.sector, 44)[0]:
            struct.pack_into("<I", self.sector, 44, root)
        for copy in (0, 6):
            put(image, start + copy * SECTOR, self.sector)
        put(image, start + SECTOR, b"RRaA" + bytes(480) + b"rrAa" + b"\xff" * 8 + bytes(14) + b"\x55\xaa")
        table = bytearray(4 * (max(self.table) + 1))
        struct.pack_into("<II", table, 0, 0x0ffffff8, END)
        for cluster, following in self.table.items():
            struct.pack_into("<I", table, 4 * cluster, following)
        data = start + (RESERVED + 2 * self.table_sectors) * SECTOR
        for copy in range(2):
            put(image, start + (RESERVED + copy * self.table_sectors) * SECTOR, table)
        for first, content in self.content.items():
            put(image, data + (first - 2) * self.cluster_bytes, content)


def exfat_set(name, first, size, valid):
    """The directory entries of one file: file, stream extension, name."""
    upper, checksum = name.upper().encode("utf-16-le"), 0
    for byte in upper:
        checksum = ((checksum >> 1 | checksum << 15) + byte) & 0xffff
    text = name.encode("utf-16-le").ljust(-(-len(name) // 15) * 30, b"\0")
    parts = [b"\xc1\0" + text[i:i + 30] for i in range(0, len(text), 30)]
    stream = struct.pack("<BBBBHHQIIQ", 0xc0, 3, 0, len(name), checksum, 0, valid, 0, first, size)
    entries = bytearray(struct.pack("<BBHHHIIIBBBBB7x", 0x85, 1 + len(parts), 0, 0x20, 0, 0x50210000, 0x50210000, 0x50210000, 0, 0, 0, 0, 0))
    entries += stream + b"".join(parts)
    checksum = 0
    for i, byte in enumerate(entries):
        if i not in (2, 3):
            checksum = ((checksum >> 1 | checksum << 15) + byte) & 0xffff
    struct.pack_into("<H", entries, 2, checksum)
    return bytes(entries)


def fix_serial(image):
    """mkfs.exfat takes the volume's serial number from the clock; its checksum is in the twelfth sector."""
    image.seek(0)
    boot = bytearray(image.read(11 * SECTOR))
    struct.pack_into("<I", boot, 100, 0x756b6962)
    checksum = 0
    for i, byte in enumerate(boot):
        if i not in (106, 107, 112):
            checksum = ((checksum >> 1 | checksum << 31) + byte) & 0xffffffff
    boot += struct.pack("<I", checksum) * (SECTOR // 4)
    put(image, 0, boot + boot)


def fill_exfat(image, start, files):
    """Puts files without chains into the root folder of what mkfs.exfat made at byte @start."""
    image.seek(start)
    boot = image.read(SECTOR)
    heap, _, root = struct.unpack_from("<III", boot, 88)
    sector, cluster = 1 << boot[108], 1 << boot[108] + boot[109]
    place = start + heap * sector + (root - 2) * cluster
    image.seek(place)
    entries = image.read(cluster).rstrip(b"\0")
    entries = entries.ljust(-(-len(entries) // 32) * 32, b"\0")
    following = root + 1
    for name, data in files.items():
        entries += exfat_set(name, following, len(data), len(data))
        put(image, start + heap * sector + (following - 2) * cluster, data)
        following += -(-len(data) // cluster)
    assert len(entries) <= cluster
    # All clusters up to there are in use: the bitmap is the root folder's entry of type 0x81.
    bitmap = next(struct.unpack_from("<I", entries, i + 20)[0] for i in range(0, len(entries), 32) if entries[i] == 0x81)
    put(image, start + heap * sector + (bitmap - 2) * cluster, ((1 << following - 2) - 1).to_bytes(-(-(following - 2) // 8), "little"))
    put(image, place, entries)
