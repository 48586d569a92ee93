package java

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// released finds the version in the file release of a Java installation, such as: JAVA_VERSION="17.0.15".
var released = regexp.MustCompile(`(?m)^JAVA_VERSION="([^"]+)"`)

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
		if found := released.FindStringSubmatch(strings.ReplaceAll(string(text), "\r\n", "\n")); found != nil {
			if v, err := ParseVersion(`version "` + found[1] + `"`); err == nil {
				return v, nil
			}
		}
	}
	return VersionOf(ctx, program)
}
