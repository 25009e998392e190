# SPDX-License-Identifier: GPL-2.0-only
"""Files that look like the archive a boot asks for and are not it. All claim its root hash, in an identifier
whose checksum is right; offsets are those of the table in userspace/format/FORMAT.md."""
import glob
import hashlib
import struct

BLOCK = 4096
SHORTER = "The file is shorter than the chunk its identifier describes. Copy it again"
CONTRADICT = "The identifier's lengths of filesystem and hash tree contradict each other"


def seal(block):
    block[-32:] = hashlib.sha256(bytes(block[:-32])).digest()
    return bytes(block)


class Archive:
    """The true one, from its chunk files in any order."""

    def __init__(self, folder):
        chunks = []
        for path in glob.glob(folder + "/tiny.erofs*"):
            with open(path, "rb") as file:
                data = file.read()
            length, offset = struct.unpack_from("<QQ", data, len(data) - BLOCK + 120)
            chunks.append((offset, data[len(data) - BLOCK - length:-BLOCK], data[-BLOCK:]))
        chunks.sort()
        self.payload = b"".join(chunk[1] for chunk in chunks)
        self.identifier = chunks[0][2]
        self.erofs_bytes, self.hash_offset = struct.unpack_from("<QQ", self.identifier, 144)

    def block(self, offset):
        return self.payload[offset:offset + BLOCK]

    def forge(self, name, length=None, offset=0, total=None, index=0, count=1, erofs=2 * BLOCK, tree=None, fec=(0, 0)):
        """An identifier with numbers at will, for a chunk of @length bytes; archives of another name have another UUID."""
        block = bytearray(self.identifier)
        length = 4 * BLOCK if length is None else length
        total = length if total is None else total
        tree = erofs if tree is None else tree
        block[32:48] = hashlib.sha256(name.encode()).digest()[:16]
        block[48:112] = name.encode().ljust(64, b"\0")
        struct.pack_into("<IIQQQQQQI", block, 112, index, count, length, offset, total, erofs, tree, *fec)
        return seal(block)


def pe(size=8192, header=64, sections=((512, 512),), section_count=None, headers=512, certificate=(0, 0)):
    """A PE32+ file of @size bytes whose headers say what they are told to."""
    data = bytearray(size)
    data[0:2] = b"MZ"
    struct.pack_into("<I", data, 0x3c, header)
    if header + 24 + 240 + 40 > size:
        return bytes(data)
    data[header:header + 4] = b"PE\0\0"
    struct.pack_into("<HH", data, header + 4, 0x8664, len(sections) if section_count is None else section_count)
    struct.pack_into("<H", data, header + 20, 240)
    struct.pack_into("<H", data, header + 24, 0x20b)
    struct.pack_into("<I", data, header + 24 + 60, headers)
    struct.pack_into("<I", data, header + 24 + 108, 16)
    struct.pack_into("<II", data, header + 24 + 112 + 4 * 8, *certificate)
    for i, (offset, length) in enumerate(sections):
        struct.pack_into("<II", data, header + 24 + 240 + 40 * i + 16, length, offset)
    return bytes(data)


