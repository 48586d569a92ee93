package main

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestArrows keeps who may import what, seen through all dependencies, where the linter sees direct imports only.
func TestArrows(t *testing.T) {
	if testing.Short() {
		t.Skip("go list over the whole module is left out with -short")
	}
	commands := []string{"about", "bootstrap", "cleanup", "consume", "daemon", "emulate", "local", "produce", "verify"}
	for _, rule := range []struct {
		pattern string
		denied  []string
	}{
		{"clickstream", []string{"clickstream/e2e", "github.com/testcontainers"}},
		{"./kcl/...", []string{"*.*", "clickstream/emulator", "clickstream/internal"}},
		{"./emulator/...", append(under(internalBut(t, "filelock", "inmemory", "wholebody")), "github.com/aws", "github.com/sirupsen", "github.com/urfave", "clickstream/kcl")},
		{"./emulator/kinesis/...", []string{"clickstream/emulator/cloudwatch", "clickstream/emulator/dynamodb", "clickstream/emulator/s3", "clickstream/emulator/sts"}},
		{"./emulator/dynamodb/...", []string{"clickstream/emulator/cloudwatch", "clickstream/emulator/kinesis", "clickstream/emulator/s3", "clickstream/emulator/sts"}},
		{"./emulator/cloudwatch/...", []string{"clickstream/emulator/kinesis", "clickstream/emulator/dynamodb", "clickstream/emulator/s3", "clickstream/emulator/sts"}},
		{"./emulator/s3/...", []string{"clickstream/emulator/cloudwatch", "clickstream/emulator/kinesis", "clickstream/emulator/dynamodb", "clickstream/emulator/sts"}},
		{"./properties/...", []string{"github.com/urfave", "github.com/aws"}},
		{"./internal/...", under(commands)},
		{"./consume/...", []string{"clickstream/daemon", "clickstream/emulator", "clickstream/local", "clickstream/produce"}},
		{"./daemon/...", append(under([]string{"consume", "emulator", "local", "produce", "verify"}), "clickstream/kcl")},
		{"./bootstrap/...", under([]string{"cleanup", "consume", "daemon", "emulator", "local", "produce", "verify"})},
		{"./bootstrap", []string{"clickstream/bootstrap/jars/ahead/start"}}, // what it does before main it does in this program alone
		{"./produce/...", under([]string{"consume", "daemon", "emulator", "local"})},
		{"./producer/...", append(under(append(commands, "emulator", "properties")), "github.com/sirupsen", "github.com/urfave", "github.com/aws/aws-sdk-go-v2/config")},
	} {
		t.Run(strings.Trim(rule.pattern, "./"), func(t *testing.T) {
			for _, dependency := range dependencies(t, rule.pattern) {
				if denied := deniedBy(rule.denied, dependency); denied != "" {
					t.Errorf("%s depends on %s, which %s forbids", rule.pattern, dependency, denied)
				}
			}
		})
	}
}

// TestAheadIsEarly has package ahead import nothing that package os does not. Go initialises packages in the order of their paths, each when
// its imports are: one import more, and dozens of packages come before it, while the other cores wait.
func TestAheadIsEarly(t *testing.T) {
	if testing.Short() {
		t.Skip("go list is left out with -short")
	}
	early := dependencies(t, "os")
	for _, dependency := range dependencies(t, "./bootstrap/jars/ahead/start") {
		if !slices.Contains(early, dependency) && !strings.HasPrefix(dependency, "clickstream/bootstrap/jars/") {
			t.Errorf("package ahead depends on %s", dependency)
		}
	}
}

// internalBut lists the folders of internal but those that are allowed.
func internalBut(t *testing.T, allowed ...string) []string {
	t.Helper()
	entries, err := os.ReadDir("internal")
	if err != nil {
		t.Fatal(err)
	}
	var folders []string
	for _, entry := range entries {
		if !slices.Contains(allowed, entry.Name()) {
			folders = append(folders, "internal/"+entry.Name())
		}
	}
	return folders
}

func under(folders []string) []string {
	var paths []string
	for _, folder := range folders {
		paths = append(paths, "clickstream/"+folder)
	}
	return paths
}

func dependencies(t *testing.T, pattern string) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", pattern).Output()
	if err != nil {
		t.Fatalf("go list -deps %s: %v", pattern, err)
	}
	return strings.Fields(string(out))
}

// deniedBy returns the rule that forbids the import path. The rule *.* forbids all outside the standard library and this module; clickstream/kcl
// stands for that package alone, other paths for all below them too.
func deniedBy(denied []string, path string) string {
	foreign := !strings.HasPrefix(path, "clickstream/")
	if foreign && slices.Contains(denied, "*.*") && strings.Contains(strings.SplitN(path, "/", 2)[0], ".") {
		return "*.*"
	}
	for _, rule := range denied {
		if path == rule || rule != "clickstream/kcl" && strings.HasPrefix(path, rule+"/") {
			return rule
		}
	}
	return ""
}
