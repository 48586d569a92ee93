package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"clickstream/internal/doctest"
)

// documentation loads all pages.
func documentation(t *testing.T) (*doctest.Checker, []*doctest.Page) {
	t.Helper()
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	checker := &doctest.Checker{Root: root, Program: programOf("clickstream", commands([]string{"clickstream"}))}
	var pages []*doctest.Page
	for _, pattern := range []string{"*.md", "docs/*.md", "deploy/*.md", "deploy/*/*.md", "*/README.md"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			page, err := checker.Load(filepath.ToSlash(name))
			if err != nil {
				t.Error(err)
				continue
			}
			pages = append(pages, page)
		}
	}
	if len(pages) < 10 {
		t.Fatalf("there are %d pages of documentation only", len(pages))
	}
	return checker, pages
}

// programOf is what the documentation may name of the commands.
func programOf(name string, all []*cli.Command) *doctest.Program {
	program := &doctest.Program{Name: name, Flags: map[string]bool{}}
	for _, command := range all {
		one := programOf(command.Name, command.Subcommands)
		one.Hidden = command.Hidden
		for _, flag := range command.Flags {
			documented, _ := flag.(cli.DocGenerationFlag)
			for _, name := range flag.Names() {
				one.Flags[dashed(name)] = documented != nil && documented.TakesValue()
			}
		}
		program.Commands = append(program.Commands, one)
	}
	return program
}

func dashed(flag string) string {
	if len(flag) == 1 {
		return "-" + flag
	}
	return "--" + flag
}

// TestDocumentation looks at each page without running it: links, languages of blocks, commands and their flags, settings, tests that it names.
func TestDocumentation(t *testing.T) {
	t.Parallel()
	checker, pages := documentation(t)
	for _, page := range pages {
		for _, err := range checker.Check(page) {
			t.Error(err)
		}
	}
	for _, command := range checker.Program.Undocumented(pages) {
		t.Errorf("no page says what %s is for", command)
	}
}

// TestDependenciesAreExplained holds the table of CONTRIBUTING.md against go.mod.
func TestDependenciesAreExplained(t *testing.T) {
	t.Parallel()
	table := readText(t, "CONTRIBUTING.md")
	_, required, _ := strings.Cut(readText(t, "go.mod"), "require (")
	required, _, _ = strings.Cut(required, "\n)")
	named := regexp.MustCompile("`([a-z0-9.]+\\.[a-z]+/[^`]+)`").FindAllStringSubmatch(table, -1)
	for line := range strings.Lines(strings.TrimSpace(required)) {
		path := strings.Fields(line)[0]
		if !slices.ContainsFunc(named, func(name []string) bool { return explains(name[1], path) }) {
			t.Errorf("CONTRIBUTING.md does not say why %s is needed", path)
		}
	}
	for _, name := range named {
		if !strings.Contains(required, name[1]+" ") && !strings.Contains(required, name[1]+"/") {
			t.Errorf("CONTRIBUTING.md explains %s, which go.mod does not require", name[1])
		}
	}
}

// explains says whether the table's line of that name is about the module too: the AWS SDK is many modules in a line.
func explains(name, path string) bool {
	return path == name || strings.HasPrefix(path, name+"/")
}

func readText(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
