package about

// shells are those that have a completion script. The scripts ask the program itself what may follow, so they never fall behind it. Where it does
// not know, as behind a flag that takes a file, the shells offer the names of files.
const shells = "bash, zsh, fish"

const bash = `
_clickstream() {
	local IFS=$'\n'
	COMPREPLY=($(compgen -W "$("${COMP_WORDS[@]:0:COMP_CWORD+1}" --generate-bash-completion 2>/dev/null </dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
}
complete -o bashdefault -o default -F _clickstream clickstream
`

const zsh = `
#compdef clickstream
_clickstream() {
	local -a answers
	answers=("${(@f)$("${(@)words[1,CURRENT]}" --generate-zsh-completion 2>/dev/null </dev/null)}")
	if [[ -n ${answers[1]} ]]; then
		_describe clickstream answers
	else
		compset -P '-*='
		_files
	fi
}
if [[ ${funcstack[1]} == _clickstream ]]; then
	_clickstream # as a file on the fpath it is the function itself, at its first call
else
	compdef _clickstream clickstream
fi
`

const fish = `
function __clickstream_answers
	set -l asked (commandline --cut-at-cursor --tokenize --current-process) (commandline --cut-at-cursor --current-token)
	$asked --generate-fish-completion 2>/dev/null </dev/null
end
complete --command clickstream --condition 'count (__clickstream_answers) >/dev/null' --no-files --arguments '(__clickstream_answers)'
`
