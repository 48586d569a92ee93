package commandline

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"
)

var errNoValue = errors.New("needs a value")

// noFlagError says that there is no such flag.
type noFlagError struct {
	typed string // with its hyphens
	hint  string
}

func (e *noFlagError) Error() string { return "there is no flag " + e.typed + e.hint }

// flags are the command's own and help.
func flags(command *cli.Command) []cli.Flag {
	help := &cli.BoolFlag{Name: "help", Aliases: []string{"h"}, Usage: "show help", DisableDefaultText: true}
	return append(append([]cli.Flag(nil), command.Flags...), help)
}

// parse reads the flags at the arguments' begin, those of the environment included. The set is usable with an error too.
func parse(command *cli.Command, arguments []string) (*flag.FlagSet, error) {
	set := flag.NewFlagSet(command.Name, flag.ContinueOnError)
	all := flags(command)
	for _, f := range all {
		if err := unlessEmpty(f).Apply(set); err != nil {
			return set, inEnvironment(f, err)
		}
	}
	arguments, err := take(set, arguments)
	if missing, ok := errors.AsType[*noFlagError](err); ok {
		missing.hint = flagHint(command, set, strings.TrimLeft(missing.typed, "-"))
	}
	if err == nil {
		err = shareNames(all, set)
	}
	return set, errors.Join(err, set.Parse(append([]string{"--"}, arguments...)))
}

// unlessEmpty returns the flag, without its environment variable where that is empty: it counts as not set, as a setting's does. Of texts and
// lists the library takes an empty one too; an empty host would be every address of the machine.
func unlessEmpty(f cli.Flag) cli.Flag {
	empty := func(name string) bool {
		value, ok := os.LookupEnv(name)
		return ok && value == ""
	}
	switch f := f.(type) {
	case *cli.StringFlag:
		if slices.ContainsFunc(f.EnvVars, empty) {
			without := *f
			without.EnvVars = nil
			return &without
		}
	case *cli.StringSliceFlag:
		if slices.ContainsFunc(f.EnvVars, empty) {
			without := *f
			without.EnvVars = nil
			return &without
		}
	}
	return f
}

// inEnvironment words the error on a value in the environment as those on flags are.
func inEnvironment(f cli.Flag, err error) error {
	documented, ok := f.(cli.DocGenerationFlag)
	if !ok {
		return err
	}
	var kind string
	switch f.(type) {
	case *cli.BoolFlag:
		kind = trueOrFalse
	case *cli.DurationFlag:
		kind = duration
	case *cli.IntFlag, *cli.Int64Flag:
		kind = wholeNumber
	case *cli.UintFlag, *cli.Uint64Flag:
		kind = naturalNumber
	case *cli.Float64Flag:
		kind = number
	default:
		return err
	}
	for _, name := range documented.GetEnvVars() {
		if value, ok := os.LookupEnv(name); ok { // the library takes the first
			return fmt.Errorf("the environment's %s %q: it has to be %s", name, value, kind)
		}
	}
	return err
}

// take sets the flags at the arguments' begin, by the rules of the standard library's package flag, and returns the arguments behind them.
// Unlike there -ep is -e -p, where those are flags.
func take(set *flag.FlagSet, arguments []string) ([]string, error) {
	for len(arguments) > 0 {
		word := arguments[0]
		if len(word) < 2 || word[0] != '-' {
			break
		}
		arguments = arguments[1:]
		if word == "--" {
			break
		}
		name, value, given := strings.Cut(strings.TrimPrefix(word[1:], "-"), "=")
		f := set.Lookup(name)
		if f == nil {
			letters := letters(set, word[1:])
			if letters == nil {
				typed, _, _ := strings.Cut(word, "=")
				return arguments, &noFlagError{typed: typed}
			}
			arguments = append(letters, arguments...)
			continue
		}
		switch {
		case given:
		case isBool(f.Value):
			value = "true"
		case len(arguments) == 0:
			return nil, fmt.Errorf("%s %w", dashed(name), errNoValue)
		default:
			value, arguments = arguments[0], arguments[1:]
		}
		if err := set.Set(name, value); err != nil {
			return arguments, fmt.Errorf("%s %q: it has to be %s", dashed(name), value, kind(f.Value))
		}
	}
	return arguments, nil
}

// letters returns -e and -p of ep, or nil where not all of them are flags.
func letters(set *flag.FlagSet, word string) []string {
	var split []string
	for _, letter := range word {
		if set.Lookup(string(letter)) == nil {
			return nil
		}
		split = append(split, "-"+string(letter))
	}
	return split
}

func isBool(value flag.Value) bool {
	boolean, ok := value.(interface{ IsBoolFlag() bool })
	return ok && boolean.IsBoolFlag()
}

// What values of flags are.
const (
	trueOrFalse   = "true or false"
	duration      = "a duration, such as 30s or 5m"
	wholeNumber   = "a whole number, of 64 bits at most"
	naturalNumber = "a whole number, 0 or more and of 64 bits at most"
	number        = "a number"
)

// kind says what the flag's values are.
func kind(value flag.Value) string {
	if isBool(value) {
		return trueOrFalse
	}
	getter, ok := value.(flag.Getter)
	if !ok {
		return "something else"
	}
	switch getter.Get().(type) {
	case time.Duration:
		return duration
	case int, int64:
		return wholeNumber
	case uint, uint64:
		return naturalNumber
	case float64:
		return number
	}
	return "something else"
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
