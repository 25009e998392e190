#!/bin/bash
# dracut module: everything "ukiblk boot" needs to find an archive on any machine and make it the root.
# Decisions are the tool's; this file only installs things.
# shellcheck disable=SC2154 # the variables are dracut's

# only on request (--add ukiblk, or --modules ukiblk for an initrd with nothing else)
check() {
	require_binaries ukiblk /usr/lib/ukiblk/ukiblk-keeper dmsetup || return 1
	return 255
}

depends() {
	# An initrd without systemd is what was asked for (--omit systemd), or all that can be had.
	if [[ " $omit_dracutmodules " == *" systemd "* || " $omit_dracutmodules " == *" systemd-initrd "* ]] ||
		! find_binary "$systemdutildir/systemd" >/dev/null; then
		echo base
	else
		echo "systemd-initrd systemd-udevd"
	fi
}

cmdline() {
	return 0	# root=ukiblk:<root hash> is the UKI's to say
}

installkernel() {
	# the archive and what stands on it
	hostonly='' instmods ukiblk dm-mod dm-verity reed_solomon erofs overlay loop brd
	hostonly='' instmods -s sha256-ssse3	# not in every kernel: the processor's SHA-256 may be built in
	# carriers, where the firmware says it booted from, buses and disks that firmware can boot from, keyboards for the last page
	hostonly='' instmods vfat exfat isofs nls_cp437 nls_ascii nls_iso8859-1 nls_utf8 efivarfs \
		"=drivers/usb/host" "=drivers/usb/storage" sd_mod sr_mod "=drivers/mmc" "=drivers/misc/cardreader" "=drivers/pinctrl" \
		nvme vmd ahci ata_piix ata_generic mpt3sas megaraid_sas smartpqi hpsa aacraid \
		virtio_pci virtio_blk virtio_scsi virtio_console usbhid hid-generic i2c-hid-acpi xen-blkfront hv_storvsc vmw_pvscsi
	# The initrd is compressed as a whole: what is compressed twice only costs time at every start.
	find "$initdir"/lib/modules/ -name '*.ko.xz' -exec xz -d {} +
	find "$initdir"/lib/modules/ -name '*.ko.zst' -exec zstd -q -d --rm {} +
	find "$initdir"/lib/modules/ -name '*.ko.gz' -exec gzip -d {} +
}

install() {
	local unit
	inst_simple /usr/lib/os-release
	inst_multiple sh ukiblk /usr/lib/ukiblk/ukiblk-keeper dmsetup modprobe mount umount mkdir ln
	inst_rules 55-dm.rules 60-persistent-storage.rules 60-persistent-storage-dm.rules 95-dm-notify.rules 10-dm.rules 13-dm-disk.rules
	inst_rules "$moddir/80-ukiblk.rules"	# keeps udev's knowledge of the devices across the switch of the root
	for unit in modprobe modules-load; do inst_simple "$moddir/ukiblk-$unit.conf" /etc/$unit.d/ukiblk.conf; done
	inst_hook cmdline 90 "$moddir/ukiblk-parse.sh"
	if dracut_module_included systemd; then
		# systemd takes nothing without it for an initrd; dracut 059 leaves it to its other modules
		[ -e "$initdir/etc/initrd-release" ] || : >"$initdir/etc/initrd-release"
		inst_script "$moddir/ukiblk-generator.sh" "$systemdutildir/system-generators/ukiblk-generator"
		for unit in boot keeper exit@ failed ram; do inst_simple "$moddir/ukiblk-$unit.service" "$systemdsystemunitdir/ukiblk-$unit.service"; done
		$SYSTEMCTL -q --root "$initdir" add-wants initrd.target ukiblk-ram.service
		for unit in {,dracut-}emergency rescue; do inst_simple "$moddir/ukiblk-emergency.conf" "$systemdsystemunitdir/$unit.service.d/ukiblk.conf"; done
	else
		for unit in {,shutdown-}emergency; do inst_hook $unit 01 "$moddir/ukiblk-emergency.sh"; done
		inst_hook mount 10 "$moddir/ukiblk-mount.sh"
	fi
}
