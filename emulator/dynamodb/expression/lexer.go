package expression

import "strings"

// kind is the type of a token: punctuation stands for itself.
type kind string

const (
	endOfText   kind = "<EOF>"
	word        kind = "word"        // name or keyword
	namePlace   kind = "#name"       // placeholder of a name
	valuePlace  kind = ":value"      // placeholder of a value
	index       kind = "index"       // digits
	unknownByte kind = "unknown"     // nothing of the grammar
	punctuation      = "()[],.+-=<>" // one byte each; <=, >= and <> are two
)

// token is a piece of an expression, text[start:end].
type token struct {
	kind       kind
	text       string
	start, end int
}

// lexer cuts an expression into tokens, one at a time.
type lexer struct {
	text string
	at   int
}

func (l *lexer) next() token {
	for l.at < len(l.text) && strings.IndexByte(" \t\r\n", l.text[l.at]) >= 0 {
		l.at++
	}
	start := l.at
	if start == len(l.text) {
		return token{kind: endOfText, text: string(endOfText), start: start, end: start}
	}
	found := l.scan(l.text[start])
	return token{kind: found, text: l.text[start:l.at], start: start, end: l.at}
}

// scan moves over the token that begins with c.
func (l *lexer) scan(c byte) kind {
	l.at++
	switch {
	case c == '#' || c == ':':
		if l.run(isNamePart) == 0 {
			return unknownByte
		}
		if c == '#' {
			return namePlace
		}
		return valuePlace
	case isLetter(c):
		l.run(isNamePart)
		return word
	case isDigit(c):
		l.run(isDigit)
		return index
	case strings.IndexByte(punctuation, c) >= 0:
		return l.operator(c)
	default:
		return unknownByte
	}
}

// operator is the punctuation that begins with c, of one byte or two.
func (l *lexer) operator(c byte) kind {
	start := l.at - 1
	if rest := l.text[l.at:]; (c == '<' || c == '>') && strings.HasPrefix(rest, "=") || c == '<' && strings.HasPrefix(rest, ">") {
		l.at++
	}
	return kind(l.text[start:l.at])
}

// run moves over all bytes that belong and counts them.
func (l *lexer) run(belongs func(byte) bool) int {
	start := l.at
	for l.at < len(l.text) && belongs(l.text[l.at]) {
		l.at++
	}
	return l.at - start
}

func isDigit(c byte) bool    { return c >= '0' && c <= '9' }
func isLetter(c byte) bool   { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }
func isNamePart(c byte) bool { return isLetter(c) || isDigit(c) }
