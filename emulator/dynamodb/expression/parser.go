package expression

import (
	"slices"
	"strconv"
	"strings"
)

// parser reads an expression by recursive descent, one token ahead.
type parser struct {
	places    *Placeholders
	parameter string
	lexer     lexer
	previous  token
	token     token
	group     span // the last condition in parentheses, with them
}

// span is a piece of an expression, from its first byte to the one after its last.
type span struct{ start, end int }

// advance takes the current token and reads the next one.
func (p *parser) advance() token {
	p.previous = p.token
	p.token = p.lexer.next()
	return p.previous
}

// take advances if the current token is of the kind.
func (p *parser) take(wanted kind) bool {
	if p.token.kind != wanted {
		return false
	}
	p.advance()
	return true
}

func (p *parser) expect(wanted kind) error {
	if !p.take(wanted) {
		return p.unexpected()
	}
	return nil
}

// keyword advances if the current token is the keyword, which is given in capitals.
func (p *parser) keyword(name string) bool {
	if !p.at(name) {
		return false
	}
	p.advance()
	return true
}

func (p *parser) at(keyword string) bool {
	return p.token.kind == word && strings.EqualFold(p.token.text, keyword)
}

// atKeyword tells whether the current token is a word that cannot begin a path.
func (p *parser) atKeyword() bool {
	return slices.ContainsFunc([]string{"AND", "OR", "NOT", "BETWEEN", "IN"}, p.at)
}

// unexpected says which token is out of place and shows it between its neighbors.
func (p *parser) unexpected() error {
	from, to := p.previous.start, p.token.end
	if following := p.lexer; p.token.kind != endOfText {
		to = following.next().end
	}
	return invalid("Syntax error; token: %q, near: %q", p.token.text, strings.TrimSpace(p.lexer.text[from:to]))
}

// list reads one or more parts with commas between them.
func list[T any](p *parser, part func() (T, error)) ([]T, error) {
	var parts []T
	for {
		one, err := part()
		if err != nil {
			return nil, err
		}
		parts = append(parts, one)
		if !p.take(",") {
			return parts, nil
		}
	}
}

// path reads a document path.
func (p *parser) path() (Path, error) {
	first, err := p.name()
	if err != nil {
		return nil, err
	}
	path := Path{{Name: first}}
	for {
		switch {
		case p.take("."):
			name, err := p.name()
			if err != nil {
				return nil, err
			}
			path = append(path, Step{Name: name})
		case p.take("["):
			at, err := p.index()
			if err != nil {
				return nil, err
			}
			path = append(path, Step{Index: at, IsIndex: true})
		default:
			return path, nil
		}
	}
}

func (p *parser) index() (int, error) {
	digits := p.token.text
	if err := p.expect(index); err != nil {
		return 0, err
	}
	const most = 1 << 30 // no list is longer; it also keeps the number within an int
	at, err := strconv.Atoi(digits)
	if err != nil || at > most {
		return 0, invalid("List index is not within the allowable range; index: [%s]", digits)
	}
	return at, p.expect("]")
}

// name reads one name of a path, plain or by placeholder.
func (p *parser) name() (string, error) {
	switch p.token.kind {
	case namePlace:
		return p.places.name(p.advance().text)
	case word:
		name := p.advance().text
		if reserved(name) {
			return "", invalid("Attribute name is a reserved keyword; reserved keyword: %s", name)
		}
		return name, nil
	default:
		return "", p.unexpected()
	}
}

// call tells whether a function call comes next, and takes its name.
func (p *parser) call() (string, bool) {
	if p.token.kind != word {
		return "", false
	}
	following := p.lexer
	if following.next().kind != "(" {
		return "", false
	}
	return p.advance().text, true
}
