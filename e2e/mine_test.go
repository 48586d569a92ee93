package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"clickstream/e2e"
)

// TestMine is what README.md shows to who writes a record processor.
func TestMine(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes several seconds; left out with -short")
	}
	at := e2e.Embedded(t)                            // or e2e.LocalStack(t)
	clickstream := e2e.Build(t, "..", "clickstream") // the folder of the clone
	mine := e2e.Build(t, "testdata/mine", "mine")    // a main package with kcl.Main; or any program in any language
	app := e2e.NewApp(t, at, clickstream, map[string]string{"executableName": mine, "shards": "3"})

	app.Produce(t, app.Clicks(1000))
	daemon := app.Daemon(t, "OUTPUT="+app.Folder) // your program's environment
	daemon.WaitFor(t, at.Patience, 3, "record processor started")
	e2e.Eventually(t, at.Patience, "all records", func() bool { return seenByMine(t, app.Folder) == 1000 })
	daemon.Kill() // kill -9, with its children; app.StopDaemon is the orderly way
}

// seenByMine counts the records that processors noted, each once.
func seenByMine(t *testing.T, folder string) int {
	t.Helper()
	notes, err := filepath.Glob(filepath.Join(folder, "*.seen"))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, name := range notes {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			seen[line] = true
		}
	}
	return len(seen)
}
