// Package commandline runs commands that are declared with urfave/cli, in place of its App.Run, and writes their help, their manual page and
// their completions. The library writes its help by text/template, which looks methods up by name. The linker then keeps each exported method of
// every type that is ever held in an interface, such as hundreds of AWS operations that nobody calls: 8 of 29 MB. So nothing here, and nothing
// else in the program, may refer to App.Run, to the library's Show… functions or to a template; a test of the program's size finds it.
//
// Of a command these fields count: Name, Aliases, Usage, UsageText, ArgsUsage, Description, Flags, Subcommands, OnUsageError, Before and
// Action. Of a flag all but Required, Hidden, Category and Action count. Check finds the others.
package commandline

import (
	"context"
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"clickstream/internal/exit"
)

// Run runs the command that arguments name; their first is the program's own name. Each command has the flags --help and -h, and the program
// the command help. What is wrong with a flag goes to the command's OnUsageError. The context's flags, arguments and lineage are those that
// the library's App.Run makes.
func Run(ctx context.Context, app *cli.App, arguments []string) error {
	root := rootCommand(app)
	name(root, app.Name)
	parent := cli.NewContext(app, nil, &cli.Context{Context: ctx})
	line := arguments[min(1, len(arguments)):]
	if asked, words, ok := completing(line); ok {
		complete(app.Writer, asked, root, words)
		return nil
	}
	return run(parent, root, line)
}

// rootCommand is the program as a command, which makes the way down to any command the same.
func rootCommand(app *cli.App) *cli.Command {
	root := &cli.Command{
		Name: app.Name, Usage: app.Usage, UsageText: app.UsageText, Description: app.Description, Flags: app.Flags,
		OnUsageError: app.OnUsageError, Action: app.Action,
	}
	root.Subcommands = append(root.Subcommands, app.Commands...)
	root.Subcommands = append(root.Subcommands, &cli.Command{
		Name: "help", Aliases: []string{"h"}, Usage: "list the commands, or show the help of one",
		ArgsUsage: "[COMMAND]", OnUsageError: app.OnUsageError,
		Action: func(c *cli.Context) error { return helpOf(c, root) },
	})
	return root
}

// name gives all below the command their full names.
func name(command *cli.Command, full string) {
	command.HelpName = full
	for _, below := range command.Subcommands {
		name(below, full+" "+below.Name)
	}
}

// run reads the command's flags and goes on with the one below it that the first argument names, or does what the command does.
func run(parent *cli.Context, command *cli.Command, arguments []string) error {
	set, err := parse(command, arguments)
	c := cli.NewContext(parent.App, set, parent)
	c.Command = command
	if err != nil {
		if command.OnUsageError == nil {
			return exit.With(exit.Usage, err)
		}
		return command.OnUsageError(c, err, parent.Command.Name != "")
	}
	if c.Bool("help") {
		return ShowHelp(c)
	}
	if command.Before != nil {
		if err := command.Before(c); err != nil {
			return err
		}
	}
	if below := command.Command(c.Args().First()); below != nil {
		return run(c, below, c.Args().Tail())
	}
	if command.Action == nil {
		return ShowHelp(c)
	}
	return command.Action(c)
}

// helpOf is the command help: of the program, or of the command that its arguments name.
func helpOf(c *cli.Context, root *cli.Command) error {
	command := root
	for _, word := range c.Args().Slice() {
		below := command.Command(word)
		if below == nil {
			return NoCommand(command, word)
		}
		command = below
	}
	return writeHelp(c.App.Writer, command, command == root)
}

// Check returns an error that names each field of the app's commands and flags that Run does not know and would leave unheeded.
func Check(app *cli.App) error {
	var all []error
	each(app.Commands, func(command *cli.Command) {
		if command.After != nil || command.BashComplete != nil || command.SkipFlagParsing || command.Hidden ||
			command.HideHelp || command.Category != "" || command.CustomHelpTemplate != "" {
			all = append(all, fmt.Errorf("command %s: only the fields of the package's comment count", command.Name))
		}
		for _, flag := range command.Flags {
			if unknown(flag) {
				all = append(all, fmt.Errorf("command %s: of flag %s only the fields of the package's comment count", command.Name, flag.Names()[0]))
			}
		}
	})
	return errors.Join(all...)
}

func unknown(flag cli.Flag) bool {
	required, ok := flag.(cli.RequiredFlag)
	if ok && required.IsRequired() {
		return true
	}
	visible, ok := flag.(cli.CategorizableFlag)
	return !ok || !visible.IsVisible() || visible.GetCategory() != ""
}

// each calls f with each command and those below it.
func each(commands []*cli.Command, f func(*cli.Command)) {
	for _, command := range commands {
		f(command)
		each(command.Subcommands, f)
	}
}
