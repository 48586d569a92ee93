package commandline

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/urfave/cli/v2"
)

// Manual returns the program's manual page, for section 1, in the macros of man(7).
func Manual(app *cli.App) string {
	root := rootCommand(app)
	name(root, app.Name)
	var page strings.Builder
	_, _ = fmt.Fprintf(&page, ".TH %s 1\n.nh\n.ad l\n.SH NAME\n%s \\- %s\n", strings.ToUpper(app.Name), app.Name, roff(app.Usage))
	_, _ = fmt.Fprintf(&page, ".SH SYNOPSIS\n%s\n", roff(usageText(root)))
	if app.Description != "" {
		_, _ = fmt.Fprintf(&page, ".SH DESCRIPTION\n%s\n", lines(app.Description))
	}
	_, _ = fmt.Fprintf(&page, ".SH COMMANDS\n")
	each(root.Subcommands, func(command *cli.Command) {
		_, _ = fmt.Fprintf(&page, ".SS %s\n%s\n.PP\n%s\n", roff(strings.TrimPrefix(command.HelpName, app.Name+" ")), roff(command.Usage), roff(usageText(command)))
		if command.Description != "" {
			_, _ = fmt.Fprintf(&page, ".PP\n%s\n", lines(command.Description))
		}
		for _, flag := range command.Flags {
			names, usage, _ := strings.Cut(flag.String(), "\t")
			_, _ = fmt.Fprintf(&page, ".TP\n.B %s\n%s\n", roff(names), roff(usage))
		}
	})
	return page.String()
}

// lines keeps the text's lines.
func lines(text string) string {
	return ".nf\n" + roff(text) + "\n.fi"
}

var lineBegin = regexp.MustCompile(`(?m)^([.'])`)

// roff takes the meaning for the formatter from backslashes, hyphens, and points and quotes at a line's begin.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, `-`, `\-`).Replace(text)
	return lineBegin.ReplaceAllString(text, `\&$1`)
}
