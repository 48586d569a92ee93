package doctest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Page is a page of the documentation.
type Page struct {
	Path    string // from the repository's root, with slashes
	Steps   []Step
	Links   []Link
	Anchors []string // of its headings, as GitHub makes them
	Spans   []Span   // code within lines
	Needs   []string // what <!-- page: … --> names
}

// Step is a fenced block, or a comment that stands for something that the reader does.
type Step struct {
	Line  int // of the fence or comment
	Lang  string
	Text  string
	Marks map[string]string // what the comments before it say
	Stop  string            // the terminal to stop; then there is no block
}

// Link is the target of a link.
type Link struct {
	Line   int
	Target string
}

// Span is a piece of code within a line.
type Span struct {
	Line int
	Code string
}

var (
	comment  = regexp.MustCompile(`^<!--\s*(.*?)\s*-->$`)
	linkText = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	spanText = regexp.MustCompile("`([^`]+)`")
	slugDrop = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// languages are the words that may stand behind a fence.
func languages() []string {
	return []string{"sh", "output", "go", "properties", "json", "js", "mermaid", "text"}
}

// marks are the words that comments before a block may begin with.
func marks() []string {
	return []string{"needs", "terminal", "until", "again", "exit", "varies", "file", "from"}
}

// Parse reads a page. Errors name its lines.
func Parse(path, text string) (*Page, error) {
	p := &parser{page: &Page{Path: path}, marks: map[string]string{}}
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		if strings.HasPrefix(lines[i], "```") {
			length := slices.IndexFunc(lines[i+1:], func(line string) bool { return line == "```" })
			if length < 0 {
				return nil, p.errorf(i+1, "the block has no end")
			}
			if err := p.block(i+1, lines[i], lines[i+1:i+1+length]); err != nil {
				return nil, err
			}
			i += length + 1
			continue
		}
		if err := p.line(i+1, lines[i]); err != nil {
			return nil, err
		}
	}
	if len(p.marks) > 0 {
		return nil, p.errorf(len(lines), "a comment says something about a block, but there is none after it")
	}
	return p.page, nil
}

type parser struct {
	page  *Page
	marks map[string]string // of the comments since the last block
}

func (p *parser) errorf(line int, format string, args ...any) error {
	return fmt.Errorf("%s:%d: %s", p.page.Path, line, fmt.Sprintf(format, args...))
}

func (p *parser) block(line int, fence string, lines []string) error {
	lang := strings.TrimPrefix(fence, "```")
	if !slices.Contains(languages(), lang) {
		return p.errorf(line, "a block in the language %q; there are %s", lang, strings.Join(languages(), ", "))
	}
	text := strings.Join(lines, "\n") + "\n"
	p.page.Steps = append(p.page.Steps, Step{Line: line, Lang: lang, Text: text, Marks: p.marks})
	p.marks = map[string]string{}
	return nil
}

func (p *parser) line(number int, line string) error {
	if match := comment.FindStringSubmatch(line); match != nil {
		return p.comment(number, match[1])
	}
	if strings.TrimSpace(line) != "" && len(p.marks) > 0 {
		return p.errorf(number, "between a comment and the block that it speaks of there is text")
	}
	if title := strings.TrimLeft(line, "#"); title != line && strings.HasPrefix(title, " ") {
		p.page.Anchors = append(p.page.Anchors, Anchor(title))
	}
	for _, match := range linkText.FindAllStringSubmatch(spanText.ReplaceAllString(line, "`"), -1) {
		p.page.Links = append(p.page.Links, Link{number, match[1]})
	}
	for _, match := range spanText.FindAllStringSubmatch(line, -1) {
		p.page.Spans = append(p.page.Spans, Span{number, match[1]})
	}
	return nil
}

// comment reads what a comment says. One that begins with no word of ours belongs to somebody else.
func (p *parser) comment(line int, text string) error {
	word, value, _ := strings.Cut(text, ":")
	switch word = strings.TrimSpace(word); word {
	case "page":
		p.page.Needs = append(p.page.Needs, strings.Fields(value)...)
		return nil
	case "stop":
		p.page.Steps = append(p.page.Steps, Step{Line: line, Stop: strings.TrimSpace(value)})
		return nil
	}
	for part := range strings.SplitSeq(text, ";") {
		word, value, _ := strings.Cut(part, ":")
		if word = strings.TrimSpace(word); slices.Contains(marks(), word) {
			p.marks[word] = strings.TrimSpace(value)
		} else if len(p.marks) > 0 {
			return p.errorf(line, "a comment before a block begins with %q; there are %s", word, strings.Join(marks(), ", "))
		}
	}
	return nil
}

// Anchor returns what a link names a heading by.
func Anchor(title string) string {
	title = slugDrop.ReplaceAllString(strings.ToLower(strings.TrimSpace(title)), "")
	return strings.ReplaceAll(title, " ", "-")
}
