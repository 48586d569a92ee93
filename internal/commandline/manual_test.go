package commandline_test

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"clickstream/internal/commandline"
)

func TestManual(t *testing.T) {
	t.Parallel()
	app := program(&bytes.Buffer{})
	app.Commands[1].Description = ".TH this is no macro\n'nor this \\fB"
	page := commandline.Manual(app)
	for _, want := range []string{
		".TH TOOL 1\n", ".SS do more\n", ".SS undo\n", `.B \-\-name NAME, \-n NAME, \-\-called NAME` + "\n" + `it is called NAME [$COMMANDLINE_TEST_NAME]`,
		`\&.TH this is no macro` + "\n" + `\&'nor this \efB`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q:\n%s", want, page)
		}
	}
}

// TestManualIsRead has groff read the page: each warning is a mistake in it.
func TestManualIsRead(t *testing.T) {
	t.Parallel()
	groff, err := exec.LookPath("groff")
	if err != nil {
		const missing = "there is no groff here, which reads manual pages: apt-get install groff-base"
		if os.Getenv("CI") == "true" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	command := exec.CommandContext(t.Context(), groff, "-man", "-Tutf8", "-ww")
	command.Stdin = strings.NewReader(commandline.Manual(program(&bytes.Buffer{})))
	var warnings bytes.Buffer
	command.Stderr = &warnings
	out, err := command.Output()
	if err != nil || warnings.Len() > 0 || !strings.Contains(string(out), "it is called NAME") {
		t.Errorf("%v %s\n%s", err, &warnings, out)
	}
}

func TestFish(t *testing.T) {
	t.Parallel()
	app := program(&bytes.Buffer{})
	app.Commands[1].Usage = `it's a \`
	app.Commands[1].Flags = append(app.Commands[1].Flags, &cli.StringFlag{Name: "input", Usage: "read `FILE`"})
	script := commandline.Fish(app)
	for _, want := range []string{
		`complete -c tool -n '__fish_use_subcommand' -a 'undo' -d 'it\'s a \\'`,
		`complete -c tool -n '__fish_seen_subcommand_from do' -l name -s n -l called -r -d 'it is called NAME'`,
		`complete -c tool -n '__fish_seen_subcommand_from do; and not __fish_seen_subcommand_from more m' -a 'more m' -d 'do another'`,
		`complete -c tool -n '__fish_seen_subcommand_from do; and __fish_seen_subcommand_from more m' -l help -s h -d 'show help'`,
		`complete -c tool -n '__fish_seen_subcommand_from undo' -l input -r -F -d 'read FILE'`,
	} {
		if !strings.Contains(script, want+"\n") {
			t.Errorf("the script has no line %s:\n%s", want, script)
		}
	}
}
