// Package scan reads JSON text member by member, without reflection: DynamoDB's values are deep,
// typed maps, and they are nearly all of what its requests hold.
package scan

import (
	"bytes"
	"encoding/json"
	"errors"
	"unicode/utf8"
)

// ErrSyntax is the answer to text that is not JSON, and to text that is not UTF-8.
var ErrSyntax = errors.New("the text is not valid JSON in UTF-8")

// Token is the first byte of the next JSON value, with all digits and the minus sign as Number.
type Token byte

// The tokens that begin a value.
const (
	Object Token = '{'
	Array  Token = '['
	String Token = '"'
	Number Token = '0'
	True   Token = 't'
	False  Token = 'f'
	Null   Token = 'n'
)

// maxDepth bounds the recursion of Skip; a request nests far less.
const maxDepth = 128

// Scanner reads one JSON text from front to back.
type Scanner struct {
	text []byte
	at   int
}

// New reads text, which must not change while strings from it are in use.
func New(text []byte) *Scanner { return &Scanner{text: text} }

// Next is the Token of the next value; 0 at the end and before anything that begins no value.
func (s *Scanner) Next() Token {
	switch c := s.peek(); c {
	case '{', '[', '"', 't', 'f', 'n':
		return Token(c)
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return Number
	default:
		return 0
	}
}

// End fails unless nothing but space follows.
func (s *Scanner) End() error {
	if s.peek() != 0 || s.at < len(s.text) {
		return ErrSyntax
	}
	return nil
}

// Object calls member for each member of the object that comes next; member reads the value. The
// name is valid until member returns.
func (s *Scanner) Object(member func(name []byte) error) error {
	if !s.take('{') {
		return ErrSyntax
	}
	if s.take('}') {
		return nil
	}
	for {
		name, err := s.String()
		if err != nil {
			return err
		}
		if !s.take(':') {
			return ErrSyntax
		}
		if err := member(name); err != nil {
			return err
		}
		if s.take('}') {
			return nil
		}
		if !s.take(',') {
			return ErrSyntax
		}
	}
}

// Array calls element for each element of the array that comes next; element reads the value.
func (s *Scanner) Array(element func() error) error {
	if !s.take('[') {
		return ErrSyntax
	}
	if s.take(']') {
		return nil
	}
	for {
		if err := element(); err != nil {
			return err
		}
		if s.take(']') {
			return nil
		}
		if !s.take(',') {
			return ErrSyntax
		}
	}
}

// String reads a string. The bytes are part of the text where it has no escapes.
func (s *Scanner) String() ([]byte, error) {
	if !s.take('"') {
		return nil, ErrSyntax
	}
	start := s.at
	escaped := false
	for ; s.at < len(s.text); s.at++ {
		switch c := s.text[s.at]; {
		case c == '"':
			raw := s.text[start:s.at]
			s.at++
			return unquote(raw, escaped)
		case c == '\\':
			escaped = true
			s.at++
		case c < ' ':
			return nil, ErrSyntax
		}
	}
	return nil, ErrSyntax
}

// unquote leaves escapes, which are rare, to the standard library.
func unquote(raw []byte, escaped bool) ([]byte, error) {
	if !utf8.Valid(raw) {
		return nil, ErrSyntax
	}
	if !escaped {
		return raw, nil
	}
	var text string
	if err := json.Unmarshal(append(append([]byte{'"'}, raw...), '"'), &text); err != nil {
		return nil, ErrSyntax
	}
	return []byte(text), nil
}

// Bool reads true or false.
func (s *Scanner) Bool() (bool, error) {
	switch {
	case s.literal("true"):
		return true, nil
	case s.literal("false"):
		return false, nil
	default:
		return false, ErrSyntax
	}
}

// Null reads null, if that is what comes next, and tells whether it was.
func (s *Scanner) Null() bool { return s.literal("null") }

// Skip reads over the next value, whatever it is.
func (s *Scanner) Skip() error { return s.skip(0) }

func (s *Scanner) skip(depth int) error {
	if depth > maxDepth {
		return ErrSyntax
	}
	switch s.Next() {
	case Object:
		return s.Object(func([]byte) error { return s.skip(depth + 1) })
	case Array:
		return s.Array(func() error { return s.skip(depth + 1) })
	case String:
		_, err := s.String()
		return err
	case True, False:
		_, err := s.Bool()
		return err
	case Null:
		if s.Null() {
			return nil
		}
	case Number:
		return s.number()
	}
	return ErrSyntax
}

func (s *Scanner) number() error {
	start := s.at
	for s.at < len(s.text) && bytes.IndexByte([]byte("+-.0123456789Ee"), s.text[s.at]) >= 0 {
		s.at++
	}
	if !json.Valid(s.text[start:s.at]) {
		return ErrSyntax
	}
	return nil
}

// peek steps over space and is the next byte, or 0 at the end.
func (s *Scanner) peek() byte {
	for s.at < len(s.text) {
		switch c := s.text[s.at]; c {
		case ' ', '\t', '\r', '\n':
			s.at++
		default:
			return c
		}
	}
	return 0
}

func (s *Scanner) take(c byte) bool {
	if s.peek() != c || s.at == len(s.text) {
		return false
	}
	s.at++
	return true
}

func (s *Scanner) literal(word string) bool {
	s.peek()
	end := s.at + len(word)
	if end > len(s.text) || string(s.text[s.at:end]) != word {
		return false
	}
	s.at = end
	return true
}
