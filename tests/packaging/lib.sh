# shellcheck shell=bash
# What both ways of installing share; inside a tree. From the caller: $release, the kernel.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/lib/tap.sh
. "$here/../lib/tap.sh"
# shellcheck disable=SC2034 # the caller's
release=$(ls /lib/modules)

field() { modinfo -k "$release" -F "$1" ukiblk; }
is() { # <field> <its value>
	[ "$(field "$1")" = "$2" ] || { echo "$1: \"$(field "$1")\""; return 1; }
}

# All a person wants to know of a module, found by its name: depmod has run.
check_modinfo() { # <version>
	tap_run "modinfo finds it by its name" field filename
	tap_run "and by its alias" test "$(modinfo -k "$release" -F name dm-ukiblk)" = ukiblk
	tap_run "author" is author "ukiblk maintainers"
	tap_run "description" is description "Device-mapper target over ranges of ordinary files"
	tap_run "license" is license GPL
	tap_run "alias" is alias dm-ukiblk
	tap_run "version" is version "$1"
	tap_run "parameters" is parm "max_extents:Most extents a table may have; each takes 16 bytes of memory (default 1048576) (uint)"
	tap_run "depends on device-mapper only" is depends dm-mod
	tap_run "made for this kernel" grep -q "^$release SMP " <<<"$(field vermagic)"
}
