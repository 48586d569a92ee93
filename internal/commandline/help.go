package commandline

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"
)

// ShowHelp writes the help of the command that c is of to the app's writer.
func ShowHelp(c *cli.Context) error {
	return writeHelp(c.App.Writer, c.Command, c.Command.HelpName == c.App.Name)
}

func writeHelp(out io.Writer, command *cli.Command, root bool) error {
	w := tabwriter.NewWriter(out, 1, 8, 2, ' ', 0)
	section := func(title, text string) {
		if text != "" {
			indented := strings.ReplaceAll("\n"+text, "\n", "\n   ")
			_, _ = fmt.Fprintf(w, "%s:%s\n", title, strings.ReplaceAll(indented, "\n   \n", "\n\n"))
		}
	}
	section("NAME", command.HelpName+" - "+command.Usage)
	section("\nUSAGE", usageText(command))
	section("\nDESCRIPTION", command.Description)
	section("\nCOMMANDS", commandTable(command))
	var lines []string
	for _, flag := range flags(command) {
		lines = append(lines, flag.String())
	}
	title := "\nOPTIONS"
	if root {
		title = "\nGLOBAL OPTIONS"
	}
	section(title, strings.Join(lines, "\n"))
	return w.Flush()
}

func usageText(command *cli.Command) string {
	if command.UsageText != "" {
		return command.UsageText
	}
	return strings.TrimSpace(command.HelpName + " [command options] " + command.ArgsUsage)
}

// commandTable has a line for each command below this one. The tab writer would widen it by the table of the flags.
func commandTable(command *cli.Command) string {
	width := 0
	for _, below := range command.Subcommands {
		width = max(width, len(strings.Join(below.Names(), ", ")))
	}
	var lines []string
	for _, below := range command.Subcommands {
		lines = append(lines, fmt.Sprintf("%-*s  %s", width, strings.Join(below.Names(), ", "), below.Usage))
	}
	return strings.Join(lines, "\n")
}
