# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # variables of "parts" and of other parts
# What is said to wrong command lines, for every verb there is, and what the help says.
usage_no_verb() {
	local status=0
	ukiblk >"$words.out" 2>"$words.err" || status=$?
	[ $status = 2 ] && [ ! -s "$words.out" ] && [ "$(head -n 1 "$words.err")" = "Usage: ukiblk VERB [OPTION...] [ARGUMENT...]" ]
}

usage_unknown_verb() { # <word>
	local status=0
	ukiblk "$1" --help >"$words.out" 2>"$words.err" || status=$?
	equal "$status" 2 && [ ! -s "$words.out" ] && equal "$(cat "$words.err")" "ukiblk: There is no verb \"$1\". See \"ukiblk --help\"."
}

# The first line of a verb's help is its form; each option has a line with words behind it.
usage_verb_help() { # <verb>
	check_good "$1" --help || return 1
	[[ $(head -n 1 "$words.out") == "Usage: ukiblk $1 [OPTION...]"* ]] || { cat "$words.out"; return 1; }
	! verb_options | grep -vE '^  --[a-z-]+( [^ ]+|\[=[A-Z]+\])?  +[^ ].*' || return 1
	verb_options | grep -qx '  --help  *this text'
}
verb_options() { sed -n '/^Options:$/,/^$/p' "$words.out" | sed '1d;/^$/d'; }

# The keeper's program stands on nothing: no library, not much memory to lock.
keeper=/usr/lib/ukiblk/ukiblk-keeper
keeper_usage() { # <arguments...>
	local status=0
	"$keeper" "$@" >"$words.out" 2>"$words.err" || status=$?
	equal "$status" 2 && [ ! -s "$words.out" ] && [ -s "$words.err" ]
}
keeper_is_static() { ! readelf -l "$keeper" | grep INTERP && ! readelf -d "$keeper" | grep NEEDED; }
keeper_is_small() { [ "$(size "$keeper" | awk 'NR == 2 { print $4 }')" -lt 2000000 ]; }
holds "the keeper is linked to no library" keeper_is_static
holds "and has less than 2 MB of code and data" keeper_is_small
for word in '' nonsense 'run more'; do
	# shellcheck disable=SC2086 # words
	holds "the keeper with \"$word\": its usage, exit code 2" keeper_usage $word
done

holds "no verb: the help on standard error, exit code 2" usage_no_verb
for word in frobnicate Pack pac '' -x --nonsense; do holds "there is no verb \"$word\"" usage_unknown_verb "$word"; done
does "--version" --version
holds "--version: a number" grep -qxE 'ukiblk [0-9]+\.[0-9]+\.[0-9]+' "$words.out"
does "--help" --help
holds "--help: the exit codes" grep -q '^Exit codes: 0 done, 1 failed, 2 usage, 3 not found in time, 4 verification failed, 5 busy\.$' "$words.out"
verbs=$(sed -n '/^Verbs:$/,/^$/s/^  \([a-z]*\) .*/\1/p' "$words.out")
for verb in pack embed build inspect verify locate attach detach status boot ram; do
	holds "--help: lists $verb" grep -qx "$verb" <<<"$verbs"
done
cp "$words.out" help
for word in help -h; do
	does "$word" "$word"
	holds "$word: the same text as --help" same_bytes "$words.out" help
done

for verb in $verbs; do
	holds "$verb --help" usage_verb_help "$verb"
	for option in $(verb_options | sed -nE 's/^  --([a-z-]+) [^ ].*/\1/p'); do
		refuse "$verb --$option alone" 2 "--$option needs a value" -- "$verb" "--$option"
	done
	# Flags take none.
	for option in $(verb_options | sed -nE 's/^  --([a-z-]+)  .*/\1/p'); do
		refuse "$verb --$option=yes" 2 "There is no option --$option=yes" -- "$verb" "--$option=yes"
	done
	refuse "$verb --nonsense" 2 "There is no option --nonsense" -- "$verb" --nonsense
	refuse "$verb -x" 2 "There is no option -x" -- "$verb" -x
	refuse "$verb with two letters" 2 "There is no option -x" -- "$verb" -xy
done

while IFS='|' read -r verb takes; do
	refuse "$verb without arguments" 2 "Wrong number of arguments: it takes $takes" -- "$verb"
