# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # variables of "parts" and of other parts
# verify: every block counts; veritysetup says the same of the same file.
make_tree tree
mkdir chunks bad
ukiblk pack tree --name sample --output . --compression none >facts
ukiblk pack tree --name sample --output chunks --compression none --chunk-size 128K >chunks.facts
root_hash=$(sed -n 's/^root-hash: //p' facts)
ukiblk inspect sample.erofs >"$words.out"
hash_offset=$(fact hash-offset) blocks=$(($(fact erofs) / 4096))
good="archive \"sample\": all $blocks data blocks match the root hash"

verifies() { check_good verify "$@" && equal "$(cat "$words.out")" "$good"; }
holds "a whole archive" verifies sample.erofs --root-hash "$root_hash"
holds "its own root hash" verifies sample.erofs
holds "upper-case digits" verifies sample.erofs --root-hash "${root_hash^^}"
for file in sample.erofs sample.erofs.001; do holds "chunks, by $file" verifies "chunks/$file" --root-hash "$root_hash"; done

damaged() { # <what> <offset> <part block>: in the archive of one file
	cp sample.erofs bad/sample.erofs
	flip bad/sample.erofs "$2"
	refuse "$1" 4 "Archive \"sample\" is damaged: 1 block does not match, the first is $3 (bad/sample.erofs at byte $(($2 / 4096 * 4096))). Copy the file again" -- \
		verify bad/sample.erofs --root-hash "$root_hash"
	holds "$1: nor does veritysetup verify it" no_verity bad/sample.erofs
}
flip() { # <file> <offset>: one bit
	local byte
	byte=$(od -An -tu1 -j "$2" -N 1 "$1")
	# shellcheck disable=SC2059 # the byte is made here
	printf "\\x$(printf %02x $((byte ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}
no_verity() { ! verity_holds "$1" "$root_hash"; }
damaged "the first byte" 0 "data block 0"
damaged "a byte in the middle" $((blocks / 2 * 4096 + 100)) "data block $((blocks / 2))"
damaged "the last byte of the filesystem" $((hash_offset - 1)) "data block $((blocks - 1))"

# A damaged tree block takes the blocks below it with it, or itself is the root block.
tree_damaged() { # <what> <offset> <tree block>
	cp sample.erofs bad/sample.erofs
	flip bad/sample.erofs "$2"
	refuse "$1" 4 "Archive \"sample\" is damaged: * not match, the first is hash tree block $3 (bad/sample.erofs at byte $(($2 / 4096 * 4096))). Copy the file again" -- \
		verify bad/sample.erofs --root-hash "$root_hash"
	holds "$1: nor does veritysetup verify it" no_verity bad/sample.erofs
}
tree_damaged "the root block" $((hash_offset + 4096 + 5)) 0
tree_damaged "a block below the root block" $((hash_offset + 2 * 4096 + 5)) 1

cp sample.erofs bad/sample.erofs
flip bad/sample.erofs $((hash_offset + 12))
refuse "a damaged superblock" 4 "The verity superblock of archive \"sample\" is damaged or contradicts its identifier. Copy the file again" -- \
	verify bad/sample.erofs --root-hash "$root_hash"
cp sample.erofs bad/forged.erofs
"$corpus/identifier/forge" bad/forged.erofs 176:8=0
refuse "an identifier with another salt" 4 "The verity superblock of archive \"sample\" is damaged or contradicts its identifier. Copy the file again" -- \
	verify bad/forged.erofs --root-hash "$root_hash"

# A forgery: another tree, packed well, under the name that is asked for.
refuse "another root hash" 4 "Archive \"sample\" is damaged: 1 block does not match, the first is hash tree block 0 (sample.erofs at byte $((hash_offset + 4096))). Copy the file again" -- \
	verify sample.erofs --root-hash "$(printf '0%.0s' {1..64})"

# In a chunk: the file is named, and the place in it.
cp -r chunks bad/chunks
flip bad/chunks/sample.erofs.001 4097
refuse "a damaged chunk" 4 "Archive \"sample\" is damaged: 1 block does not match, the first is data block $(((131072 - 4096 + 4097) / 4096)) (bad/chunks/sample.erofs.001 at byte 4096). Copy the file again" -- \
	verify bad/chunks/sample.erofs --root-hash "$root_hash"
rm bad/chunks/sample.erofs.001
refuse "a missing chunk" 1 "Archive \"sample\" lacks chunk 2 of $(sed -n 's/^chunks: //p' chunks.facts). Copy all its chunks to the same folder" -- \
	verify bad/chunks/sample.erofs
refuse "no archive" 1 "facts carries no usable archive. It is too short for an identifier" -- verify facts
refuse "no file" 1 "missing carries no usable archive. Cannot open it: No such file or directory" -- verify missing
