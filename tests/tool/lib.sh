# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # variables of "parts" and of other parts
# What the parts share. Every part works in its own folder, the current one. From "parts" come $words,
# the files a command's words go to, $part, and ${ukiblk[@]}, the words before the verb.

# Every file below the current folder: a failed command must leave all as it was. (A folder's time
# changes with the hidden work folder that comes and goes.)
scene() { find . -type d -printf '%P %y %m\n' -o -printf '%P %y %m %s %i %T@ %l\n' | sort; }

# The sentence a failed command must say, all of it; "*" stands for what others write into it.
wanted_sentence() { # <exit code> <sentence> <verb>
	if [ "$1" = 2 ]; then echo "ukiblk $3: $2. See \"ukiblk $3 --help\"."; else echo "ukiblk: $2."; fi
}

check_refusal() { # <exit code> <sentence> <arguments of ukiblk...>
	local code=$1 sentence status=0 before good=0
	sentence=$(wanted_sentence "$1" "$2" "$3")
	shift 2
	before=$(scene)
	"${ukiblk[@]}" "$@" >"$words.out" 2>"$words.err" || status=$?
	[ "$status" = "$code" ] || { good=1; echo "exit code $status instead of $code"; }
	# shellcheck disable=SC2053 # a pattern
	[[ $(cat "$words.err") == $sentence ]] || { good=1; echo "wanted: $sentence"; echo "it said: $(cat "$words.err")"; }
	[ ! -s "$words.out" ] || { good=1; echo "on standard output: $(cat "$words.out")"; }
	[ "$(scene)" = "$before" ] || { good=1; diff <(echo "$before") <(scene); }
	[ $good = 0 ] || echo "repeat in a copy of the part's folder with: ukiblk ${*@Q}"
	return $good
}

# A case: the command fails so, says so, and changes nothing.
refuse() { # <what> <exit code> <sentence> -- <arguments of ukiblk...>
	local what=$1 code=$2 sentence=$3
	shift 4
	tap_run "$part: refused: $what" check_refusal "$code" "$sentence" "$@"
}

check_good() {
	"${ukiblk[@]}" "$@" >"$words.out" 2>"$words.err" || { echo "exit code $?: $(cat "$words.err")"; return 1; }
	[ ! -s "$words.err" ] || { echo "on standard error: $(cat "$words.err")"; return 1; }
}

# A case: the command succeeds without a word on standard error. Its output is in $words.out.
does() { # <what> <arguments of ukiblk...>
	local what=$1
	shift
	tap_run "$part: $what" check_good "$@"
}

# A case of any other command.
holds() { # <what> <command...>
	local what=$1
	shift
	tap_run "$part: $what" "$@"
}

# The value of "key: value" in what the last command said.
fact() { sed -n "s/^$1: //p" "$words.out"; }

# Nothing hidden was left below the current folder.
no_leftovers() { ! find . -name '.ukiblk-*' | grep .; }

# The part of FILE that "ukiblk inspect" calls the payload of chunk 1, on standard output.
payload() { # <file>
	local offset bytes
	read -r offset bytes < <(ukiblk inspect "$1" | sed -n 's/^  1  .*  at \([0-9]*\)  \([0-9]*\) bytes$/\1 \2/p')
	[ -n "$offset" ] && tail -c "+$((offset + 1))" "$1" | head -c "$bytes"
}

# Oracle: cryptsetup's own offline check of a whole archive file, root hash given.
verity_holds() { # <file> <root hash>
	local offset
	offset=$(ukiblk inspect "$1" | sed -n 's/^hash-offset: //p')
	veritysetup verify --hash-offset="$offset" "$1" "$1" "$2"
}

same_bytes() { cmp "$1" "$2"; }
equal() { [ "$1" = "$2" ] || { echo "\"$1\" is not \"$2\""; return 1; }; }

# A small root tree with one file of each kind.
make_tree() { # <folder>
	mkdir -p "$1/etc/empty" "$1/usr/bin" "$1/usr/share/a name with blanks"
	echo "ukiblk test" >"$1/etc/motd"
	head -c 300000 /dev/urandom >"$1/usr/share/random"
	seq 60000 >"$1/usr/share/a name with blanks/Grüße"
	: >"$1/etc/nothing"
	truncate -s 100000 "$1/usr/share/holes"
	ln -s ../usr/share/random "$1/etc/link"
	ln -s /nowhere "$1/etc/dangling"
	ln "$1/usr/share/random" "$1/usr/share/hardlink"
	cp /bin/true "$1/usr/bin/setuid"
	chmod 4755 "$1/usr/bin/setuid"
	chmod 1777 "$1/etc/empty"
	chown 1234:5678 "$1/etc/motd"
	mkfifo "$1/etc/fifo"
	mknod "$1/etc/null" c 1 3
	find "$1" -exec touch -h -d '2020-02-02 02:02:02 UTC' {} +
}

# Names, kinds, modes, owners, links, times and bytes of a tree.
describe() { # <folder>
	(cd "$1" && find . -mindepth 1 \( -type d -o -printf '%s ' \) -printf '%P %y %m %U:%G %l %T@\n' | LC_ALL=C sort -k 2 &&
		find . -type f -exec sha256sum {} + | LC_ALL=C sort -k 2)
}

# Oracle: erofs-utils unpack it again, and it is the tree.
holds_tree() { # <erofs file> <tree>
	rm -rf extracted
	fsck.erofs --extract=extracted "$1" || return 1
	diff <(describe "$2") <(describe extracted)
}
