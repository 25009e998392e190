# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # variables of "parts" and of other parts
# build: its .efi and .erofs in every mode, taken apart by binutils; dracut's arguments; what it refuses.
release=$(ls /usr/lib/modules)
kernel=/boot/vmlinuz-$release
make_tree tree
echo initrd >initrd
printf 'ID=test\nPRETTY_NAME="Test"\n' >os-release
mkdir auto embedded split split-64k

build=(build --root tree --kernel "$kernel" --os-release os-release --name sample --compression lz4)
given=("${build[@]}" --initrd initrd)

section() { objcopy --dump-section "$2=$words.section" "$1" "$words.copy" && cat "$words.section"; }
section_text() { section "$1" "$2" | tr -d '\0'; }
sections_are() { # <efi file> <command line>
	equal "$(section_text "$1" .cmdline)" "$2" && equal "$(section_text "$1" .uname)" "$release" &&
		equal "$(section_text "$1" .osrel)" "$(cat os-release)" &&
		section "$1" .linux | cmp - "$kernel" && section "$1" .initrd | cmp - initrd
}

# --- each mode
does "auto" "${given[@]}" --output auto --cmdline "quiet console=ttyS0"
holds "auto: a small one is embedded" equal "$(fact mode)" embedded
root_hash=$(fact root-hash)
holds "auto: one file" equal "$(ls -A auto)" sample.efi
holds "auto: its sections" sections_are auto/sample.efi "root=ukiblk:$root_hash quiet console=ttyS0"
does "embedded" "${given[@]}" --output embedded --mode embedded
holds "embedded: one file" equal "$(ls -A embedded)" sample.efi
holds "embedded: the mode" equal "$(fact mode)" embedded
holds "embedded: its sections" sections_are embedded/sample.efi "root=ukiblk:$root_hash"
does "split" "${given[@]}" --output split --mode split
holds "split: the mode" equal "$(fact mode)" split
holds "split: two files" equal "$(ls -A split | tr '\n' ' ')" "sample.efi sample.erofs "
holds "split: its sections" sections_are split/sample.efi "root=ukiblk:$root_hash"
holds "split: veritysetup verifies the archive" verity_holds split/sample.erofs "$root_hash"
holds "split: unpacked again it is the tree" holds_tree split/sample.erofs tree
refuse "split: the .efi holds no archive" 1 "split/sample.efi carries no usable archive: No identifier at its end" -- inspect split/sample.efi
holds "embedded: its payload is the archive of split" cmp <(payload embedded/sample.efi) <(head -c -4096 split/sample.erofs)
does "split in chunks" "${given[@]}" --output split-64k --mode split --chunk-size 64K
holds "split in chunks: the same .efi" same_bytes split-64k/sample.efi split/sample.efi
chunks=$(fact chunks)
holds "split in chunks: its files" equal "$(find split-64k -type f | wc -l)" $((chunks + 1))
does "embedded of chunks" "${given[@]}" --output split-64k --force --mode embedded --chunk-size 64K
holds "embedded of chunks: the same .efi" same_bytes split-64k/sample.efi embedded/sample.efi
holds "embedded of chunks: --force took the old chunks away" equal "$(ls -A split-64k)" sample.efi
mkdir packed
ukiblk pack tree --name sample --compression lz4 --output packed >/dev/null
holds "the archive is the one of pack" same_bytes packed/sample.erofs split/sample.erofs

# --- dracut, as a program that tells how it was called
mkdir -p bin with-dracut
cat >bin/dracut <<'END'
#!/bin/sh
printf '%s\n' "$@" >"$DRACUT_SAID"
[ -z "$DRACUT_FAILS" ] || { echo "no such module" >&2; exit 7; }
for output; do :; done
cp "$DRACUT_INITRD" "$output"
END
chmod +x bin/dracut
export DRACUT_SAID=$scratch/dracut-said DRACUT_INITRD=$PWD/initrd DRACUT_FAILS=
dracut_said() { # <words that must follow each other>
	tr '\n' ' ' <"$DRACUT_SAID" | grep -qF -- " $1 " || { cat "$DRACUT_SAID"; return 1; }
}
PATH=$PWD/bin:$PATH does "with dracut" "${build[@]}" --output with-dracut
holds "with dracut: its initrd is inside" sections_are with-dracut/sample.efi "root=ukiblk:$root_hash"
holds "with dracut: nothing else was left" equal "$(ls -A with-dracut)" sample.efi
holds "with dracut: for any machine, ukiblk inside" dracut_said "--modules ukiblk"
holds "with dracut: for any machine" dracut_said "--no-hostonly --no-hostonly-cmdline"
holds "with dracut: the kernel's release" dracut_said "--kver $release"
no_kmoddir() { ! grep -q kmoddir "$DRACUT_SAID"; }
holds "with dracut: the host's modules" no_kmoddir
PATH=$PWD/bin:$PATH does "--modules" "${build[@]}" --output with-dracut --force --modules /usr/lib/modules/"$release"
holds "--modules: dracut gets them" dracut_said "--kmoddir /usr/lib/modules/$release"
mkdir -p "tree/usr/lib/modules/$release"
PATH=$PWD/bin:$PATH does "modules in the tree" "${build[@]}" --output with-dracut --force
holds "modules in the tree: dracut gets them" dracut_said "--kmoddir tree/usr/lib/modules/$release"
rm -r tree/usr/lib/modules

