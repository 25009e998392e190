# shellcheck shell=bash
# TAP on standard output for test programs in bash (they may use set -e). Source it, call tap_case …,
# end with tap_end.
tap_count=0
tap_failed=0

tap_case() { # <0: passed> <what>
	tap_count=$((tap_count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $tap_count - $2"
	else
		tap_failed=$((tap_failed + 1))
		echo "not ok $tap_count - $2"
	fi
}

# Run a command as a case: passed when it succeeds; its words become diagnostics.
tap_run() { # <what> <command...>
	local what=$1 status=0 said
	shift
	said=$("$@" 2>&1) || status=$?
	tap_case "$status" "$what"
	if [ "$status" != 0 ]; then sed 's/^/# /' <<<"$said"; fi
}

# A background process ends well. Not by tap_run: a subshell does not wait for its parent's.
tap_wait() { # <what> <process>
	local status=0
	wait "$2" || status=$?
	tap_case "$status" "$1"
}

# The cases a guest wrote to its result port, under a prefix; a plan that was not kept is a failure.
tap_import() { # <file> <prefix>
	local line plan='' seen=0
	while IFS= read -r line; do
		case $line in
		1..*) plan=${line#1..} ;;
		'ok '*) seen=$((seen + 1)); tap_case 0 "$2: ${line#ok * - }" ;;
		'not ok '*) seen=$((seen + 1)); tap_case 1 "$2: ${line#not ok * - }" ;;
		*) echo "# $line" ;;
		esac
	done <"$1"
	local kept=1
	if [ "$plan" = "$seen" ] && grep -q '^# end of the run' "$1"; then kept=0; fi
	tap_case $kept "$2: the guest kept its plan (${plan:-none}, $seen cases)"
}

# Kernel lines begin with their time; a login prompt or a unit's text may hold any word.
tap_clean_log() { # <console> <prefix>
	local bad='' found=0
	[ -s "$1" ] || bad="there is no console log"
	[ -n "$bad" ] || bad=$(grep -aE '^\[ *[0-9.]+\].*(BUG|WARNING|KASAN|UBSAN|Oops|lockdep|possible (circular|recursive)|INFO: task|general protection)' "$1") || found=$?
	# 1 is grep's word for "none"
	[ -n "$bad" ] || [ $found = 1 ] || bad="the console log could not be read"
	if [ -z "$bad" ]; then
		tap_case 0 "$2: kernel log is clean"
	else
		tap_case 1 "$2: kernel log is clean"
		sed 's/^/# /' <<<"$bad"
	fi
}

tap_end() {
	echo "1..$tap_count"
	[ "$tap_failed" = 0 ]
}
