package java_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"clickstream/bootstrap/java"
)

// TestInstalled has the version read from the file release, and the program asked where there is none.
func TestInstalled(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the program is a shell script")
	}
	for name, test := range map[string]struct {
		program, release string
		text             string
		want             java.Version
	}{
		"JDK":               {"bin/java", "release", "IMPLEMENTOR=\"Debian\"\nJAVA_VERSION=\"17.0.15\"\n", java.Version{Text: "17.0.15", Major: 17}},
		"Java 8's runtime":  {"jre/bin/java", "release", "JAVA_VERSION=\"1.8.0_392\"\r\n", java.Version{Text: "1.8.0_392", Major: 8}},
		"no release":        {"bin/java", "other", "JAVA_VERSION=\"17\"", java.Version{Text: "99", Major: 99}},
		"not a release":     {"bin/java", "release", "JAVA_VERSION=\"seventeen\"", java.Version{Text: "99", Major: 99}},
		"not in an install": {"java", "release", "JAVA_VERSION=\"17\"", java.Version{Text: "99", Major: 99}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			home := filepath.Join(t.TempDir(), "java")
			program := filepath.Join(home, filepath.FromSlash(test.program))
			if err := os.MkdirAll(filepath.Dir(program), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(program, []byte("#!/bin/sh\necho 'openjdk version \"99\"' >&2\n"), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(home, test.release), []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			link := filepath.Join(t.TempDir(), "java")
			if err := os.Symlink(program, link); err != nil {
				t.Fatal(err)
			}
			if got, err := java.Installed(t.Context(), link); err != nil || got != test.want {
				t.Errorf("%+v, %v, want %+v", got, err, test.want)
			}
		})
	}
}
