package commandline

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// question is what a completion script puts behind the words of a line, the unfinished one last, to ask how that one may go on.
type question string

const (
	questionBash question = "--generate-bash-completion" // a word a line
	questionZsh  question = "--generate-zsh-completion"  // word:description
	questionFish question = "--generate-fish-completion" // word, tab, description
)

// completing says whether the line is a question, and returns its words. It is one behind -- too: no key may ever run the command it completes.
func completing(line []string) (question, []string, bool) {
	last := len(line) - 1
	if last < 0 {
		return "", nil, false
	}
	asked := question(line[last])
	return asked, line[:last], asked == questionBash || asked == questionZsh || asked == questionFish
}

// complete writes how the last word may go on, if the program knows. It does not know the values of flags; shells take them for names of files.
func complete(w io.Writer, asked question, root *cli.Command, words []string) {
	current := ""
	if last := len(words) - 1; last >= 0 {
		words, current = words[:last], words[last]
	}
	command, words := meant(root, words, strings.HasPrefix(current, "-"))
	if command == nil {
		return
	}
	if strings.HasPrefix(current, "-") {
		for _, flag := range flags(command) {
			offerFlag(w, asked, flag, words, current)
		}
		return
	}
	for _, below := range command.Subcommands {
		for _, name := range below.Names() {
			if strings.HasPrefix(name, current) {
				offer(w, asked, name, below.Usage)
			}
		}
	}
}

// meant returns the command whose flag or argument comes behind the words, and those that are its own. It returns nil where the value of a
// flag comes, or, behind --, an argument.
func meant(root *cli.Command, words []string, flag bool) (*cli.Command, []string) {
	if slices.Contains(words, "--") {
		return nil, nil
	}
	for command := root; ; {
		set, err := parse(command, words)
		if errors.Is(err, errNoValue) {
			return nil, nil
		}
		below := command.Command(set.Arg(0)) // of what cannot be understood as much as can
		if below == nil {
			return command, words
		}
		command, words = below, set.Args()[1:]
		if below.Name == "help" && !flag {
			command = root // whose commands it takes, and theirs
		}
	}
}

// offerFlag writes the flag's names that begin like the current word, unless they stand among the words already.
func offerFlag(w io.Writer, asked question, flag cli.Flag, words []string, current string) {
	usage := ""
	if documented, ok := flag.(cli.DocGenerationFlag); ok {
		usage = strings.ReplaceAll(documented.GetUsage(), "`", "") // the marks around the name of its value
	}
	for _, name := range flag.Names() {
		name = dashed(name)
		if strings.HasPrefix(name, current) && !slices.Contains(words, name) {
			offer(w, asked, name, usage)
		}
	}
}

func offer(w io.Writer, asked question, word, description string) {
	switch asked {
	case questionZsh:
		word = strings.ReplaceAll(word, ":", `\:`) + ":" + description
	case questionBash:
	case questionFish:
		word += "\t" + description
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
