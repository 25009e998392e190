# shellcheck shell=bash
# bash completion for ukiblk: verbs and options come from its own help.
_ukiblk() {
	local word=${COMP_WORDS[COMP_CWORD]} verb=${COMP_WORDS[1]-} previous=${COMP_WORDS[COMP_CWORD-1]}
	COMPREPLY=()
	if [ "$COMP_CWORD" = 1 ]; then
		mapfile -t COMPREPLY < <(compgen -W "$(ukiblk --help | sed -n '/^Verbs:/,/^$/s/^  \([a-z]*\) .*/\1/p') --help --version" -- "$word")
		return
	fi
	case $previous in
	--mode) mapfile -t COMPREPLY < <(compgen -W "auto embedded split" -- "$word"); return ;;
	--compression) mapfile -t COMPREPLY < <(compgen -W "zstd lzma lz4hc lz4 deflate none" -- "$word"); return ;;
	esac
	if [ "$verb" = ram ] && [[ $word != -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "start stop status boot" -- "$word")
		return
	fi
	case $word in
	-*) mapfile -t COMPREPLY < <(compgen -W "$(ukiblk "$verb" --help 2>/dev/null | sed -n 's/^  \(--[a-z-]*\).*/\1/p')" -- "$word") ;;
	*) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
	esac
}
complete -o filenames -F _ukiblk ukiblk
