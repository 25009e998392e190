# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # variables of "parts" and of other parts
# SIGINT and SIGTERM in the middle: a sentence, exit code 1, and nothing is left. The
# input is ours, so the middle is where the test wants it.
mkdir out
mkfifo input

# The signal goes to ukiblk only (a service manager's or kill's way), or to its whole group (Ctrl-C).
stop_it() { # <signal> <group: yes|no>
	local pid status=0 target i
	setsid ukiblk pack - --name x --output out <input >"$words.out" 2>"$words.err" &
	pid=$!
	exec 7>input
	# It is at work when its folder is there.
	for ((i = 0; i < 200; i++)); do
		[ -n "$(ls -A out)" ] && break
		sleep 0.05
	done
	target=$pid
	[ "$2" = no ] || target=-$pid
	kill -s "$1" -- "$target"
	sleep 0.2
	exec 7>&-
	for ((i = 0; i < 400; i++)); do
		[ -e "/proc/$pid/exe" ] || break
		sleep 0.05
	done
	[ "$i" -lt 400 ] || { echo "it did not end"; kill -s KILL -- "-$pid"; }
	wait "$pid" || status=$?
	equal "$status" 1 && equal "$(cat "$words.err")" "ukiblk: Stopped while reading standard input." &&
		[ ! -s "$words.out" ] && equal "$(ls -A out)" ""
}
for signal in INT TERM; do
	holds "SIG$signal to the program" stop_it $signal no
	holds "SIG$signal to its group" stop_it $signal yes
done

# While another program is at work: it is ended, not waited for. What urandom gives takes zstd,max long.
mkdir big
head -c 150000000 /dev/urandom >big/file
stop_mkfs() {
	local pid status=0 child='' start=$SECONDS
	ukiblk pack big --name x --output out --compression zstd,max >"$words.out" 2>"$words.err" &
	pid=$!
	while [ -z "$child" ]; do
		sleep 0.1
		child=$(cat "/proc/$pid/task/$pid/children")
	done
	kill -s TERM $pid
	wait $pid || status=$?
	equal "$status" 1 && equal "$(cat "$words.err")" "ukiblk: Stopped while mkfs.erofs was at work." && [ ! -e "/proc/${child% }" ] &&
		[ $((SECONDS - start)) -lt 10 ]
}
holds "SIGTERM while mkfs.erofs is at work ends that too" stop_mkfs

# What a person at a terminal sees meanwhile; everybody else sees nothing (every "does" asserts that).
at_terminal() {
	timeout 60 script -qec "timeout --foreground -s INT 3 ukiblk pack big --name x --output out --compression zstd,max" typescript >/dev/null </dev/null ||
		:	# it was stopped
	grep -aq "packing (mkfs.erofs): 1 s" typescript
}
holds "a terminal shows that mkfs.erofs is at work, and for how long" at_terminal
does "pack without compression" pack big --name x --output out --compression none
verify_at_terminal() {
	script -qec "ukiblk verify out/x.erofs" typescript >/dev/null </dev/null && grep -a 'all 36622 data blocks match' typescript
}
holds "verify at a terminal" verify_at_terminal
rm -rf big out/x.erofs
holds "nothing was left" no_leftovers
