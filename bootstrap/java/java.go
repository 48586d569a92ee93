// Package java finds the java program that runs the daemon, and says which version it is.
package java

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// Oldest is the oldest version of Java that the Kinesis Client Library 2 and 3 run on.
const Oldest = 8

// Find returns the java to run: the one given, that of JAVA_HOME, or the first on the PATH. With the error that there is none on the PATH it
// returns the bare name.
func Find(given string) (string, error) {
	name, whence, bare := given, "--java", ""
	switch home := os.Getenv("JAVA_HOME"); {
	case given != "":
	case home != "":
		name, whence = filepath.Join(home, "bin", "java"), "JAVA_HOME"
	default:
		name, whence, bare = "java", "the PATH", "java"
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return bare, fmt.Errorf("no java program by %s (%w): install Java %d or later, or name one by --java", whence, err, Oldest)
	}
	return path, nil
}

// Version is what a java program says of itself.
type Version struct {
	Text  string // as it names it: "17.0.15", "1.8.0_392"
	Major int    // 17, 8
}

// NewEnough reports whether the daemon runs on this version.
func (v Version) NewEnough() bool { return v.Major >= Oldest }

// VersionOf runs the program with -version and reads what it prints.
func VersionOf(ctx context.Context, program string) (Version, error) {
	out, err := exec.CommandContext(ctx, program, "-version").CombinedOutput()
	if err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return Version{}, fmt.Errorf("%s -version: %w%s", program, err, firstLine(out))
	}
	version, err := ParseVersion(string(out))
	if err != nil {
		return Version{}, fmt.Errorf("%s -version: %w", program, err)
	}
	return version, nil
}

func firstLine(out []byte) string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	if line == "" {
		return ""
	}
	return ": " + line
}

// ParseVersion reads what java -version prints, of any vendor, such as: openjdk version "17.0.15" 2025-04-15. Until Java 8 the number stood
// behind "1.".
func ParseVersion(text string) (Version, error) {
	_, quoted, _ := strings.Cut(text, `version "`)
	name, _, ok := strings.Cut(quoted, `"`)
	if !ok || name == "" {
		return Version{}, errors.New("it does not say which version it is" + firstLine([]byte(text)))
	}
	v := Version{Text: name}
	number := strings.TrimPrefix(v.Text, "1.")
	end := strings.IndexFunc(number, func(r rune) bool { return r < '0' || r > '9' })
	if end >= 0 {
		number = number[:end]
	}
	var err error
	if v.Major, err = strconv.Atoi(number); err != nil {
		return Version{}, fmt.Errorf("java calls itself version %q, which begins with no number", v.Text)
	}
	return v, nil
}
