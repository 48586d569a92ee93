package main

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestArchitectureIsDrawnAsItIs wants each arrow between packages in docs/architecture.md to be an import.
func TestArchitectureIsDrawnAsItIs(t *testing.T) {
	t.Parallel()
	_, diagram, _ := strings.Cut(readText(t, "docs/architecture.md"), "```mermaid\nflowchart TD\n")
	diagram, _, _ = strings.Cut(diagram, "```")
	folders := map[string]string{"main": "."}
	for _, node := range regexp.MustCompile(`(\w+)\[([^\]]+)\]`).FindAllStringSubmatch(diagram, -1) {
		folders[node[1]] = node[2]
	}
	arrows := 0
	for line := range strings.Lines(diagram) {
		nodes := strings.Split(strings.TrimSpace(regexp.MustCompile(`\[[^\]]+\]`).ReplaceAllString(line, "")), " --> ")
		for i, node := range nodes {
			if folders[node] == "" {
				folders[node] = node
			}
			if i > 0 && !slices.Contains(imports(t, folders[nodes[i-1]]), "clickstream/"+folders[node]) {
				t.Errorf("docs/architecture.md draws %s --> %s, which is no import", nodes[i-1], node)
			}
			arrows++
		}
	}
	if arrows < 10 {
		t.Errorf("docs/architecture.md has a diagram of %d packages only", arrows)
	}
}

// imports returns what the files of a folder import, tests aside.
func imports(t *testing.T, folder string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range file.Imports {
			path, _ := strconv.Unquote(one.Path.Value)
			paths = append(paths, path)
		}
	}
	return paths
}
