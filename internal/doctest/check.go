package doctest

import (
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"clickstream/properties"
)

// Checker looks at pages without running anything.
type Checker struct {
	Root    string   // the repository
	Program *Program // the commands and flags that there are
	pages   map[string]*Page
}

// Load reads the page at a path from the root.
func (c *Checker) Load(name string) (*Page, error) {
	if page := c.pages[name]; page != nil {
		return page, nil
	}
	text, err := os.ReadFile(filepath.Join(c.Root, filepath.FromSlash(name)))
	if err != nil {
		return nil, err
	}
	page, err := Parse(name, string(text))
	if err != nil {
		return nil, err
	}
	if c.pages == nil {
		c.pages = map[string]*Page{}
	}
	c.pages[name] = page
	return page, nil
}

// Check returns all that is wrong with a page as it stands.
func (c *Checker) Check(page *Page) []error {
	var wrong []error
	report := func(line int, err error) {
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%s:%d: %w", page.Path, line, err))
		}
	}
	for _, link := range page.Links {
		report(link.Line, c.link(page, link.Target))
	}
	for _, span := range page.Spans {
		report(span.Line, c.span(span.Code))
	}
	for i, step := range page.Steps {
		report(step.Line, c.step(page, i))
		if step.Lang == "sh" {
			for _, command := range Commands(step.Text) {
				report(step.Line, c.command(page, command))
			}
		}
	}
	return wrong
}

// link wants a file of the repository to be there, and a heading in it.
func (c *Checker) link(page *Page, target string) error {
	if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
		return nil
	}
	file, anchor, _ := strings.Cut(target, "#")
	if file == "" {
		file = page.Path
	} else {
		file = path.Join(path.Dir(page.Path), file)
	}
	if _, err := os.Stat(filepath.Join(c.Root, filepath.FromSlash(file))); err != nil {
		return fmt.Errorf("the link %s leads nowhere", target)
	}
	if anchor == "" || !strings.HasSuffix(file, ".md") {
		return nil
	}
	other, err := c.Load(file)
	if err != nil {
		return err
	}
	if !slices.Contains(other.Anchors, anchor) {
		return fmt.Errorf("the link %s names no heading of %s", target, file)
	}
	return nil
}

var (
	environmentVariable = regexp.MustCompile(`^CLICKSTREAM_[A-Z0-9_]+`)
	flagWord            = regexp.MustCompile(`^--?[a-z][a-z-]*`)
)

// span checks code within a line: a command of ours, a flag, or a variable of the environment.
func (c *Checker) span(code string) error {
	if variable := environmentVariable.FindString(code); variable != "" {
		flag := "--" + strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(variable, "CLICKSTREAM_")), "_", "-")
		if !c.Program.HasFlag(flag) && !c.variableOfTests(variable) {
			return fmt.Errorf("there is no setting %s", variable)
		}
	}
	if flag := flagWord.FindString(code); strings.HasPrefix(flag, "--") && !c.Program.HasFlag(flag) {
		return fmt.Errorf("no command has the flag %s", flag)
	}
	for _, command := range Commands(code) {
		if err := c.command(nil, command); err != nil {
			return err
		}
	}
	return nil
}

// step checks a block by its language.
func (c *Checker) step(page *Page, i int) error {
	step := page.Steps[i]
	// Account and time are nowhere.
	needs := []string{"account", "aws", "docker", "java", "node", "time"}
	if need := step.Marks["needs"]; need != "" && !slices.Contains(needs, need) {
		return fmt.Errorf("needs: %s; there are %s", need, strings.Join(needs, ", "))
	}
	switch step.Lang {
	case "output":
		if i == 0 || page.Steps[i-1].Lang != "sh" && page.Steps[i-1].Stop == "" {
			return fmt.Errorf("an output block stands behind the sh block that prints it")
		}
	case "properties":
		_, err := properties.Parse(strings.NewReader(step.Text), page.Path)
		return err
	case "json":
		var value any
		return json.Unmarshal([]byte(step.Text), &value)
	case "go":
		return c.goBlock(step)
	case "mermaid":
		return diagram(step.Text)
	}
	return nil
}

// goBlock wants a block of Go to be a file that the page's commands use, or to stand in a file here that is compiled and tested.
func (c *Checker) goBlock(step Step) error {
	if step.Marks["file"] != "" {
		return nil
	}
	from := step.Marks["from"]
	if from == "" {
		return fmt.Errorf("a block of Go that nothing compiles: say <!-- file: NAME --> or <!-- from: FILE -->")
	}
	source, err := os.ReadFile(filepath.Join(c.Root, filepath.FromSlash(from)))
	if err != nil {
		return err
	}
	lines := strings.Split(string(source), "\n")
	for line := range strings.SplitSeq(step.Text, "\n") {
		line = oneBlank(line) // comments stand in columns, and columns move
		if line == "" || line == "…" {
			continue
		}
		at := slices.IndexFunc(lines, func(other string) bool { return oneBlank(other) == line })
		if at < 0 {
			return fmt.Errorf("%s has no line %q, or not in this order", from, line)
		}
		lines = lines[at+1:]
	}
	return nil
}

// diagram wants Mermaid's first word and ends for what is begun.
func diagram(text string) error {
	first := strings.Fields(text + " .")[0]
	if !slices.Contains([]string{"flowchart", "sequenceDiagram", "stateDiagram-v2"}, first) {
		return fmt.Errorf("a diagram does not begin with %q", first)
	}
	words := strings.Fields(text)
	begun := 0
	for _, word := range words {
		switch word {
		case "subgraph", "loop", "alt", "opt", "par":
			begun++
		case "end":
			begun--
		}
	}
	if begun != 0 || strings.Count(text, "[") != strings.Count(text, "]") || strings.Count(text, "(") != strings.Count(text, ")") {
		return fmt.Errorf("something in the diagram is begun and not ended")
	}
	return nil
}
