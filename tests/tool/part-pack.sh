# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # variables of "parts" and of other parts
# pack: what it makes, measured with other programs; that it repeats itself; what it refuses.
make_tree tree
mkdir out
tar -C tree --numeric-owner -cf tree.tar .

# --- what it makes
pack_facts() { equal "$(fact name)/$(fact chunks)" "sample/1" && [[ $(fact root-hash) =~ ^[0-9a-f]{64}$ ]]; }
pack_file() { # <file>: a whole archive: payload, identifier, nothing else
	equal "$(stat -c '%a %s' "$1")" "644 $(($(fact size) + 4096))"
	equal "$(tail -c 4096 "$1" | head -c 14)" "UKIBLK ARCHIVE"
}
does "a folder" pack tree --name sample --output out
holds "a folder: its facts" pack_facts
root_hash=$(fact root-hash)
holds "a folder: payload and identifier" pack_file out/sample.erofs
holds "a folder: veritysetup verifies it" verity_holds out/sample.erofs "$root_hash"
holds "a folder: fsck.erofs is content" fsck.erofs out/sample.erofs
holds "a folder: unpacked again it is the tree" holds_tree out/sample.erofs tree
holds "a folder: nothing else was left" equal "$(ls -A out)" sample.erofs
wrong_hash() { ! verity_holds out/sample.erofs "${root_hash:0:63}$(tr '0-9a-f' '1-9a-f0' <<<"${root_hash:63}")"; }
holds "a folder: veritysetup does not verify another root hash" wrong_hash

pack_and_check_tar() { # <what> <source>
	does "$1" pack "$2" --name sample --output "$1"
	holds "$1: veritysetup verifies it" verity_holds "$1/sample.erofs" "$(fact root-hash)"
	holds "$1: unpacked again it is the tree" holds_tree "$1/sample.erofs" tree
}
mkdir tar stdin
pack_and_check_tar tar tree.tar
pack_and_check_tar stdin - <tree.tar
holds "a tar file gives the same bytes on standard input" same_bytes tar/sample.erofs stdin/sample.erofs

mkdir nothing
does "an empty folder" pack nothing --name empty --output out
holds "an empty folder: veritysetup verifies it" verity_holds out/empty.erofs "$(fact root-hash)"
holds "an empty folder: unpacked again it is empty" holds_tree out/empty.erofs nothing

mkdir lz4 lzma deflate none
for compression in lz4 lzma deflate none; do
	does "--compression $compression" pack tree --name sample --output $compression --compression $compression
	holds "--compression $compression: veritysetup verifies it" verity_holds $compression/sample.erofs "$(fact root-hash)"
	holds "--compression $compression: unpacked again it is the tree" holds_tree $compression/sample.erofs tree
done
not_larger() { [ "$(stat -c %s lz4/sample.erofs)" -lt "$(stat -c %s none/sample.erofs)" ]; }
holds "compressed is smaller" not_larger

# --- chunks
chunk_sizes() { # <folder> <largest>
	local file
	for file in "$1"/sample.erofs*; do
		[ "$(stat -c %s "$file")" -le "$2" ] && [ $(($(stat -c %s "$file") % 4096)) = 0 ] || { ls -l "$1"; return 1; }
	done
}
chunk_names() { # <folder> <count>
	equal "$(ls -A "$1" | tr '\n' ' ')" "sample.erofs $(seq -f 'sample.erofs.%03g' $(($2 - 1)) | tr '\n' ' ')"
}
joined() { local file; for file in "$1"/sample.erofs*; do head -c -4096 "$file"; done; }
same_payload() { cmp <(joined "$1") <(head -c -4096 "$2"); }
mkdir chunks odd
does "chunks of 64K" pack tree --name sample --output chunks --chunk-size 64K
holds "chunks of 64K: the same root hash" equal "$(fact root-hash)" "$root_hash"
holds "chunks of 64K: more than three" test "$(fact chunks)" -gt 3
holds "chunks of 64K: their names" chunk_names chunks "$(fact chunks)"
holds "chunks of 64K: their sizes" chunk_sizes chunks 65536
holds "chunks of 64K: all but the last are full" equal "$(find chunks -type f -size -65536c | wc -l)" 1
holds "chunks of 64K: together the archive of one file" same_payload chunks out/sample.erofs
does "chunks of 70000 bytes" pack tree --name sample --output odd --chunk-size 70000
holds "chunks of 70000 bytes: their sizes" chunk_sizes odd 70000
holds "chunks of 70000 bytes: together the archive of one file" same_payload odd out/sample.erofs

