package commandline

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"
)

// flags are the command's own and help.
func flags(command *cli.Command) []cli.Flag {
	help := &cli.BoolFlag{Name: "help", Aliases: []string{"h"}, Usage: "show help", DisableDefaultText: true}
	return append(append([]cli.Flag(nil), command.Flags...), help)
}

// parse reads the flags at the arguments' begin, those of the environment included. The set is usable with an error too.
func parse(command *cli.Command, arguments []string) (*flag.FlagSet, error) {
	set := flag.NewFlagSet(command.Name, flag.ContinueOnError)
	set.SetOutput(io.Discard)
	all := flags(command)
	for _, f := range all {
		if err := f.Apply(set); err != nil {
			return set, err
		}
	}
	// Arguments that were taken must not be taken again, as flags that may be given several times would double.
	for {
		err := set.Parse(arguments)
		if err == nil {
			return set, shareNames(all, set)
		}
		split := splitShort(set, arguments, err)
		if split == nil {
			return set, err
		}
		arguments = split
	}
}

// undefined is how the standard library begins its sentence on a flag that is not there.
const undefined = "flag provided but not defined: -"

// splitShort returns the arguments from the one on that err complains of, with that one taken apart: -ep is -e -p. It returns nil where that
// is not several one-letter flags.
func splitShort(set *flag.FlagSet, arguments []string, err error) []string {
	letters, ok := strings.CutPrefix(err.Error(), undefined)
	if !ok || len(letters) < 2 {
		return nil
	}
	for i, argument := range arguments {
		if argument != "-"+letters {
			continue
		}
		var split []string
		for _, letter := range letters {
			if set.Lookup(string(letter)) == nil {
				return nil
			}
			split = append(split, "-"+string(letter))
		}
		return append(split, arguments[i+1:]...)
	}
	return nil
}

// shareNames gives a flag's value to all its names, since commands ask by any of them.
func shareNames(all []cli.Flag, set *flag.FlagSet) error {
	given := make(map[string]bool)
	set.Visit(func(f *flag.Flag) { given[f.Name] = true })
	for _, f := range all {
		var from *flag.Flag
		for _, name := range f.Names() {
			if !given[name] {
				continue
			}
			if from != nil {
				return fmt.Errorf("%s and %s are the same flag", dashed(from.Name), dashed(name))
			}
			from = set.Lookup(name)
		}
		if from == nil {
			continue
		}
		for _, name := range f.Names() {
			if !given[name] {
				if err := set.Set(name, text(from.Value)); err != nil {
					return errors.Join(fmt.Errorf("flag %s", dashed(name)), err)
				}
			}
		}
	}
	return nil
}

// text is the value as Set takes it back.
func text(value flag.Value) string {
	if list, ok := value.(cli.Serializer); ok {
		return list.Serialize()
	}
	return value.String()
}
