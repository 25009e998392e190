# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # variables of "parts" and of other parts
# Folders and files made to harm: what lies, what is no file, what has no end. The right archive among them is
# found, and every answer comes within SECONDS_EACH.
SECONDS_EACH=10
make_tree tree
mkdir good chunks
ukiblk pack tree --name sample --output good --compression lz4 >facts
ukiblk pack tree --name sample --output chunks --compression lz4 --chunk-size 128K >/dev/null
root_hash=$(sed -n 's/^root-hash: //p' facts)
count=$(find chunks -type f | wc -l)
ukiblk=(timeout --kill-after=1 $SECONDS_EACH ukiblk)

# --- a folder of chunks: the right ones, and relatives of theirs
verify_by_any_chunk() {
	local file
	for file in chunks/sample.erofs*; do
		check_good verify --root-hash "$root_hash" "$file" || return 1
	done
}
lie() { # <name> <chunk to copy> <change>...: the copy's identifier, changed and sealed again
	cp "$2" "chunks/$1"
	"$corpus/identifier/forge" "chunks/$1" "${@:3}"
}
first=chunks/sample.erofs second=chunks/sample.erofs.001
length=$(($(stat -c %s $first) - 4096))
lie 0-overlap.erofs $second 128:8=$((length - 4096))
lie 0-gap.erofs $second 128:8=$((length + 4096))
lie 0-cycle.erofs $second 112:4=2
lie 0-short.erofs $first 120:8=4096
lie 0-long.erofs $second 120:8=$((length + 4096))
lie 0-alone.erofs $second 116:4=$((count + 1))
lie 0-wild.erofs $second 120:8=0x7ffffffffffff000
lie 0-beyond.erofs $second 128:8=0xfffffffffffff000
lie 0-end.erofs $second 136:8=0x7ffffffffffff000
mkfifo chunks/0-fifo.erofs
mkdir chunks/0-folder.erofs chunks/0-folder.efi
ln -s 0-link.erofs chunks/0-link.erofs
ln -s /dev/zero chunks/0-zero.erofs
ln -s /dev/tty chunks/0-terminal.efi
ln -s / chunks/0-root.erofs.001
holds "lies beside the right chunks: each leads to the archive" verify_by_any_chunk
refuse "a chunk that overlaps" 1 "Chunk 2 of archive \"sample\" does not begin where the one before it ends" -- inspect chunks/0-overlap.erofs
refuse "a chunk behind a gap" 1 "Chunk 2 of archive \"sample\" does not begin where the one before it ends" -- inspect chunks/0-gap.erofs
refuse "a chunk in another's place" 1 "Chunk 3 of archive \"sample\" does not begin where the one before it ends" -- inspect chunks/0-cycle.erofs
refuse "a first chunk that ends early" 1 "Chunk 2 of archive \"sample\" does not begin where the one before it ends" -- inspect chunks/0-short.erofs
refuse "a chunk of more chunks" 1 "Archive \"sample\" lacks chunk 1, 3* of $((count + 1)). Copy all its chunks to the same folder" -- inspect chunks/0-alone.erofs
for name in long wild; do
	refuse "a chunk longer than its file: $name" 1 "chunks/0-$name.erofs carries no usable archive: The *" -- inspect "chunks/0-$name.erofs"
done
refuse "a chunk beyond all numbers" 1 "chunks/0-beyond.erofs carries no usable archive: The identifier puts the chunk outside the archive" -- inspect chunks/0-beyond.erofs
for name in fifo folder zero root; do
	file=$(echo chunks/0-"$name".erofs*)
	refuse "no file: $name" 1 "$file carries no usable archive: It is not a regular file" -- inspect "$file"
done
refuse "a link to itself" 1 "chunks/0-link.erofs carries no usable archive: Cannot open it: Too many levels of symbolic links" -- inspect chunks/0-link.erofs

# --- thousands of files, most of them copies of a chunk's identifier
crowd() {
	local i
	for ((i = 0; i < 3000; i++)); do ln chunks/0-alone.erofs "chunks/1-$i.erofs"; done
	for ((i = 0; i < 6000; i++)); do : >"chunks/2-$i.jpg"; done
}
holds "9000 files beside it" crowd
holds "9000 files: each chunk leads to the archive" verify_by_any_chunk
find chunks -name '[12]-*' -delete