# An archive of exactly COUNT full chunks of 15 blocks and their identifiers: the file grows until it fits.
exactly() { # <count>
	local blocks
	mkdir exact
	for ((blocks = 15 * $1 - 3; blocks > 0; blocks--)); do
		head -c $((blocks * 4096)) /dev/urandom >exact/file
		rm -f full/*
		check_good pack exact --name sample --output full --compression none --chunk-size 64K || return 1
		[ "$(fact size)" != $((61440 * $1)) ] || break
	done
	rm -r exact
	equal "$(fact chunks)" "$1" && chunk_names full "$1" && equal "$(find full -size 65536c | wc -l)" "$1"
}
mkdir full
holds "an archive that fills one chunk" exactly 1
holds "an archive that fills two chunks" exactly 2
mkdir sparse
truncate -s 64M sparse/file
refuse "more than a thousand chunks" 1 "The archive would have 1*[0-9] chunks; at most 1000 are possible. Use a larger --chunk-size" -- \
	pack sparse --name x --output out --compression none --chunk-size 64K
rm -r sparse

# --- the same again
pack_again() { # <folder> <source> <command before ukiblk...>
	mkdir -p "again/$1"
	"${@:3}" ukiblk pack "$2" --name sample --output "$PWD/again/$1" >"$words.out" && cmp "again/$1/sample.erofs" out/sample.erofs
}
holds "the same bytes the second time" pack_again second tree
holds "the same bytes from another folder" pack_again folder "$PWD/tree" env -C /
holds "the same bytes under another umask" pack_again umask tree sh -c 'umask 077; exec "$@"' sh
holds "the same bytes in another time zone and language" pack_again zone tree env TZ=Asia/Tokyo LC_ALL=de_DE.UTF-8 LANG=de_DE.UTF-8
cp -a tree elsewhere
holds "the same bytes of a copy of the tree" pack_again copy elsewhere
differs() { ! pack_again "$@" 2>"$words.err" && [ ! -s "$words.err" ] && [ -s "again/$1/sample.erofs" ]; }
same_epoch() {
	mkdir again/same-epoch
	SOURCE_DATE_EPOCH=1700000000 ukiblk pack elsewhere --name sample --output again/same-epoch >"$words.out" &&
		cmp again/same-epoch/sample.erofs again/epoch/sample.erofs
}
holds "other bytes with SOURCE_DATE_EPOCH" differs epoch tree env SOURCE_DATE_EPOCH=1700000000
holds "other bytes with SOURCE_DATE_EPOCH: the tree's older times are kept" holds_tree again/epoch/sample.erofs tree
holds "the same bytes with the same SOURCE_DATE_EPOCH" same_epoch
touch elsewhere/one-more
holds "other bytes of another tree" differs other elsewhere

pack_seed() { # <folder> <seed>
	mkdir -p "again/$1"
	ukiblk pack tree --name sample --output "again/$1" --seed "$2" >"$words.out"
}
seeds_differ() {
	pack_seed one a && pack_seed two a && pack_seed three b && cmp again/one/sample.erofs again/two/sample.erofs &&
		! cmp -s again/one/sample.erofs again/three/sample.erofs && ! cmp -s again/one/sample.erofs out/sample.erofs &&
		holds_tree again/three/sample.erofs tree && verity_holds again/three/sample.erofs "$(fact root-hash)"
}
holds "--seed: the same bytes with the same one, others with another" seeds_differ

# --- what is there already
refuse "a result that is there" 1 "out/sample.erofs exists already. Use --force to replace it" -- pack tree --name sample --output out
: >out/part.erofs.004
refuse "a chunk that is there" 1 "out/part.erofs.004 exists already. Use --force to replace it" -- pack tree --name part --output out
: >out/uki.efi
refuse "a UKI of that name" 1 "out/uki.efi exists already. Use --force to replace it" -- pack tree --name uki --output out
cp chunks/sample.erofs.* out
does "--force" pack tree --name sample --output out --force
holds "--force: it verifies" verity_holds out/sample.erofs "$root_hash"
holds "--force: the chunks of the longer archive are gone" equal "$(ls -A out | tr '\n' ' ')" "empty.erofs part.erofs.004 sample.erofs uki.efi "

# --- where nothing can be read or written
: >file
refuse "no output folder" 1 "Cannot write to the output folder missing: No such file or directory" -- pack tree --name x --output missing
refuse "an output folder that is a file" 1 "Cannot write to the output folder file: Not a directory" -- pack tree --name x --output file
refuse "no root tree" 1 "Cannot read the root tree missing: No such file or directory" -- pack missing --name x --output out
refuse "a device as root tree" 1 "The root tree /dev/null is neither a folder nor a tar file" -- pack /dev/null --name x --output out
refuse "no tar file" 1 "/etc/passwd is not a whole tar file. tar failed with exit code 2: *" -- pack /etc/passwd --name x --output out
head -c 1000 tree.tar >cut.tar
refuse "a cut tar file" 1 "mkfs.erofs failed with exit code 1: *" -- pack cut.tar --name x --output out
refuse "a pipe that is not called -" 1 "The root tree /dev/fd/*[0-9] is neither a folder nor a tar file" -- pack <(cat tree.tar) --name x --output out
# mkfs.erofs by itself would never end on this one.
head -c $(($(stat -c %s tree.tar) / 2 / 512 * 512 + 100)) tree.tar >cut-deeper.tar
refuse "a tar file cut in the middle" 1 "cut-deeper.tar is not a whole tar file. tar failed with exit code 2: *" -- pack cut-deeper.tar --name x --output out
refuse "nothing on standard input" 1 "Standard input is not a whole tar file. tar failed with exit code 2: *" -- pack - --name x --output out
refuse "the output in the tree" 1 "The output folder lies inside the root tree tree. Give another one with --output" -- \
	pack tree --name x --output tree/usr
refuse "the output in the tree, unnamed" 1 "The output folder lies inside the root tree .. Give another one with --output" -- pack . --name x

# --- for a kernel
echo CONFIG_EROFS_FS_ZIP=y >config
refuse "a kernel without zstd" 1 "The kernel cannot read zstd archives (CONFIG_EROFS_FS_ZIP_ZSTD is not set). Use --compression lz4hc" -- \
	pack tree --name x --output out --kernel-config config
refuse "no kernel configuration" 1 "Cannot read the kernel configuration missing: No such file or directory" -- \
	pack tree --name x --output out --kernel-config missing
mkdir kernel
does "a kernel with lz4hc" pack tree --name sample --output kernel --kernel-config config --compression lz4hc,max
holds "a kernel with lz4hc: unpacked again it is the tree" holds_tree kernel/sample.erofs tree
does "the tree's own kernel" pack tree --name sample --output kernel --force --kernel-config /boot/config-*

# As nobody: root may do everything.
ukiblk=(timeout --kill-after=5 120 setpriv --reuid=65534 --regid=65534 --clear-groups ukiblk)
chmod 755 . ..
refuse "an output folder that may not be written" 1 "Cannot write to the output folder out: Permission denied" -- pack tree --name x --output out
mkdir open closed
chmod 777 open
chmod 700 closed
refuse "a root tree that may not be read" 1 "mkfs.erofs failed with exit code 1: *Permission denied" -- pack closed --name x --output open
refuse "a root tree in a folder that may not be entered" 1 "Cannot read the root tree closed/tree: Permission denied" -- \
	pack closed/tree --name x --output open
ukiblk=(timeout --kill-after=5 120 env PATH=/nowhere /usr/bin/ukiblk)
refuse "no mkfs.erofs" 1 "The program mkfs.erofs is not installed" -- pack tree --name x --output out
ukiblk=(timeout --kill-after=5 120 ukiblk)

# A full disk, at each stage: image, hash tree, identifier and chunks. The mounts go with the tree.
full_disk() { # <size> <sentence>
	mkdir -p disk
	mount -t tmpfs -o "size=$1" ukiblk-test disk
	refuse "a disk of $1 is full" 1 "$2" -- pack full-tree --name x --output disk --compression none --chunk-size 64K
	umount disk
}
mkdir full-tree
head -c 400000 /dev/urandom >full-tree/file
full_disk 64K 'mkfs.erofs failed with exit code 1: *'
full_disk 396K 'Cannot make the hash tree: *'
full_disk 432K 'Cannot write disk/.ukiblk-*/x.erofs.006: No space left on device'
holds "nothing was left" no_leftovers
