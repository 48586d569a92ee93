package logging_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"clickstream/internal/logging"
)

func TestNewKeepsToTheLevel(t *testing.T) {
	for level, want := range map[string]int{"error": 1, "WARN": 2, "": 3, "info": 3, "debug": 4, "trace": 5} {
		var out strings.Builder
		log, err := logging.New(&out, level)
		if err != nil {
			t.Fatal(err)
		}
		log.Error("e")
		log.Warn("w")
		log.Info("i")
		log.Debug("d")
		log.Trace("t")
		if got := strings.Count(out.String(), "\n"); got != want {
			t.Errorf("level %q wrote %d lines, want %d:\n%s", level, got, want, out.String())
		}
	}
	if _, err := logging.New(&strings.Builder{}, "loud"); err == nil || !strings.Contains(err.Error(), `not "loud"`) {
		t.Errorf("error %v, want one that names the level", err)
	}
}

func TestFileAppendsAndMakesItsFolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "logs", "application.log")
	for _, message := range []string{"first", "second"} {
		log, closer, err := logging.File(path, "info")
		if err != nil {
			t.Fatal(err)
		}
		log.WithField("shard", "shardId-000000000000").Info(message)
		if err := closer.Close(); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], "msg=first shard=shardId-000000000000") || !strings.Contains(lines[1], "msg=second") {
		t.Errorf("log holds\n%s", text)
	}
}

func TestFileSaysWhatIsWrongAtOnce(t *testing.T) {
	dir := t.TempDir()
	if _, _, err := logging.File(dir, "info"); err == nil {
		t.Error("a directory was opened as log file")
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := logging.File(filepath.Join(file, "x.log"), "info"); err == nil {
		t.Error("a file was taken for a folder")
	}
	if _, _, err := logging.File(filepath.Join(dir, "x.log"), "loud"); err == nil {
		t.Error("an unknown level was taken")
	}
}
