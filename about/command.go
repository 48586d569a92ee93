package about

import (
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"github.com/urfave/cli/v2"

	"clickstream/internal/commandline"
	"clickstream/internal/exit"
	"clickstream/internal/sbom"
)

// Commands returns the commands version, completion and man.
func Commands() []*cli.Command {
	return []*cli.Command{
		{
			Name:   "version",
			Usage:  "print the version, the commit it was built from, the Go version and the system",
			Flags:  []cli.Flag{&cli.BoolFlag{Name: "sbom", Usage: "print the program's modules as a CycloneDX bill of materials instead"}},
			Action: printVersion,
		},
		{
			Name:      "completion",
			Usage:     "print a completion script for bash, zsh or fish",
			UsageText: "clickstream completion bash|zsh|fish",
			Action:    noShell,
			Subcommands: []*cli.Command{
				completion("bash", "source <(clickstream completion bash)", bash),
				completion("zsh", "source <(clickstream completion zsh)", zsh),
				completion("fish", "clickstream completion fish | source", fish),
			},
		},
		{
			Name:   "man",
			Usage:  "print the manual page, to be read by man -l or put in section 1",
			Action: printManual,
		},
	}
}

func printVersion(c *cli.Context) error {
	if c.NArg() > 0 {
		return exit.With(exit.Usage, fmt.Errorf("version takes no argument, not %q", c.Args().First()))
	}
	if c.Bool("sbom") {
		return printSBOM(c.App.Writer)
	}
	_, err := fmt.Fprintln(c.App.Writer, Version())
	return err
}

func printSBOM(w io.Writer) error {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return errors.New("the program was built without the Go tool, which notes its modules in it")
	}
	return sbom.WriteModules(w, info)
}

// completion is the command that prints the shell's script.
func completion(shell, use, script string) *cli.Command {
	return &cli.Command{Name: shell, Usage: use, Action: func(c *cli.Context) error {
		if c.Args().Present() {
			return noShell(c)
		}
		_, err := fmt.Fprintln(c.App.Writer, strings.TrimSpace(script))
		return err
	}}
}

func noShell(c *cli.Context) error {
	if shell := c.Args().First(); c.NArg() == 1 && c.Command.Name == "completion" {
		return exit.With(exit.Usage, fmt.Errorf("there is no completion for %q, only for %s", shell, shells))
	}
	return exit.With(exit.Usage, fmt.Errorf("completion takes one argument: %s", shells))
}

func printManual(c *cli.Context) error {
	if c.Args().Present() {
		return exit.With(exit.Usage, fmt.Errorf("man takes no argument, not %q", c.Args().First()))
	}
	_, err := fmt.Fprint(c.App.Writer, commandline.Manual(c.App))
	return err
}
