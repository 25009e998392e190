# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # variables of "parts" and of other parts
# inspect: every kind of file, and what it says to files that are none.
make_tree tree
mkdir chunks
ukiblk pack tree --name one --output . --compression lz4 >one.facts
ukiblk pack tree --name sample --output chunks --compression lz4 --chunk-size 128K >chunks.facts

inspect_agrees() { # <facts of pack>
	local key
	for key in uuid root-hash size chunks; do
		equal "$(fact $key)" "$(sed -n "s/^$key: //p" "$1")" || return 1
	done
}
chunk_lines() { sed -n 's/^  [0-9]*  \([^ ]*\)  at \([0-9]*\)  [0-9]* bytes$/\1@\2/p' "$words.out" | tr '\n' ' '; }

does "an archive of one file" inspect one.erofs
holds "an archive of one file: what pack said" inspect_agrees one.facts
holds "an archive of one file: its place" equal "$(chunk_lines)" "one.erofs@0 "
# Oracle: what cryptsetup reads from the superblock itself.
superblock() { veritysetup dump --hash-offset="$(fact hash-offset)" one.erofs | sed -n "s/^$1:[[:space:]]*//p"; }
holds "an archive of one file: the salt of the superblock" equal "$(superblock Salt)" "$(fact salt)"
holds "an archive of one file: the filesystem's blocks" equal "$(($(superblock 'Data blocks') * 4096))" "$(fact erofs)"

count=$(sed -n 's/^chunks: //p' chunks.facts)
places=$(for file in chunks/sample.erofs*; do printf '%s@0 ' "$file"; done)
for file in chunks/sample.erofs chunks/sample.erofs.001 "chunks/sample.erofs.$(printf %03d $((count - 1)))"; do
	does "$file" inspect "$file"
	holds "$file: what pack said" inspect_agrees chunks.facts
	holds "$file: all chunks in order" equal "$(chunk_lines)" "$places"
done
does "several files" inspect one.erofs chunks/sample.erofs.001
holds "several files: each" equal "$(fact archive | tr '\n' ' ')" "one sample "

# --- missing and damaged
mkdir bad
mv chunks/sample.erofs.001 bad
refuse "a missing chunk" 1 "Archive \"sample\" lacks chunk 2 of $count. Copy all its chunks to the same folder" -- inspect chunks/sample.erofs
refuse "the missing chunk by itself" 1 "Archive \"sample\" lacks chunk 1, 3* of $count. Copy all its chunks to the same folder" -- \
	inspect bad/sample.erofs.001
mv bad/sample.erofs.001 chunks

no_archive() { # <what> <file> <sentence>
	refuse "$1" 1 "$2 carries no usable archive: $3" -- inspect "$2"
}
damaged="The identifier is damaged: its checksum is wrong. Copy the file again"
none="No identifier at its end"
head -c 10 /etc/passwd >bad/short
head -c 4095 /dev/zero >bad/almost
head -c 8192 /dev/zero >bad/zeros.erofs
head -c -1 one.erofs >bad/cut.erofs
head -c -4096 one.erofs >bad/bare.erofs
tail -c 8192 one.erofs >bad/headless.erofs
no_archive "no file" bad/none "Cannot open it: No such file or directory"
no_archive "a folder" chunks "It is not a regular file"
no_archive "a device" /dev/null "It is not a regular file"
no_archive "an empty file" <(:) "It is not a regular file"
no_archive "a short file" bad/short "It is too short for an identifier"
no_archive "one byte less than an identifier" bad/almost "It is too short for an identifier"
no_archive "zeros" bad/zeros.erofs "$none"
no_archive "a file cut by a byte" bad/cut.erofs "$none"
no_archive "a file without its identifier" bad/bare.erofs "$none"
no_archive "a file without its begin" bad/headless.erofs "The file is shorter than the chunk its identifier describes. Copy it again"
for place in 20 100 2000 4095; do
	cp one.erofs bad/damaged.erofs
	printf '\xff' | dd of=bad/damaged.erofs bs=1 seek=$(($(stat -c %s one.erofs) - 4096 + place)) conv=notrunc status=none
	no_archive "an identifier damaged at byte $place" bad/damaged.erofs "$damaged"
done

forged() { # <change> <sentence>: offsets of FORMAT.md
	cp one.erofs bad/forged.erofs
	"$corpus/identifier/forge" bad/forged.erofs "$1"
	no_archive "an identifier with $1" bad/forged.erofs "$2"
}
forged 16:4=2 "The identifier has version 2; this program reads version 1"
forged 24:4=0x40000000 "The archive needs the unknown feature bit 30; use a newer ukiblk"
forged 28:4=1 "Reserved bytes of the identifier are not zero"
forged 48:1=47 "The archive's name in the identifier is not a valid name"
forged 112:4=7 "The identifier says chunk 7 of 1"
forged 120:8=1 "A length in the identifier is not a multiple of 4096"
forged 136:8=0xfffffffffffff000 "The identifier puts the chunk outside the archive"
forged 144:8=0 "The identifier's lengths of filesystem and hash tree contradict each other"
forged 168:4=2 "The identifier's error correction fields contradict each other"
forged 172:4=9 "The archive uses the unknown hash algorithm 9"
cp one.erofs bad/newer.erofs
"$corpus/identifier/forge" bad/newer.erofs 20:4=0xffffffff
does "unknown compat bits do not matter" inspect bad/newer.erofs

# --- good and bad together: the worst exit code, each sentence, and the good one's facts
inspect_mixed() {
	local status=0
	ukiblk inspect bad/short one.erofs bad/zeros.erofs >"$words.out" 2>"$words.err" || status=$?
	equal "$status" 1 && equal "$(fact archive)" one &&
		equal "$(cat "$words.err")" "ukiblk: bad/short carries no usable archive: It is too short for an identifier.
ukiblk: bad/zeros.erofs carries no usable archive: $none."
}
holds "good and bad files together" inspect_mixed
