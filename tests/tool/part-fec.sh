# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # variables of "parts" and of other parts
# --fec: parity that veritysetup makes and reads as well; what verify says it can repair.
make_tree tree
head -c 3000000 /dev/urandom >tree/usr/share/larger
mkdir plain chunks bad roots
ukiblk pack tree --name sample --output plain --compression none >/dev/null
ukiblk pack tree --name sample --output . --compression none --fec >facts
ukiblk pack tree --name sample --output chunks --compression none --fec --chunk-size 512K >/dev/null
root_hash=$(sed -n 's/^root-hash: //p' facts)
does "inspect" inspect sample.erofs
hash_offset=$(fact hash-offset) fec_offset=$(fact fec-offset) salt=$(fact salt) uuid=$(fact uuid)
blocks=$(($(fact erofs) / 4096)) tree_blocks=$(((fec_offset - hash_offset) / 4096 - 1))
rounds=$(((blocks + tree_blocks + 252) / 253))
holds "two bytes of parity to a codeword, if nothing is said" equal "$(fact fec-roots)" 2
holds "the picture shows the parity" grep -q '^layout: \[#*h*f*\]$' "$words.out"
holds "the picture explains it" grep -q 'f parity' "$words.out"
holds "filesystem, tree and root hash are those without parity" cmp -n "$fec_offset" sample.erofs plain/sample.erofs
holds "the size is that of the parity more" equal "$(stat -c %s sample.erofs)" $((fec_offset + rounds * 2 * 4096 + 4096))

# Oracle: what veritysetup makes of the same filesystem, and what it thinks of ours.
by_hand() { # <roots> <our file>
	head -c "$hash_offset" plain/sample.erofs >by-hand
	veritysetup format --salt="$salt" --uuid="$uuid" --hash-offset="$hash_offset" --fec-device=by-hand --fec-offset="$fec_offset" --fec-roots="$1" \
		by-hand by-hand >/dev/null && cmp -n "$(stat -c %s by-hand)" by-hand "$2"
}
for count in 2 3 8 24; do
	does "--fec=$count" pack tree --name sample --force --output roots --compression none --fec="$count"
	holds "--fec=$count: the bytes are those of veritysetup" by_hand "$count" roots/sample.erofs
	does "--fec=$count: verify" verify roots/sample.erofs
done
good="archive \"sample\": all $blocks data blocks match the root hash, and the parity is right"
verifies() { check_good verify "$@" && equal "$(cat "$words.out")" "$good"; }
holds "verify reads the parity too" verifies sample.erofs --root-hash "$root_hash"
holds "verify reads the parity of chunks" verifies chunks/sample.erofs.002 --root-hash "$root_hash"
does "JSON" inspect --json sample.erofs
holds "JSON: where and how much" grep -q "\"fec-offset\": $fec_offset," "$words.out"
does "JSON of verify" verify --json sample.erofs
holds "JSON of verify: nothing is bad" grep -q '"bad-parity": 0,' "$words.out"

spoil() { # <block...>: of a fresh copy
	cp sample.erofs bad/sample.erofs
	for block; do head -c 4096 /dev/urandom | dd of=bad/sample.erofs bs=4096 seek="$block" conv=notrunc status=none; done
}
can="Its parity can repair all of them. Copy the file again before more is lost"
cannot="That is more than its parity can repair. Copy the file again"
says() { # <what> <how it begins> <how it ends>
	refuse "$1" 4 "Archive \"sample\" is damaged: $2 (bad/sample.erofs at byte *). $3" -- verify bad/sample.erofs --root-hash "$root_hash"
}
spoil 7
says "one block" "1 block does not match, the first is data block 7" "$can"
spoil $(seq 0 $((2 * rounds - 1)))
says "a run of two blocks a round" "$((2 * rounds)) blocks do not match, the first is data block 0" "$can"
spoil $(seq 0 $((2 * rounds)))
says "a run of one block more" "$((2 * rounds + 1)) blocks do not match, the first is data block 0" "$cannot"
tree=$((hash_offset / 4096 + 1))
spoil $tree
says "the root block" "1 block does not match, the first is hash tree block 0" "$can"
spoil $((tree + 2))
says "a block of hashes: what it should say is known" "1 block does not match, the first is hash tree block 2" "$can"
spoil $tree $((tree + rounds))
says "two tree blocks of one round" "* not match, the first is hash tree block 0" "$cannot"
spoil $tree $((blocks % rounds))
says "a tree block and a data block of one round" "* not match, the first is hash tree block 0" "$cannot"
spoil $((fec_offset / 4096))
refuse "parity only" 4 "The parity of archive \"sample\" is damaged; everything else matches the root hash. Copy the file again" -- verify bad/sample.erofs
# Rounds 0 and 1: parity of one, data of the other, and then of the same.
spoil $((fec_offset / 4096)) 1
says "parity of another round" "1 block does not match, the first is data block 1" "$can"
spoil $((fec_offset / 4096)) $((fec_offset / 4096 + 1)) 0
says "parity of the same round" "1 block does not match, the first is data block 0" "$cannot"
spoil $((2 * rounds))
says_json() { ! "${ukiblk[@]}" verify --json bad/sample.erofs 2>/dev/null | tr -d '\n' | grep -qv '"bad-blocks": 1, *"bad-parity": 0, *"repairable": true, *"first-bad": {'; }
holds "JSON: what can be repaired" says_json
# Oracle: veritysetup repairs it too.
repairs() { veritysetup verify --hash-offset="$hash_offset" --fec-device="$1" --fec-offset="$fec_offset" --fec-roots=2 "$1" "$1" "$root_hash" 2>&1 | grep -q 'repairable errors'; }
holds "veritysetup repairs it as well" repairs bad/sample.erofs

for roots in 0 1 25 two -1; do
	refuse "--fec=$roots" 2 "--fec \"$roots\" is not a number from 2 to 24" -- pack tree --name other "--fec=$roots"
done
printf 'CONFIG_EROFS_FS_ZIP=y\nCONFIG_DM_VERITY_FEC=n\n' >config
refuse "a kernel without it" 1 "The kernel cannot use parity (CONFIG_DM_VERITY_FEC is not set). Leave out --fec" -- \
	pack tree --name other --compression none --fec --kernel-config config

# An identifier that lies about its parity.
lies() { # <what> <forge's argument>
	cp sample.erofs bad/forged.erofs
	"$corpus/identifier/forge" bad/forged.erofs "$2"
	refuse "$1" 1 "bad/forged.erofs carries no usable archive: The identifier's error correction fields contradict each other" -- inspect bad/forged.erofs
}
lies "parity without roots" 168:4=0
lies "roots without parity" 160:8=0
lies "more parity than there is" 168:4=3
lies "25 roots" 168:4=25
lies "parity that begins in the tree" 160:8=$((fec_offset - 4096))
