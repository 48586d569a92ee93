package doctest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// command checks the commands of programs that live here: clickstream, the tests, make and scripts.
func (c *Checker) command(page *Page, words []string) error {
	name, args := words[0], words[1:]
	if name == "go" && len(args) > 1 && args[0] == "run" && args[1] == "." {
		name, args = c.Program.Name, args[2:]
	}
	switch {
	case strings.TrimPrefix(name, "./") == c.Program.Name:
		_, err := c.Program.Check(args)
		return err
	case len(args) == 0:
		return c.script(name)
	case name+" "+args[0] == "go test" && !ownModule(page):
		return c.goTest(args[1:])
	case name == "make":
		return c.makeTarget(args[0])
	}
	return c.script(name)
}

// script wants a script that is named by its path to be there.
func (c *Checker) script(name string) error {
	if !strings.HasSuffix(name, ".sh") || !strings.Contains(name, "/") {
		return nil
	}
	if _, err := os.Stat(filepath.Join(c.Root, filepath.FromSlash(name))); err != nil {
		return fmt.Errorf("there is no %s", name)
	}
	return nil
}

// ownModule says whether the page makes a module of its own, whose tests are not those of the repository.
func ownModule(page *Page) bool {
	return page != nil && slices.ContainsFunc(page.Steps, func(s Step) bool { return s.Marks["file"] == "main.go" })
}

// testFlags are go test's own, which no test declares.
func testFlags() []string {
	return []string{"-v", "-race", "-short", "-timeout", "-count", "-fuzz", "-bench", "-run"}
}

// goTest wants the folder to have a test that -run names, and the flags that are not go's own.
func (c *Checker) goTest(args []string) error {
	folder, pattern := testArguments(args)
	if strings.HasSuffix(folder, "...") {
		return nil
	}
	sources, err := goSources(filepath.Join(c.Root, filepath.FromSlash(folder)))
	if err != nil {
		return err
	}
	pattern = strings.Trim(strings.Split(pattern, "/")[0], "^$")
	if !testNamed(sources, pattern) {
		return fmt.Errorf("there is no test %s in %s", pattern, folder)
	}
	for _, arg := range args {
		if !strings.HasPrefix(arg, "-") || slices.Contains(testFlags(), arg) {
			continue
		}
		if !regexp.MustCompile(`flag\.\w+\("` + regexp.QuoteMeta(strings.TrimPrefix(arg, "-")) + `"`).Match(sources) {
			return fmt.Errorf("the tests in %s have no flag %s", folder, arg)
		}
	}
	return nil
}

func testArguments(args []string) (folder, pattern string) {
	folder = "."
	for i, arg := range args {
		if strings.HasPrefix(arg, "./") {
			folder = arg
		}
		if (arg == "-run" || arg == "-bench") && i+1 < len(args) {
			pattern = args[i+1]
		}
	}
	return folder, pattern
}

func testNamed(sources []byte, pattern string) bool {
	wanted, err := regexp.Compile(pattern)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(testFunction.FindAllSubmatch(sources, -1), func(match [][]byte) bool { return wanted.Match(match[1]) })
}

var testFunction = regexp.MustCompile(`(?m)^func ((?:Test|Benchmark|Fuzz|Example)\w*)\(`)

// goSources returns all Go in a folder.
func goSources(folder string) ([]byte, error) {
	names, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		return nil, err
	}
	var all [][]byte
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		all = append(all, text)
	}
	return bytes.Join(all, []byte("\n")), nil
}

// variableOfTests says whether the tests in e2e read the variable.
func (c *Checker) variableOfTests(variable string) bool {
	sources, err := goSources(filepath.Join(c.Root, "e2e"))
	return err == nil && bytes.Contains(sources, []byte(variable))
}

func (c *Checker) makeTarget(target string) error {
	text, err := os.ReadFile(filepath.Join(c.Root, "Makefile"))
	if err != nil {
		return err
	}
	if !regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(target) + `:`).Match(text) {
		return fmt.Errorf("the Makefile has no target %s", target)
	}
	return nil
}
