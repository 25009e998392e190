# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # variables of "parts" and of other parts
# SIGINT and SIGTERM in the middle: a sentence, exit code 1, and nothing is left. mkfs.erofs waits
# for its input, so the middle is where the test wants it.
mkdir out
mkfifo input

# The signal goes to ukiblk only (a service manager's or kill's way), or to its whole group (Ctrl-C).
stop_it() { # <signal> <group: yes|no>
	local pid status=0 target i
	setsid ukiblk pack - --name x --output out <input >"$words.out" 2>"$words.err" &
	pid=$!
	exec 7>input
	# It is at work when its folder is there and a child runs.
	for ((i = 0; i < 200; i++)); do
		[ -n "$(ls -A out)" ] && [ -n "$(cat "/proc/$pid/task/$pid/children")" ] && break
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
holds "nothing was left" no_leftovers
