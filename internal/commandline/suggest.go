package commandline

import (
	"flag"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"clickstream/internal/exit"
	"clickstream/internal/spelling"
)

// NoCommand is the error, with the exit code for wrong usage, that there is no such command below this one. It names one that is written nearly so.
func NoCommand(command *cli.Command, word string) error {
	program, path, below := strings.Cut(command.HelpName, " ")
	var names []string
	for _, command := range command.Subcommands {
		names = append(names, command.Names()...)
	}
	hint := ""
	if below {
		if word == "help" {
			hint = didYouMean(program + " help " + path)
		}
		path += " "
	}
	if near := nearest(word, names); near != "" {
		hint = didYouMean(path + near)
	}
	return exit.With(exit.Usage, fmt.Errorf("there is no command %q%s; see %s --help", path+word, hint, command.HelpName))
}

// flagHint is what the error on a flag that the command does not have adds: the name that is meant, or the place.
func flagHint(command *cli.Command, set *flag.FlagSet, word string) string {
	var names []string
	set.VisitAll(func(f *flag.Flag) { names = append(names, f.Name) })
	if near := nearest(word, names); near != "" {
		return didYouMean(dashed(near))
	}
	if below := command.Command(word); below != nil {
		return didYouMean(below.HelpName)
	}
	if len(command.Flags) == 0 && len(command.Subcommands) > 0 {
		return " (a command's flags go behind its name)"
	}
	return ""
}

func didYouMean(what string) string { return fmt.Sprintf(" (did you mean %s?)", what) }

// nearest returns the name that is a few slips away from the word, or that the word is the begin of, or "".
func nearest(word string, names []string) string {
	const begin = 3 // letters that say something
	best, least := "", max(1, len(word)/begin)+1
	for _, name := range names {
		if slips := spelling.Slips(word, name); len(name) > 1 && slips < least {
			best, least = name, slips
		}
	}
	if best != "" || len(word) < begin {
		return best
	}
	for _, name := range names {
		if strings.HasPrefix(name, word) && (best == "" || len(name) < len(best)) {
			best = name
		}
	}
	return best
}
