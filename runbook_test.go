package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// verb is what stands for a value in a message, in the program and in the runbook.
var verb = regexp.MustCompile(`%(\[\d+\])?[+#.0-9]*[a-zA-Z]|…`)

// TestRunbook holds docs/runbook.md against the messages in the program: each that it explains is there, and it explains all that go with AWS's answers.
func TestRunbook(t *testing.T) {
	t.Parallel()
	var messages, ofAWS []string
	for _, folder := range []string{"main.go", "bootstrap", "cleanup", "consume", "daemon", "internal", "produce", "producer", "properties", "verify"} {
		for path, texts := range literals(t, folder) {
			messages = append(messages, texts...)
			if path == "internal/awsclient/explain.go" {
				ofAWS = texts
			}
		}
	}
	var explained []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(readText(t, "docs/runbook.md"), -1) {
		explained = append(explained, row[1])
		if !slices.ContainsFunc(messages, func(m string) bool { return says(m, row[1]) }) {
			t.Errorf("docs/runbook.md explains %q, which no command says", row[1])
		}
	}
	if len(explained) < 40 {
		t.Errorf("docs/runbook.md explains %d messages only", len(explained))
	}
	for _, message := range ofAWS {
		if strings.Contains(message, " ") && len(message) > 20 && !slices.ContainsFunc(explained, func(e string) bool { return says(message, e) }) && !continues(message) {
			t.Errorf("docs/runbook.md does not explain %q", message)
		}
	}
}

// continues says whether the text goes on with a message whose beginning is explained, or is Go's own, which is looked for.
func continues(message string) bool {
	return message == "HTTP response to HTTPS client" || strings.HasPrefix(message, ";") || strings.HasPrefix(message, "check AWS_ENDPOINT_URL")
}

// says tells whether the message has the parts of the explained one, in their order.
func says(message, explained string) bool {
	for _, part := range verb.Split(explained, -1) {
		_, rest, found := strings.Cut(message, strings.TrimSpace(part))
		if !found {
			return false
		}
		message = rest
	}
	return true
}

// literals returns the string literals of the program's files in a folder, those that are added up as one.
func literals(t *testing.T, folder string) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(node ast.Node) bool {
			expression, _ := node.(ast.Expr)
			text := literal(expression)
			if text != "" {
				all[filepath.ToSlash(path)] = append(all[filepath.ToSlash(path)], text)
			}
			return text == ""
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// literal returns the text of a string literal or of a sum that has one; what is no literal in it is a value like another.
func literal(expression ast.Expr) string {
	switch e := expression.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); err == nil && e.Kind == token.STRING {
			return text
		}
	case *ast.BinaryExpr:
		left, right := literal(e.X), literal(e.Y)
		if e.Op == token.ADD && left+right != "" {
			return left + right
		}
	}
	return ""
}

// TestAlarmsAreTheTemplates holds the table of alarms in docs/operations.md against the template that makes them.
func TestAlarmsAreTheTemplates(t *testing.T) {
	t.Parallel()
	operations := readText(t, "docs/operations.md")
	made := regexp.MustCompile(`(?s)\n  (\w+):\n    Type: AWS::CloudWatch::Alarm\n.*?MetricName: (\S+)\n`).FindAllStringSubmatch(readText(t, "deploy/cloudformation/clickstream.yaml"), -1)
	for _, alarm := range made {
		if !strings.Contains(operations, "| "+alarm[1]+" | `"+alarm[2]+"` |") {
			t.Errorf("docs/operations.md has no line for %s on %s", alarm[1], alarm[2])
		}
	}
	if rows := strings.Count(operations, "Alarm | `"); rows != len(made) || rows == 0 {
		t.Errorf("docs/operations.md has %d alarms, the template %d", rows, len(made))
	}
}
