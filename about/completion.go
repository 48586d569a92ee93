package about

// shells are those that have a completion script. bash's and zsh's ask the program itself what may follow, so they never fall behind it;
// fish's is made from the commands when it is printed.
const shells = "bash, zsh, fish"

const bash = `
_clickstream() {
	local current=${COMP_WORDS[COMP_CWORD]}
	local words=("${COMP_WORDS[@]:0:COMP_CWORD}")
	[[ $current != -* ]] || words+=("$current")
	local IFS=$'\n'
	COMPREPLY=($(compgen -W "$("${words[@]}" --generate-bash-completion 2>/dev/null </dev/null)" -- "$current"))
}
complete -o bashdefault -o default -F _clickstream clickstream
`

const zsh = `
#compdef clickstream
_clickstream() {
	local -a asked answers
	asked=("${(@)words[1,CURRENT-1]}")
	[[ ${words[CURRENT]} != -* ]] || asked+=("${words[CURRENT]}")
	answers=("${(@f)$(_CLI_ZSH_AUTOCOMPLETE_HACK=1 "${asked[@]}" --generate-bash-completion 2>/dev/null </dev/null)}")
	if [[ -n ${answers[1]} ]]; then
		_describe clickstream answers
	else
		_files
	fi
}
compdef _clickstream clickstream
`
