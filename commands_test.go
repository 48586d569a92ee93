package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"clickstream/internal/commandline"
)

// TestCommandsAreHeeded: what the commands declare is what internal/commandline knows.
func TestCommandsAreHeeded(t *testing.T) {
	t.Parallel()
	if err := commandline.Check(app(nil, nil, nil, nil)); err != nil {
		t.Error(err)
	}
}

// TestNoTemplates: with a template in it, or whatever else looks methods up by name, the program grows by a third.
func TestNoTemplates(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("building the program is left out with -short")
	}
	program := filepath.Join(t.TempDir(), "clickstream")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "-ldflags=-dumpdep", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out[max(0, len(out)-2000):])
	}
	shown := 0
	for line := range strings.Lines(string(out)) {
		// The linker writes who refers to whom. reflect's own functions are marked too, whoever calls them.
		if _, to, _ := strings.Cut(line, " -> "); strings.HasSuffix(to, " <ReflectMethod>\n") && !strings.HasPrefix(to, "reflect.") && shown < 3 {
			t.Errorf("the linker keeps every exported method because of: %s", line)
			shown++
		}
	}
	if !strings.Contains(string(out), "main.main -> ") {
		t.Error("the linker does not say who refers to whom")
	}
}
