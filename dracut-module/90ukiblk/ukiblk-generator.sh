#!/bin/sh
# With root=ukiblk:<root hash> the service mounts /sysroot. systemd-fstab-generator would make a mount
# unit from root= that cannot work; the one written here comes before it and only waits for the service.
early=$2
set -f
ours=
read -r cmdline </proc/cmdline
for word in $cmdline; do
	case $word in
	root=ukiblk:*) ours=yes ;;
	root=*) ours= ;;
	esac
done
[ -n "$ours" ] || exit 0

printf '%s\n' '[Unit]' 'Description=Root on a verified archive' Requires=ukiblk-boot.service \
	Wants=ukiblk-keeper.service After=ukiblk-boot.service After=ukiblk-keeper.service Before=initrd-root-fs.target \
	'[Mount]' What=ukiblk Where=/sysroot Type=overlay >"$early/sysroot.mount"
mkdir -p "$early/initrd-root-fs.target.requires"
ln -sf ../sysroot.mount "$early/initrd-root-fs.target.requires/sysroot.mount"
