package click

import (
	"errors"
	"fmt"
)

// Why a line is no click. The texts name the place and never the line's content.
var (
	ErrNotObject        = errors.New("the line is not a JSON object")
	ErrNoResource       = errors.New(`the object has no member "resource"`)
	ErrResourceNoString = errors.New(`the member "resource" is not a string`)
)

// ParseJSON reads a click from one line of JSON, without its line end, and returns its resource. The line has to be one object as
// RFC 8259 says, with white space around it or not, nested at most 1000 deep, whose member "resource" (exactly so, not
// "Resource") is a string. Of a member that is there twice the last one counts, as in JavaScript and Python. Any other members are
// checked for their grammar and otherwise left alone: the caller sends the line as it stands. Bytes that are not UTF-8 and
// surrogates without their other half become U+FFFD in the resource.
func ParseJSON(line []byte) (resource string, err error) {
	s := scanner{b: line}
	if s.space() != '{' {
		return "", ErrNotObject
	}
	value, err := s.clickObject()
	if err != nil {
		return "", err
	}
	if s.space(); s.i < len(s.b) {
		return "", s.unexpected("after the object")
	}
	if value == nil {
		return "", ErrNoResource
	}
	if value[0] != '"' {
		return "", ErrResourceNoString
	}
	return unquote(value), nil
}

// scanner walks over a JSON text and checks its grammar.
type scanner struct {
	b     []byte
	i     int // the next byte
	depth int
}

// maxDepth bounds the recursion over nested arrays and objects.
const maxDepth = 1000

// unexpected names the place, never the content.
func (s *scanner) unexpected(where string) error {
	if s.i >= len(s.b) {
		return errors.New("the JSON ends too early")
	}
	return fmt.Errorf("the JSON is malformed at byte %d, %s", s.i+1, where)
}

// space skips white space and returns the byte behind it, 0 at the end.
func (s *scanner) space() byte {
	for s.i < len(s.b) {
		switch c := s.b[s.i]; c {
		case ' ', '\t', '\n', '\r':
			s.i++
		default:
			return c
		}
	}
	return 0
}

// clickObject walks over an object and returns the raw value of its last member "resource", nil when there is none.
func (s *scanner) clickObject() (value []byte, err error) {
	err = s.members(func(key []byte) error {
		start := s.i
		if err := s.value(); err != nil {
			return err
		}
		if string(key) == `"resource"` || (len(key) > len(`"resource"`) && unquote(key) == "resource") {
			value = s.b[start:s.i]
		}
		return nil
	})
	return value, err
}

// members walks over an object, the scanner standing on its brace, and calls member for each value with the raw key.
func (s *scanner) members(member func(key []byte) error) error {
	s.i++
	if s.space() == '}' {
		s.i++
		return nil
	}
	for {
		if s.space() != '"' {
			return s.unexpected("where a member's name should be")
		}
		start := s.i
		if err := s.text(); err != nil {
			return err
		}
		key := s.b[start:s.i]
		if s.space() != ':' {
			return s.unexpected("where a colon should be")
		}
		s.i++
		s.space()
		if err := member(key); err != nil {
			return err
		}
		if done, err := s.next('}'); done || err != nil {
			return err
		}
	}
}

// next steps over a comma, or over the end of an array or object and says that it is done.
func (s *scanner) next(end byte) (done bool, err error) {
	switch s.space() {
	case end:
		s.i++
		return true, nil
	case ',':
		s.i++
		return false, nil
	default:
		return false, s.unexpected("where a comma or the end of the array or object should be")
	}
}

// value walks over any value.
func (s *scanner) value() error {
	if s.i >= len(s.b) {
		return s.unexpected("")
	}
	switch c := s.b[s.i]; c {
	case '"':
		return s.text()
	case '{', '[':
		if s.depth++; s.depth >= maxDepth {
			return fmt.Errorf("the JSON is nested more than %d deep", maxDepth)
		}
		defer func() { s.depth-- }()
		if c == '{' {
			return s.members(func([]byte) error { return s.value() })
		}
		return s.array()
	case 't':
		return s.literal("true")
	case 'f':
		return s.literal("false")
	case 'n':
		return s.literal("null")
	default:
		return s.number()
	}
}

func (s *scanner) array() error {
	s.i++
	if s.space() == ']' {
		s.i++
		return nil
	}
	for {
		s.space()
		if err := s.value(); err != nil {
			return err
		}
		if done, err := s.next(']'); done || err != nil {
			return err
		}
	}
}

func (s *scanner) literal(word string) error {
	if len(s.b)-s.i < len(word) || string(s.b[s.i:s.i+len(word)]) != word {
		return s.unexpected("where a value should be")
	}
	s.i += len(word)
	return nil
}

// digits steps over digits and says whether there was one.
func (s *scanner) digits() bool {
	start := s.i
	for s.i < len(s.b) && isDigit(s.b[s.i]) {
		s.i++
	}
	return s.i > start
}

// accept steps over one byte if it is among those.
func (s *scanner) accept(those string) bool {
	for i := range len(those) {
		if s.i < len(s.b) && s.b[s.i] == those[i] {
			s.i++
			return true
		}
	}
	return false
}

func (s *scanner) number() error {
	s.accept("-")
	if !s.accept("0") && !s.digits() {
		return s.unexpected("where a value should be")
	}
	if s.accept(".") && !s.digits() {
		return s.unexpected("inside a number")
	}
	if s.accept("eE") {
		s.accept("+-")
		if !s.digits() {
			return s.unexpected("inside a number")
		}
	}
	return nil
}
