package daemon

import "bytes"

// parser walks JSON without decoding it. It checks what it steps over as far as it has to: where a value ends.
type parser struct {
	rest  []byte
	depth int
}

// maxDepth is how deep values may nest; a GetRecords response needs five.
const maxDepth = 32

// object reads an object and calls member, which reads the value, for each key. Keys with escapes are errUnusual.
func (p *parser) object(member func(key []byte) error) error {
	return p.sequence('{', '}', func() error {
		key, err := p.text()
		if err != nil || bytes.IndexByte(key, '\\') >= 0 {
			return errUnusual
		}
		if !p.take(':') {
			return errUnusual
		}
		return member(key)
	})
}

// list reads an array, or null, and calls element, which reads it, for each of its values.
func (p *parser) list(element func() error) error {
	if p.space(); bytes.HasPrefix(p.rest, []byte("null")) {
		p.rest = p.rest[len("null"):]
		return nil
	}
	return p.sequence('[', ']', element)
}

func (p *parser) sequence(open, end byte, element func() error) error {
	if p.depth++; p.depth > maxDepth || !p.take(open) {
		return errUnusual
	}
	defer func() { p.depth-- }()
	if p.take(end) {
		return nil
	}
	for {
		if err := element(); err != nil {
			return err
		}
		if p.take(end) {
			return nil
		}
		if !p.take(',') {
			return errUnusual
		}
	}
}

// text reads a string and returns what stands between its quotes, escapes and all.
func (p *parser) text() ([]byte, error) {
	text, err := p.rawText()
	for _, c := range text {
		if c < ' ' {
			return nil, errUnusual
		}
	}
	return text, err
}

// rawText is text without the check for control characters, which JSON forbids in strings.
func (p *parser) rawText() ([]byte, error) {
	if !p.take('"') {
		return nil, errUnusual
	}
	end := bytes.IndexByte(p.rest, '"')
	if end < 0 {
		return nil, errUnusual
	}
	if escape := bytes.IndexByte(p.rest[:end], '\\'); escape >= 0 {
		if end = closingQuote(p.rest, escape); end < 0 {
			return nil, errUnusual
		}
	}
	text := p.rest[:end:end]
	p.rest = p.rest[end+1:]
	return text, nil
}

// closingQuote finds the quote that ends a string whose first escape is at from; -1 when there is none.
func closingQuote(b []byte, from int) int {
	for i := from; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}

// value steps over any value and returns its bytes.
func (p *parser) value() ([]byte, error) {
	p.space()
	start := p.rest
	if len(start) == 0 {
		return nil, errUnusual
	}
	var err error
	switch start[0] {
	case '{':
		err = p.object(func([]byte) error { _, err := p.value(); return err })
	case '[':
		err = p.list(func() error { _, err := p.value(); return err })
	case '"':
		_, err = p.text()
	default:
		end := 0
		for end < len(start) && !delimits(start[end]) {
			end++
		}
		if end == 0 {
			return nil, errUnusual
		}
		p.rest = start[end:]
	}
	return start[:len(start)-len(p.rest)], err
}

// take skips c, and white space before it, and reports whether it was there.
func (p *parser) take(c byte) bool {
	p.space()
	if len(p.rest) == 0 || p.rest[0] != c {
		return false
	}
	p.rest = p.rest[1:]
	return true
}

func (p *parser) space() {
	for len(p.rest) > 0 && (p.rest[0] == ' ' || p.rest[0] == '\n' || p.rest[0] == '\r' || p.rest[0] == '\t') {
		p.rest = p.rest[1:]
	}
}

// delimits reports whether a number or a word ends before c.
func delimits(c byte) bool { return c == ',' || c == '}' || c == ']' || c <= ' ' }
