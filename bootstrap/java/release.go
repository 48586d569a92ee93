package java

import (
	"context"
	"os"
	"path/filepath"
	"strings"
)

// Installed returns the version of a java program: what its installation's file release says, which takes no time, or where there is no such
// file what the program says.
func Installed(ctx context.Context, program string) (Version, error) {
	path, err := filepath.EvalSymlinks(program)
	if err != nil {
		path = program
	}
	// bin/java; until Java 8 also jre/bin/java, two folders below the file.
	home := filepath.Dir(filepath.Dir(path))
	for _, folder := range []string{home, filepath.Dir(home)} {
		if folder == filepath.Dir(home) && filepath.Base(home) != "jre" || filepath.Base(filepath.Dir(path)) != "bin" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(folder, "release"))
		if err != nil {
			continue
		}
		if v, err := ParseVersion(released(string(text))); err == nil {
			return v, nil
		}
	}
	return VersionOf(ctx, program)
}

// released finds the version in the file release of a Java installation, such as JAVA_VERSION="17.0.15", and returns it as java -version
// prints it.
func released(text string) string {
	for line := range strings.Lines(text) {
		if quoted, ok := strings.CutPrefix(line, "JAVA_VERSION="); ok {
			return "version " + quoted
		}
	}
	return ""
}
