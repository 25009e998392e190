# shellcheck shell=bash
# shellcheck disable=SC2154 # $out is the caller's
# In the tools tree with the staged installation: the initrds and images of the boot tests. Source it with $out set.
release=${release:-$(ls /usr/lib/modules)}
depmod "$release"

# As "ukiblk build" would make it.
initrd() { # <output> <options of dracut...>
	dracut --quiet --force --no-hostonly --no-hostonly-cmdline --no-early-microcode --reproducible --zstd --modules "${modules:-ukiblk}" \
		--kver "$release" "${@:2}" "$1"
}

# Of $out/root and $out/initrd, unless $root and $initrd say otherwise; its $name is "tiny".
image() { # <folder> <kernel command line> <options of ukiblk build...>
	mkdir -p "$out/$1"
	ukiblk build --root "${root:-$out/root}" --kernel "/boot/vmlinuz-$release" --os-release /usr/lib/os-release --initrd "${initrd:-$out/initrd}" \
		--name "${name:-tiny}" --output "$out/$1" --cmdline "$2" --compression lz4 "${@:3}"
}

# What makes a ramdisk in the running system: the kernel's module, for $out/root.
add_ramdisk() {
	local modules=$out/root/usr/lib/modules/$release
	mkdir -p "$modules/kernel"
	cp "$(find "/usr/lib/modules/$release" -name 'brd.ko*')" "$modules/kernel"
	cp "/usr/lib/modules/$release/"modules.{order,builtin} "$modules"
	depmod -b "$out/root" "$release"
}