# --- files without end: holes of 8 EiB, where a filesystem in memory takes them
endless=ukiblk-hostile-$$.erofs
sealed_endless() {
	local bytes=$((0x7fffffffff000000)) seal="/dev/shm/ukiblk-seal-$$" payload
	payload=$((bytes - 4096))
	: >"$seal"
	"$corpus/identifier/forge" "$seal" 112:4=0 116:4=1 120:8=$payload 128:8=0 136:8=$payload 144:8=$((1 << 60)) 152:8=$((1 << 60)) 160:8=0 168:4=0 &&
		truncate -s $bytes "/dev/shm/$endless" &&
		dd if="$seal" of="/dev/shm/$endless" bs=4096 seek=$((bytes / 4096 - 1)) conv=notrunc status=none
	rm -f "$seal"
}
holds "a file of 8 EiB with an identifier" sealed_endless
does "8 EiB: inspect" inspect "/dev/shm/$endless"
refuse "8 EiB: verify" 4 "The verity superblock of archive \"golden-1.0_x\" is damaged or contradicts its identifier. Copy the file again" -- \
	verify "/dev/shm/$endless"
# With a superblock that fits, only the tree says that nothing of it is true.
superblock() {
	local seal="/dev/shm/ukiblk-super-$$"
	python3 -c '
import struct, sys
block = struct.pack("<8sII16s32sIIQH6x256s", b"verity\0\0", 1, 1, bytes(16), b"sha256", 4096, 4096, (1 << 60) // 4096, 32, bytes(range(32)))
sys.stdout.buffer.write(block)' >"$seal"
	dd if="$seal" of="/dev/shm/$endless" bs=4096 seek=$(((1 << 60) / 4096)) conv=notrunc status=none
	rm -f "$seal"
}
holds "8 EiB: a superblock" superblock
refuse "8 EiB: verify with a superblock" 4 "Archive \"golden-1.0_x\" is damaged: *" -- verify "/dev/shm/$endless"
rm -f "/dev/shm/$endless"

# --- programs whose headers lie
cp /usr/lib/systemd/boot/efi/addonx64.efi.stub stub.efi
ukiblk embed --uki stub.efi --archive good/sample.erofs --output right.efi
pe=$(od -An -tu4 -j60 -N4 stub.efi)
pe_lies() { # <what> <offset from the PE signature> <bytes in printf's way> <sentence>
	cp right.efi bad.efi
	printf "$3" | dd of=bad.efi bs=1 seek=$((pe + $2)) conv=notrunc status=none
	refuse "a program with $1" 1 "bad.efi carries no usable archive: $4" -- inspect bad.efi
	cp stub.efi bad.efi
	printf "$3" | dd of=bad.efi bs=1 seek=$((pe + $2)) conv=notrunc status=none
	refuse "embed into a program with $1" 1 "bad.efi cannot take an archive: $4" -- embed --uki bad.efi --archive good/sample.erofs --output out.efi
}
headers="The headers of the PE file are cut off or too large"
does "the right program" inspect right.efi
pe_lies "65535 sections" 6 '\xff\xff' "$headers"
pe_lies "an optional header of 65535 bytes" 20 '\xff\xff' "$headers"
pe_lies "headers of 4 GiB" 84 '\xff\xff\xff\xff' "$headers"
pe_lies "headers of no bytes" 84 '\0\0\0\0' "The PE file says that its headers are shorter than they are"
pe_lies "a certificate table in its data" 168 '\x00\x02\x00\x00\x00\x10\x00\x00' "The certificate table of the PE file does not lie between its data and its end"
pe_lies "a certificate table of 4 GiB" 168 '\x00\x10\x00\x00\xff\xff\xff\xff' "The certificate table of the PE file does not lie between its data and its end"
optional=$(od -An -tu2 -j$((pe + 20)) -N2 stub.efi)
pe_lies "a section of 4 GiB" $((24 + optional + 16)) '\xff\xff\xff\xff' "A section of the PE file lies beyond its end. Copy the file again"
pe_lies "a section at 4 GiB" $((24 + optional + 20)) '\xff\xff\xff\xff' "A section of the PE file lies beyond its end. Copy the file again"
pe_lies "its PE header at its end" $((60 - pe)) '\xff\xff\xff\x7f' "This is not a PE file"
mkfifo fifo.efi
refuse "a fifo as program" 1 "fifo.efi is not a regular file" -- embed --uki fifo.efi --archive good/sample.erofs --output out.efi
ukiblk=(timeout --kill-after=5 120 ukiblk)
