package commandline

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"
)

// Fish returns a completion script for fish, made from the commands and their flags.
func Fish(app *cli.App) string {
	root := rootCommand(app)
	var script strings.Builder
	_, _ = fmt.Fprintf(&script, "# %s fish shell completion\n\ncomplete -c %[1]s -f\n", app.Name)
	fish(&script, app.Name, root, "__fish_use_subcommand")
	return script.String()
}

// fish writes what may follow where the condition holds: the commands below this one, and its flags.
func fish(w *strings.Builder, program string, command *cli.Command, condition string) {
	begin := fmt.Sprintf("complete -c %s -n %s", program, quote(condition))
	for _, flag := range flags(command) {
		documented, ok := flag.(cli.DocGenerationFlag)
		if !ok {
			continue
		}
		_, _ = fmt.Fprintf(w, "%s%s -d %s\n", begin, fishFlag(documented), quote(plain(documented.GetUsage())))
	}
	var names []string
	for _, below := range command.Subcommands {
		names = append(names, below.Names()...)
	}
	for _, below := range command.Subcommands {
		where := condition
		if command.Name != program {
			where += "; and not __fish_seen_subcommand_from " + strings.Join(names, " ")
		}
		_, _ = fmt.Fprintf(w, "complete -c %s -n %s -a %s -d %s\n", program, quote(where), quote(strings.Join(below.Names(), " ")), quote(below.Usage))
		inside := "__fish_seen_subcommand_from " + strings.Join(below.Names(), " ")
		if command.Name != program {
			inside = condition + "; and " + inside
		}
		fish(w, program, below, inside)
	}
}

// fishFlag is the flag's names, whether it takes a value, and whether that is a file.
func fishFlag(flag cli.DocGenerationFlag) string {
	var text strings.Builder
	for _, name := range flag.Names() {
		if len(name) == 1 {
			text.WriteString(" -s " + name)
		} else {
			text.WriteString(" -l " + name)
		}
	}
	if flag.TakesValue() {
		text.WriteString(" -r")
	}
	if named, ok := flag.(*cli.StringFlag); ok && (named.TakesFile || strings.Contains(named.Usage, "`FILE`")) {
		text.WriteString(" -F")
	}
	return text.String()
}

// plain is a flag's usage without the marks around the name of its value.
func plain(usage string) string { return strings.ReplaceAll(usage, "`", "") }

func quote(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(text) + "'"
}
