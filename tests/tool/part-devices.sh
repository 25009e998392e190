# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # variables of "parts" and of other parts
# attach, detach, status and boot, as far as they answer before any device is made.
make_tree tree
mkdir chunks
ukiblk pack tree --name sample --output . --compression lz4 >facts
ukiblk pack tree --name sample --output chunks --compression lz4 --chunk-size 128K >/dev/null
root_hash=$(sed -n 's/^root-hash: //p' facts)
zeros=$(printf '0%.0s' {1..64})

refuse "attach without a word on trust" 2 "Give either --root-hash or --unverified" -- attach sample.erofs
refuse "attach with both words" 2 "Give either --root-hash or --unverified" -- attach sample.erofs --root-hash "$root_hash" --unverified
for hash in '' 0 "${root_hash}0" "${root_hash:1}" "${root_hash:1}g" "0x${root_hash:2}" " ${root_hash:1}"; do
	refuse "the root hash \"$hash\"" 2 "The root hash is not 64 hexadecimal digits" -- attach sample.erofs "--root-hash=$hash"
done
for name in '' 'a b' a/b -x; do
	refuse "attach with the name \"$name\"" 2 "\"$name\" cannot be a name" -- attach sample.erofs --unverified "--name=$name"
done
refuse "attach of no file" 1 "none.erofs carries no usable archive. Cannot open it: No such file or directory" -- \
	attach none.erofs --root-hash "$root_hash"
refuse "attach of another file" 1 "facts carries no usable archive. It is too short for an identifier" -- attach facts --unverified
mismatch="Archive \"sample\" does not match the root hash: it is another one, or its hash tree is damaged"
refuse "attach with another root hash" 4 "$mismatch" -- attach sample.erofs --root-hash "$zeros"
refuse "attach of chunks with another root hash" 4 "$mismatch" -- attach chunks/sample.erofs.001 --root-hash "$zeros"
# The identifier names the wanted root hash, the payload is not of it: hints are not believed.
cp sample.erofs forged.erofs
"$corpus/identifier/forge" forged.erofs 208:8=0
wish=0000000000000000${root_hash:16}
refuse "attach of a forged identifier" 4 "$mismatch" -- attach forged.erofs --root-hash "$wish"
cp sample.erofs damaged.erofs
hash_offset=$(ukiblk inspect sample.erofs | sed -n 's/^hash-offset: //p')
printf '\x00\x01' | dd of=damaged.erofs bs=1 seek=$((hash_offset + 4096 + 10)) conv=notrunc status=none
refuse "attach of a damaged root block" 4 "$mismatch" -- attach damaged.erofs --root-hash "$root_hash"
rm chunks/sample.erofs.002
refuse "attach with a missing chunk" 1 "Archive \"sample\" lacks chunk 3 of *. Copy all its chunks to the same folder" -- \
	attach chunks/sample.erofs --root-hash "$root_hash"

refuse "detach of nothing" 1 "There is no device named ukiblk-no-such-archive" -- detach no-such-archive
refuse "detach of nothing by its node" 1 "There is no device named ukiblk-no-such-archive" -- detach /dev/mapper/ukiblk-no-such-archive-verity
refuse "status of nothing" 1 "There is no device named no-such-archive" -- status no-such-archive
refuse "status --errors of nothing" 1 "There is no device named no-such-archive" -- status --errors no-such-archive

# boot reads the command line before it looks at any device.
boot_refused() { # <what> <command line> <sentence>
	printf '%s\n' "$2" >cmdline
	refuse "boot: $1" 1 "$3" -- boot --cmdline cmdline
}
refuse "boot: no command line" 1 "Cannot read none: No such file or directory" -- boot --cmdline none
boot_refused "not our root" "quiet root=/dev/sda1" "The kernel command line has no root=ukiblk:<root hash>"
does "boot --failed: not our root, nothing to say" boot --failed --cmdline cmdline
boot_refused "the last root counts" "root=ukiblk:$root_hash root=/dev/sda1" "The kernel command line has no root=ukiblk:<root hash>"
boot_refused "a short root hash" "root=ukiblk:${root_hash:1}" "root=ukiblk: must be followed by the 64 hexadecimal digits of the root hash"
boot_refused "a bad timeout" "root=ukiblk:$root_hash rd.ukiblk.timeout=soon" \
	"rd.ukiblk.timeout=soon is not a number of seconds from 1 to 86400"
boot_refused "a bad overlay" "rd.ukiblk.overlay=disk root=ukiblk:$root_hash" \
	"rd.ukiblk.overlay=disk is neither tmpfs nor tmpfs,size= with a size or percentage"
boot_refused "a misspelt word" "root=ukiblk:$root_hash rd.ukiblk.tiemout=5" \
	"The kernel command line's word \"rd.ukiblk.tiemout=5\" is not understood"
