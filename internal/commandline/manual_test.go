package commandline_test

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"

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