def tree_as_data(archive):
    """
    The lowest level of the true hash tree as the filesystem, and one level above it. dm-verity finds every
    block right, for the root hash does not cover how many levels there are; it is only no filesystem.
    """
    start = archive.hash_offset + 2 * BLOCK
    data = archive.payload[start:start + -(-archive.erofs_bytes // BLOCK // 128) * BLOCK]
    superblock = bytearray(archive.block(archive.hash_offset))
    struct.pack_into("<Q", superblock, 72, len(data) // BLOCK)
    payload = data + bytes(superblock) + archive.block(archive.hash_offset + BLOCK)
    return payload + archive.forge("tree-as-data", len(payload), erofs=len(data))


def small(archive):
    """name: (bytes, what the search must say of it)."""
    empty, whole = bytes(4 * BLOCK), 4 * BLOCK
    unreadable = 'The filesystem of archive "%s" cannot be read through dm-verity. Cannot mount ...'
    tree = archive.payload[archive.hash_offset:]
    holes = bytes(archive.erofs_bytes) + tree
    files = {
        "total": (whole, dict(total=1 << 62), "The identifier's chunk number does not fit its place in the archive"),
        "offset": (whole, dict(offset=(1 << 64) - BLOCK), "The identifier puts the chunk outside the archive"),
        "largest": (whole, dict(length=(1 << 64) - BLOCK), "The identifier puts the chunk outside the archive"),
        "filesystem": (whole, dict(erofs=1 << 63), CONTRADICT),
        "tree": (whole, dict(tree=(1 << 64) - BLOCK), CONTRADICT),
        "parity": (whole, dict(fec=(1 << 63, 2)), CONTRADICT),
        "count": (whole, dict(count=0xffffffff, total=1 << 40), "The identifier says chunk 0 of 4294967295"),
        "short": (whole, dict(length=(1 << 62)), SHORTER),
        "many": (whole, dict(count=4096, total=1 << 50),
                 'Archive "many" lacks chunk 2, 3, 4, 5, 6, 7, 8, 9 and more of 4096. Copy all its chunks to the same folder'),
        "right-hash": (whole, dict(), 'Archive "right-hash" does not match the root hash: it is another one, or its hash tree is damaged'),
    }
    result = {name + ".erofs": (empty + archive.forge(name, **what), says) for name, (_, what, says) in files.items()}
    # A right root block and right tree; only the filesystem is another one.
    result["right-root.erofs"] = (holes + archive.forge("right-root", len(holes), erofs=archive.erofs_bytes, tree=archive.hash_offset),
                                  unreadable % "right-root")
    result["tree-as-data.erofs"] = (tree_as_data(archive), unreadable % "tree-as-data")
    # Chunks that overlap, and chunks that lead back.
    for name, places in {"overlap": ((0, 4), (2, 6)), "cycle": ((0, 4), (6, 1), (2, 6))}.items():
        for index, (offset, blocks) in enumerate(places):
            end = f"{name}.erofs" + (f".{index:03}" if index else "")
            block = archive.forge(name, blocks * BLOCK, offset * BLOCK, 8 * BLOCK, index, len(places))
            says = None if index else f'Chunk 2 of archive "{name}" does not begin where the one before it ends'
            result[end] = (bytes(blocks * BLOCK) + block, says)
    result["cut.erofs"] = (bytes(10000), "The file is named like an archive but does not end with an identifier: it is cut off. Copy it again")
    headers = "The headers of the PE file are cut off or too large"
    for name, what, says in (
            ("section", dict(sections=((0xfffffe00, 0xfffffe00),)), "A section of the PE file lies beyond its end. Copy the file again"),
            ("sections", dict(section_count=0xffff), headers),
            ("headers", dict(headers=0xffffffff), headers),
            ("far", dict(header=0xfffffff0), "This is not a PE file"),
            ("certificate", dict(certificate=(0xfffff000, 0xffffffff)),
             "The certificate table of the PE file does not lie between its data and its end")):
        result[f"pe-{name}.efi"] = (pe(**what), says)
    # The payload would begin in the middle of the program.
    lying = pe(4 * BLOCK, sections=((512, 3 * BLOCK),), certificate=(5 * BLOCK, 64)) + archive.forge("inside")
    result["pe-inside.efi"] = (lying + bytes(64), SHORTER)
    return result


def thousands(archive):
    """More files than the search reads in a folder: whole archives first, then first chunks without a second."""
    for i in range(5000):
        name = f"t{i:04}"
        if i < 500:
            yield name + ".erofs", bytes(4 * BLOCK) + archive.forge(name)
        else:
            yield name + ".erofs", bytes(BLOCK) + archive.forge(name, BLOCK, total=8 * BLOCK, count=2)