done <<'END'
pack|TREE|TAR|-
inspect|FILE...
verify|FILE
attach|FILE
detach|NAME|DEVICE
ram|start|stop|status|boot
END
refuse "pack of two trees" 2 "Wrong number of arguments: it takes TREE|TAR|-" -- pack a b --name x
refuse "verify of two files" 2 "Wrong number of arguments: it takes FILE" -- verify a b
refuse "attach of two files" 2 "Wrong number of arguments: it takes FILE" -- attach a b --unverified
refuse "detach of two names" 2 "Wrong number of arguments: it takes NAME|DEVICE" -- detach a b
refuse "status of two names" 2 "Wrong number of arguments: it takes \[NAME\]" -- status a b
refuse "ram with two actions" 2 "Wrong number of arguments: it takes start|stop|status|boot" -- ram start stop
for action in '' Start restart starts; do refuse "ram \"$action\"" 2 "\"$action\" is none of start, stop, status, boot" -- ram "$action"; done
refuse "ram start in another system" 1 "This system was not started by ukiblk" -- ram start
refuse "ram stop in another system" 1 "The system does not run from memory, and nothing is being copied" -- ram stop
does "ram status in another system" ram status
holds "ram status in another system: none" grep -qx "state: none" "$words.out"
does "ram status --json" ram status --json
holds "ram status --json: none" grep -qE '^  "state": *"none",$' "$words.out"
echo root=/dev/sda1 rd.ukiblk.ram=yes >cmdline
does "ram boot in another system" ram boot --cmdline cmdline
rm cmdline
for verb in embed build boot locate; do refuse "$verb with an argument" 2 "It takes no arguments" -- "$verb" a; done

# pack and build share these.
mkdir tree out
: >kernel
for name in '' . .. .x -x 'a b' a/b ../x 'ü' 'a:b' 'a%' "$(printf 'n%.0s' {1..64})"; do
	refuse "the name \"$name\"" 2 "\"$name\" cannot be a name: 1 to 63 letters, digits, dots, dashes and underscores" -- \
		pack tree "--name=$name" --output out
done
refuse "build: the name" 2 "\"a b\" cannot be a name: 1 to 63 letters, digits, dots, dashes and underscores" -- \
	build --root tree --kernel kernel --os-release kernel --name 'a b' --output out
refuse "no name" 2 "--name is missing" -- pack tree --output out
refuse "build: no name" 2 "--name is missing" -- build --root tree --kernel kernel --os-release kernel
for size in '' 0 65535 63K -1 64k 1X 4,5G 1e9 99999999999999999999 8388608T '64K '; do
	refuse "the chunk size \"$size\"" 2 "--chunk-size \"$size\" is not a size of at least 64K" -- pack tree --name x --output out "--chunk-size=$size"
done
for epoch in '' now -1 1.5 '1 ' 0x1 99999999999999999999; do
	SOURCE_DATE_EPOCH=$epoch refuse "SOURCE_DATE_EPOCH=\"$epoch\"" 2 "SOURCE_DATE_EPOCH \"$epoch\" is not a number of seconds" -- \
		pack tree --name x --output out
done

refuse "embed without --uki" 2 "--uki is missing" -- embed --archive a --output x.efi
refuse "embed without --archive" 2 "--archive is missing" -- embed --uki a --output x.efi
refuse "embed without --output" 2 "--output is missing" -- embed --uki a --archive a
for output in x x.efi.bak .efi out/.efi '' out/; do
	refuse "embed to \"$output\"" 2 "The output \"$output\" does not end in .efi" -- embed --uki a --archive a "--output=$output"
done
refuse "build without --root" 2 "--root is missing" -- build --kernel k --os-release o --name x
refuse "build without --kernel" 2 "--kernel is missing" -- build --root tree --os-release o --name x
refuse "build without --os-release" 2 "--os-release is missing" -- build --root tree --kernel k --name x
for compression in zst 'zstd -x' '' NONE; do
	refuse "the compression \"$compression\"" 2 "There is no compression \"$compression\": choose zstd, lzma, lz4hc, lz4, deflate or none" -- \
		pack tree --name x --output out "--compression=$compression"
done
refuse "a level of lz4" 2 "The compression lz4 has no levels" -- pack tree --name x --output out --compression lz4,1
for level in '' 0 23 1x Max; do
	refuse "the level \"$level\" of zstd" 2 "The level \"$level\" of zstd is neither a number from 1 to 22 nor max" -- \
		pack tree --name x --output out --compression "zstd,$level"
done
for size in 0 4G -1 '' lots; do
	refuse "embed --max-size \"$size\"" 2 "--max-size \"$size\" is not a size up to 4 GiB - 1" -- \
		embed --uki a --archive b --output x.efi "--max-size=$size"
	refuse "build --max-size \"$size\"" 2 "--max-size \"$size\" is not a size up to 4 GiB - 1" -- \
		build --root tree --kernel k --os-release o --name x "--max-size=$size"
done
for hash in '' 0 "$(printf 'g%.0s' {1..64})" "$(printf '0%.0s' {1..65})"; do
	refuse "verify --root-hash \"$hash\"" 2 "The root hash is not 64 hexadecimal digits" -- verify file "--root-hash=$hash"
	refuse "locate --root-hash \"$hash\"" 2 "The root hash is not 64 hexadecimal digits" -- locate "--root-hash=$hash"
done
for mode in '' Auto "split," both; do
	refuse "build --mode \"$mode\"" 2 "--mode \"$mode\" is none of auto, embedded, split" -- \
		build --root tree --kernel k --os-release o --name x "--mode=$mode"
done
for cmdline in root=/dev/sda1 'quiet root=x' 'root=ukiblk:00 quiet'; do
	refuse "build --cmdline \"$cmdline\"" 2 "--cmdline must not say root=: root=ukiblk:<root hash> is added" -- \
		build --root tree --kernel k --os-release o --name x --cmdline "$cmdline"
done
