package local

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/urfave/cli/v2"

	"clickstream/properties"
)

// load reads the settings of `clickstream local` as its action does.
func load(t *testing.T, args ...string) *properties.Config {
	t.Helper()
	var config *properties.Config
	command := Command()
	command.Action = func(c *cli.Context) (err error) {
		config, err = defaults().Load(c)
		return err
	}
	app := &cli.App{Commands: []*cli.Command{command}}
	if err := app.Run(append([]string{"clickstream", "local"}, args...)); err != nil {
		t.Fatal(err)
	}
	return config
}

// TestDefaults checks that full, unpaced batches go over the properties file, and under environment and flags.
func TestDefaults(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile(properties.SampleName, properties.Sample(), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := load(t); got.RecordsToWritePerBatch != 500 || got.PutRecordsTps != 0 || got.MaxBufferAgeMillis != 1000 {
		t.Errorf("with the sample: batches of %d, %v calls/s, %d ms", got.RecordsToWritePerBatch, got.PutRecordsTps, got.MaxBufferAgeMillis)
	}
	t.Setenv("CLICKSTREAM_RECORDS_TO_WRITE_PER_BATCH", "7")
	t.Setenv("CLICKSTREAM_MAX_BUFFER_AGE_MILLIS", "300")
	if got := load(t, "--tps", "20", "--max-buffer-age-millis", "200"); got.RecordsToWritePerBatch != 7 || got.PutRecordsTps != 20 || got.MaxBufferAgeMillis != 200 {
		t.Errorf("told otherwise: batches of %d, %v calls/s, %d ms", got.RecordsToWritePerBatch, got.PutRecordsTps, got.MaxBufferAgeMillis)
	}
}

// TestJavaMayTakeItsGrace checks that bootstrap, which gives java shutdownGraceMillis and 10 s, is not killed before.
func TestJavaMayTakeItsGrace(t *testing.T) {
	t.Parallel()
	cfg := Config{Daemon: daemonJava, Settings: &properties.Config{ShutdownGraceMillis: 90_000}}
	if limit := cfg.daemonStopLimit(); limit < 105*time.Second {
		t.Errorf("it is killed after %v", limit)
	}
}

func TestHelpHasTheCommandsOwnDefaults(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	app := &cli.App{Writer: &out, Commands: []*cli.Command{Command()}}
	if err := app.Run([]string{"clickstream", "local", "--help"}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"(default: 500 records)", "(default: 0 calls/s)", "(default: 1000 ms)", "(default: 100 ms)", "(default: 100000, without --input or --for)\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("help lacks %q", want)
		}
	}
}

// TestExportFolderIsMadeFirst checks that a folder that cannot be made is an error before the run and not at its end.
func TestExportFolderIsMadeFirst(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := checkExport(filepath.Join(file, "out")); err == nil || !strings.HasPrefix(err.Error(), "--export: ") {
		t.Errorf("error %v", err)
	}
	if err := checkExport(filepath.Join(filepath.Dir(file), "new", "out")); err != nil {
		t.Error(err)
	}
}
