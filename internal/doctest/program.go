package doctest

import (
	"fmt"
	"slices"
	"strings"
)

// Program is a command line program, or a command of it, as the documentation is held against it.
type Program struct {
	Name     string
	Flags    map[string]bool // with their dashes; true where a value follows
	Commands []*Program
	Hidden   bool // need not be documented
}

// Find returns the command of that name, or nil.
func (p *Program) Find(name string) *Program {
	i := slices.IndexFunc(p.Commands, func(c *Program) bool { return c.Name == name })
	if i < 0 {
		return nil
	}
	return p.Commands[i]
}

// Check returns why the program would not understand these arguments. Words in capitals and … stand for something, and what follows the last
// command is not looked at but for flags. It returns the command that they name.
func (p *Program) Check(args []string) (*Program, error) {
	for i := 0; i < len(args); i++ {
		arg := args[i]
		switch {
		case slices.Contains([]string{"--help", "-h", "…", "-"}, arg):
		case strings.HasPrefix(arg, "-"):
			takesValue, err := p.flag(arg)
			if err != nil {
				return nil, err
			}
			if takesValue {
				i++
			}
		case len(p.Commands) > 0:
			return p.command(arg, args[i+1:])
		}
	}
	return p, nil
}

func (p *Program) command(name string, args []string) (*Program, error) {
	next := p.Find(name)
	switch {
	case next != nil:
		return next.Check(args)
	case name == strings.ToUpper(name):
		return p, nil
	}
	return nil, fmt.Errorf("%s has no command %q", p.Name, name)
}

// flag says whether the flag, which may have its value with it, takes one from the next word.
func (p *Program) flag(arg string) (bool, error) {
	name, _, together := strings.Cut(arg, "=")
	takesValue, known := p.Flags[name]
	if !known && p.short(name) {
		return false, nil
	}
	if !known {
		return false, fmt.Errorf("%s has no flag %s", p.Name, name)
	}
	return takesValue && !together, nil
}

// short says whether the word is several short flags in one, as -pe.
func (p *Program) short(word string) bool {
	if len(word) < 3 || word[1] == '-' {
		return false
	}
	for _, letter := range word[1:] {
		if _, known := p.Flags["-"+string(letter)]; !known {
			return false
		}
	}
	return true
}

// HasFlag says whether the program or a command of it has the flag.
func (p *Program) HasFlag(flag string) bool {
	if _, known := p.Flags[flag]; known || flag == "--help" {
		return true
	}
	return slices.ContainsFunc(p.Commands, func(c *Program) bool { return c.HasFlag(flag) })
}

// Undocumented returns the commands that no page mentions, by "NAME COMMAND" in code.
func (p *Program) Undocumented(pages []*Page) []string {
	var code strings.Builder
	for _, page := range pages {
		for _, step := range page.Steps {
			code.WriteString(step.Text + "\n")
		}
		for _, span := range page.Spans {
			code.WriteString(span.Code + "\n")
		}
	}
	text := " " + strings.Join(strings.Fields(code.String()), " ") + " "
	return undocumented(p, p.Name, text)
}

func undocumented(p *Program, path, text string) []string {
	var missing []string
	for _, command := range p.Commands {
		if command.Hidden {
			continue
		}
		name := path + " " + command.Name
		if !strings.Contains(text, name+" ") {
			missing = append(missing, name)
		}
		missing = append(missing, undocumented(command, name, text)...)
	}
	return missing
}