# --- refused
mkdir out
failing() { # <what> <sentence> <options that differ>
	refuse "$1" 1 "$2" -- "${given[@]}" --output out "${@:3}"
}
failing "no kernel" "Cannot read missing: No such file or directory" --kernel missing
failing "no os-release" "Cannot read missing: No such file or directory" --os-release missing
failing "no initrd" "Cannot read missing: No such file or directory" --initrd missing
failing "no stub" "Cannot read missing: No such file or directory" --stub missing
failing "a text as kernel" "os-release is not a Linux kernel image (bzImage)" --kernel os-release
failing "a UKI as kernel" "split/sample.efi is not a Linux kernel image (bzImage)" --kernel split/sample.efi
head -c 1000 "$kernel" >cut-kernel
failing "a cut kernel" "cut-kernel is not a Linux kernel image (bzImage)" --kernel cut-kernel
failing "a folder as kernel" "tree is not a Linux kernel image (bzImage)" --kernel tree
failing "a text as stub" "ukify failed with exit code 1: *" --stub os-release
failing "no root tree" "Cannot read the root tree missing: No such file or directory" --root missing
failing "a tar file that is none" "os-release is not a whole tar file. tar failed with exit code 2: *" --root os-release
failing "no kernel configuration" "Cannot read the kernel configuration missing: No such file or directory" --kernel-config missing
: >config
failing "a kernel without lz4" "The kernel cannot read lz4 archives (CONFIG_EROFS_FS_ZIP is not set). Use --compression none" --kernel-config config
# Found beside the kernel, by its release.
mkdir boot
cp "$kernel" boot/vmlinuz
cp config "boot/config-$release"
failing "a kernel without lz4, found" "The kernel cannot read lz4 archives (CONFIG_EROFS_FS_ZIP is not set). Use --compression none" --kernel boot/vmlinuz
bare=$(stat -c %s split/sample.efi) embedded=$(stat -c %s embedded/sample.efi)
failing "--max-size below the bare .efi" "The .efi has $bare bytes without its archive, more than the $((bare - 1)) allowed. Use a smaller initrd" \
	--mode split --max-size $((bare - 1))
failing "--max-size below the embedded .efi" "With its archive the .efi would have $embedded bytes, more than the $((embedded - 1)) allowed. Use split mode" \
	--mode embedded --max-size $((embedded - 1))
mkdir fits
does "auto: too large to be embedded" "${given[@]}" --output fits --max-size $((embedded - 1))
holds "auto: too large to be embedded: split" equal "$(fact mode) $(ls -A fits | tr '\n' ' ')" "split sample.efi sample.erofs "
does "auto: just small enough" "${given[@]}" --output fits --force --max-size "$embedded"
holds "auto: just small enough: embedded" equal "$(fact mode) $(ls -A fits | tr '\n' ' ')" "embedded sample.efi "
failing "no output folder" "Cannot write to the output folder missing: No such file or directory" --output missing
failing "the output in the tree" "The output folder lies inside the root tree tree. Give another one with --output" --output tree/etc
refuse "a result that is there" 1 "auto/sample.efi exists already. Use --force to replace it" -- "${given[@]}" --output auto
refuse "an archive that is there" 1 "packed/sample.erofs exists already. Use --force to replace it" -- "${given[@]}" --output packed
DRACUT_FAILS=yes PATH=$PWD/bin:$PATH refuse "dracut fails" 1 "dracut failed with exit code 7: no such module" -- "${build[@]}" --output out
mkdir few
ukiblk=(timeout --kill-after=5 120 env PATH="$PWD/few" /usr/bin/ukiblk)
ln -s /usr/bin/mkfs.erofs few
refuse "no ukify" 1 "The program ukify is not installed" -- "${given[@]}" --output out
refuse "no dracut" 1 "The program dracut is not installed" -- "${build[@]}" --output out
holds "nothing was left" no_leftovers
ukiblk=(timeout --kill-after=5 120 ukiblk)
