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

# The way to a root on a disk is short; the rest is for the real root, which does all of this again.
# Nodes and modes in /dev: these run one after the other before udev may start, and serve programs
# that open a device to have its driver loaded. Here drivers are loaded by name and by the hardware's.
for unit in kmod-static-nodes systemd-tmpfiles-setup-dev-early systemd-tmpfiles-setup-dev; do
	ln -sf /dev/null "$early/$unit.service"
done
# Events for devices that are there before udev: not for those that are many and lead to no disk,
# keyboard or screen. Of 32 GiB of memory alone there are 256. "module block" starts the polling of
# drives with removable media.
mkdir -p "$early/systemd-udev-trigger.service.d"
{
	printf '%s\n' '[Service]' ExecStart= 'ExecStart=-udevadm trigger --action=add --type=subsystems --subsystem-match=module --sysname-match=block'
	printf 'ExecStart=-udevadm trigger --action=add --type=devices'
	printf ' --subsystem-nomatch=%s' bdi clockevents clocksource cpu cpuid dmi event_source hwmon leds machinecheck mem memory \
		memory_tiering msr node sound thermal tty vc wakeup workqueue
	printf '\n'
} >"$early/systemd-udev-trigger.service.d/ukiblk.conf"
