#!/bin/sh
# Sourced by dracut's /init in an initrd without systemd, which sources mount hooks again and again
# until there is a root. The search has its own deadline (rd.ukiblk.timeout=): a failure is the end.
# shellcheck disable=SC2154 # the variables are dracut's
case $root in
ukiblk:*)
	ukiblk boot --sysroot "$NEWROOT" || die "No root: ukiblk boot ended with exit code $?."
	# it outlives this initrd, whose /run takes no programs
	[ ! -e /run/ukiblk/keeper.conf ] || /usr/lib/ukiblk/ukiblk-keeper run </dev/null >/dev/null 2>&1 &
	ukiblk ram boot	# as rd.ukiblk.ram= says; in the background, unless the system is to wait for it
	;;
esac
