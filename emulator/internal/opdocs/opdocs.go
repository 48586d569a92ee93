// Package opdocs makes the part of docs/emulator.md that says of each operation what is kept and what is left out. It takes it from
// the comments at the operations themselves:
//
//	// PutRecord: https://docs.aws.amazon.com/…/API_PutRecord.html
//	// Kept: …
//	// Left out: …
//	// Differs: … (where there is something to say)
package opdocs

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

//go:generate go run ./generate

// Operation is what the comment at an operation says.
type Operation struct {
	Name, URL              string
	Kept, LeftOut, Differs string // sentences; Differs may be empty
}

var reference = regexp.MustCompile(`^(?:\w+: )?(https://docs\.aws\.amazon\.com/\S+/API_(\w+)\.html)$`)

// Collect reads the Go files of a folder, tests left out, and returns the operations by name. A comment that names an operation and
// does not say what is kept, or what is left out, is an error.
func Collect(folder string) ([]Operation, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		return nil, err
	}
	var all []Operation
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		for _, comment := range parsed.Comments {
			found, err := read(comment)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
			all = append(all, found...)
		}
	}
	slices.SortFunc(all, func(a, b Operation) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

// read takes the operations from a comment: none, one, or two that are told of together.
func read(comment *ast.CommentGroup) ([]Operation, error) {
	var named []Operation
	var said Operation
	var sentence *string // that goes on
	for line := range strings.Lines(comment.Text()) {
		line = strings.TrimSpace(line)
		if match := reference.FindStringSubmatch(line); match != nil {
			named = append(named, Operation{Name: match[2], URL: match[1]})
			continue
		}
		for prefix, target := range map[string]*string{"Kept: ": &said.Kept, "Left out: ": &said.LeftOut, "Differs: ": &said.Differs} {
			if rest, ok := strings.CutPrefix(line, prefix); ok {
				line, sentence = rest, target
			}
		}
		if sentence != nil {
			*sentence = join(*sentence, line)
		}
	}
	if len(named) > 0 && (said.Kept == "" || said.LeftOut == "") {
		return nil, errors.New("the comment at " + named[0].Name + " does not say what is kept and what is left out")
	}
	for i := range named {
		named[i].Kept, named[i].LeftOut, named[i].Differs = said.Kept, said.LeftOut, said.Differs
	}
	return named, nil
}

// join puts lines together; a word that was broken at its hyphen becomes one again.
func join(text, line string) string {
	if text == "" || line == "" || strings.HasSuffix(text, "-") {
		return text + line
	}
	return text + " " + line
}

// services lists the folders and their names.
func services() [][2]string {
	return [][2]string{{"kinesis", "Kinesis"}, {"dynamodb", "DynamoDB"}, {"s3", "S3"}, {"cloudwatch", "CloudWatch"}, {"sts", "STS"}}
}

const (
	begin = "<!-- operations: made from the comments in emulator/ by go generate ./emulator/internal/opdocs -->\n"
	end   = "<!-- end of operations -->\n"
)

// Update returns a document with the part between its two marks made anew from the services below a folder.
func Update(document, folder string) (string, error) {
	head, rest, ok := strings.Cut(document, begin)
	_, tail, ended := strings.Cut(rest, end)
	if !ok || !ended {
		return "", fmt.Errorf("the document has no part between %q and %q", begin, end)
	}
	var b strings.Builder
	b.WriteString(head + begin)
	for _, service := range services() {
		path := filepath.Join(folder, service[0])
		if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
			continue
		}
		operations, err := Collect(path)
		if err != nil {
			return "", err
		}
		render(&b, service[1], operations)
	}
	b.WriteString("\n" + end + tail)
	return b.String(), nil
}

func render(b *strings.Builder, service string, operations []Operation) {
	if len(operations) == 0 {
		return
	}
	_, _ = fmt.Fprintf(b, "\n### %s: %d operations\n\n", service, len(operations)) // memory: never fails
	for _, one := range operations {
		_, _ = fmt.Fprintf(b, "- [%s](%s). Kept: %s", one.Name, one.URL, one.Kept)
		if one.LeftOut != "nothing." {
			b.WriteString(" *Left out:* " + one.LeftOut)
		}
		if one.Differs != "" {
			b.WriteString(" *Differs:* " + one.Differs)
		}
		b.WriteString("\n")
	}
}
