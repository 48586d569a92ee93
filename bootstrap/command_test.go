package bootstrap_test

import (
	"io"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"clickstream/bootstrap"
	"clickstream/internal/exit"
)

// TestFlagsBeforeACommandsName would be silently without effect: bundle would use the network, iam another file.
func TestFlagsBeforeACommandsName(t *testing.T) {
	t.Setenv("CLICKSTREAM_KCL_VERSION", "3.1.3") // an environment variable is no flag
	for line, refused := range map[string]bool{
		"-p other.properties iam":                  true,
		"--offline bundle file":                    true,
		"-c dir doctor":                            true,
		"-e lock 3.1.3":                            true,
		"iam --for produce --account 123456789012": false,
	} {
		app := &cli.App{Writer: io.Discard, ErrWriter: io.Discard, ExitErrHandler: func(*cli.Context, error) {}, Commands: []*cli.Command{bootstrap.Command()}}
		err := app.RunContext(t.Context(), append([]string{"clickstream", "bootstrap"}, strings.Fields(line)...))
		if !refused {
			if err != nil {
				t.Errorf("bootstrap %s: %v", line, err)
			}
			continue
		}
		if exit.Code(err) != exit.Usage || !strings.Contains(err.Error(), "flags go behind the command's name") {
			t.Errorf("bootstrap %s: %v, want it refused", line, err)
		}
	}
}
