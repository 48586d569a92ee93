package commandline

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// zshVariable asks for what zsh shows beside a word: it wants word:description.
const zshVariable = "_CLI_ZSH_AUTOCOMPLETE_HACK"

// completing says whether the line asks what may follow it, and returns it without the question. Behind -- there are
// arguments alone, and the question is one of them.
func completing(line []string) ([]string, bool) {
	last := len(line) - 1
	if last < 0 || line[last] != completionFlag || slices.Contains(line[:max(0, last-1)], "--") {
		return nil, false
	}
	return line[:last], true
}

// complete writes what may follow the words, or how the last of them may go on if it begins like a flag: one a line.
func complete(w io.Writer, command *cli.Command, words []string) {
	for {
		set, _ := parse(command, words) // of a line half written as much as can be understood
		below := command.Command(set.Arg(0))
		if below == nil {
			break
		}
		command, words = below, set.Args()[1:]
	}
	if last := len(words) - 1; last >= 0 && strings.HasPrefix(words[last], "-") {
		for _, flag := range flags(command) {
			offerFlag(w, flag, words)
		}
		return
	}
	for _, below := range command.Subcommands {
		for _, name := range below.Names() {
			offer(w, name, below.Usage)
		}
	}
}

// offerFlag writes the flag's names that begin like the last word, unless the flag stands among the words already.
func offerFlag(w io.Writer, flag cli.Flag, words []string) {
	last := words[len(words)-1]
	usage := ""
	if documented, ok := flag.(cli.DocGenerationFlag); ok {
		usage = documented.GetUsage()
	}
	for _, name := range flag.Names() {
		name = dashed(name)
		if strings.HasPrefix(name, last) && !slices.Contains(words, name) {
			offer(w, name, usage)
		}
	}
}

func offer(w io.Writer, word, description string) {
	if os.Getenv(zshVariable) != "" {
		word = strings.ReplaceAll(word, ":", `\:`) + ":" + description
	}
	_, _ = fmt.Fprintln(w, word)
}

// dashed is the flag's name as one types it.
func dashed(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}
