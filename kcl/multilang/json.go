package multilang

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/bits"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth is how deep objects and arrays may nest, as in encoding/json.
const maxDepth = 10000

// scanner reads JSON (RFC 8259) from b; it takes and refuses exactly what encoding/json does.
type scanner struct {
	b     []byte
	i     int // next byte
	depth int
	gone  int // bytes of the line that are not in b any more
}

// errorf names the place by its offset and never quotes the input: that may be a record's payload.
func (s *scanner) errorf(format string, args ...any) error {
	return fmt.Errorf("multilang: byte %d of the line: %w", s.gone+s.i, fmt.Errorf(format, args...))
}

// peek skips white space and returns the next byte, 0 at the end.
func (s *scanner) peek() byte {
	for ; s.i < len(s.b); s.i++ {
		switch c := s.b[s.i]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c
		}
	}
	return 0
}

// take skips white space and then c, if it comes next.
func (s *scanner) take(c byte) bool {
	if s.peek() != c || s.i == len(s.b) {
		return false
	}
	s.i++
	return true
}

// literal consumes text, if it comes next without white space before it.
func (s *scanner) literal(text string) bool {
	if len(s.b)-s.i < len(text) || string(s.b[s.i:s.i+len(text)]) != text {
		return false
	}
	s.i += len(text)
	return true
}

func (s *scanner) null() bool { return s.peek() == 'n' && s.literal("null") }

func (s *scanner) enter(opening byte) error {
	if !s.take(opening) {
		return s.errorf("want %q", opening)
	}
	if s.depth++; s.depth > maxDepth {
		return s.errorf("nested more than %d deep", maxDepth)
	}
	return nil
}

// object reads an object; member is called with each key, which it may not keep, and reads the value.
func (s *scanner) object(member func(key []byte) error) error {
	if err := s.enter('{'); err != nil {
		return err
	}
	if s.take('}') {
		s.depth--
		return nil
	}
	if err := s.pair(member); err != nil {
		return err
	}
	return s.pairs(member)
}

// pairs reads an object from behind one of its values to its end.
func (s *scanner) pairs(member func(key []byte) error) error {
	for !s.take('}') {
		if !s.take(',') {
			return s.errorf("want ',' or '}'")
		}
		if err := s.pair(member); err != nil {
			return err
		}
	}
	s.depth--
	return nil
}

func (s *scanner) pair(member func(key []byte) error) error {
	key, err := s.text()
	if err != nil {
		return err
	}
	if !s.take(':') {
		return s.errorf("want ':'")
	}
	return member(key)
}

// array reads an array; element reads each of its values.
func (s *scanner) array(element func() error) error {
	if err := s.enter('['); err != nil {
		return err
	}
	if s.take(']') {
		s.depth--
		return nil
	}
	return s.elements(element)
}

// elements reads an array from the beginning of one of its values to its end.
func (s *scanner) elements(element func() error) error {
	for {
		if err := element(); err != nil {
			return err
		}
		if s.take(']') {
			s.depth--
			return nil
		}
		if !s.take(',') {
			return s.errorf("want ',' or ']'")
		}
	}
}

// skip reads any value and forgets it.
func (s *scanner) skip() error {
	switch c := s.peek(); {
	case c == '{':
		return s.object(func([]byte) error { return s.skip() })
	case c == '[':
		return s.array(s.skip)
	case c == '"':
		_, _, err := s.raw()
		return err
	case c == '-' || '0' <= c && c <= '9':
		_, err := s.number()
		return err
	case s.literal("null") || s.literal("true") || s.literal("false"):
		return nil
	}
	return s.errorf("want a value")
}

// end makes sure that nothing but white space follows.
func (s *scanner) end() error {
	if s.peek(); s.i < len(s.b) {
		return s.errorf("something follows the message")
	}
	return nil
}

// text reads a string. The result may share memory with the line.
func (s *scanner) text() ([]byte, error) {
	raw, isPlain, err := s.raw()
	if err != nil || isPlain {
		return raw, err
	}
	return unquote(raw), nil
}

// raw reads a string and returns what stands between its quotes, with all escapes checked; isPlain when that is the value.
func (s *scanner) raw() (raw []byte, isPlain bool, err error) {
	if !s.take('"') {
		return nil, false, s.errorf("want a string")
	}
	start := s.i
	if n := bytes.IndexByte(s.b[start:], '"'); n >= 0 && plain(s.b[start:start+n]) {
		s.i += n + 1
		return s.b[start : start+n], true, nil
	}
	for s.i < len(s.b) {
		switch c := s.b[s.i]; {
		case c == '"':
			s.i++
			return s.b[start : s.i-1], false, nil
		case c == '\\':
			if !s.escape() {
				return nil, false, s.errorf("not an escape")
			}
		case c < ' ':
			return nil, false, s.errorf("control character in a string")
		default:
			s.i++
		}
	}
	return nil, false, s.errorf("string without an end")
}

// escape consumes one escape sequence.
func (s *scanner) escape() bool {
	rest := s.b[s.i+1:]
	if len(rest) == 0 {
		return false
	}
	switch rest[0] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.i += 2
		return true
	case 'u':
		if hex4(rest[1:]) < 0 {
			return false
		}
		s.i += 6
		return true
	}
	return false
}

// number reads a number and returns it as it stands.
func (s *scanner) number() ([]byte, error) {
	s.peek()
	start := s.i
	s.literal("-")
	if !s.literal("0") && !s.digits() {
		return nil, s.errorf("want a number")
	}
	if s.literal(".") && !s.digits() {
		return nil, s.errorf("want a digit")
	}
	if s.literal("e") || s.literal("E") {
		_ = s.literal("+") || s.literal("-")
		if !s.digits() {
			return nil, s.errorf("want a digit")
		}
	}
	return s.b[start:s.i], nil
}

func (s *scanner) digits() bool {
	start := s.i
	for s.i < len(s.b) && '0' <= s.b[s.i] && s.b[s.i] <= '9' {
		s.i++
	}
	return s.i > start
}

// integer reads a number that must be an int64, without fraction or exponent.
func (s *scanner) integer() (int64, error) {
	raw, err := s.number()
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil {
		return 0, s.errorf("want an integer of 64 bits")
	}
	return n, nil
}

// plain reports that s is ASCII without control characters, quotes and backslashes: a JSON string that stands for itself.
func plain[T string | []byte](s T) bool { return plainLength(s) == len(s) }

// plainLength returns how far s is plain.
func plainLength[T string | []byte](s T) int {
	i := 0
	for ; i+8 <= len(s); i += 8 {
		v := binary.LittleEndian.Uint64([]byte(s[i : i+8]))
		quote, backslash := v^('"'*ones), v^('\\'*ones)
		if marks := (v | (v - ' '*ones) | (quote - ones) | (backslash - ones)) & tops; marks != 0 {
			return i + bits.TrailingZeros64(marks)/8 // the lowest mark is right; those above may come of what was carried over
		}
	}
	for ; i < len(s); i++ {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			break
		}
	}
	return i
}

// unquote resolves the escapes of a string that raw has checked. Lone surrogates and invalid UTF-8 become U+FFFD.
func unquote(raw []byte) []byte {
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); {
		if raw[i] != '\\' {
			r, size := utf8.DecodeRune(raw[i:])
			out = utf8.AppendRune(out, r)
			i += size
			continue
		}
		if c := raw[i+1]; c != 'u' {
			out = append(out, unescaped(c))
			i += 2
			continue
		}
		r := hex4(raw[i+2:])
		i += 6
		if utf16.IsSurrogate(r) {
			second := rune(-1)
			if i+1 < len(raw) && raw[i] == '\\' && raw[i+1] == 'u' {
				second = hex4(raw[i+2:])
			}
			if r = utf16.DecodeRune(r, second); r != utf8.RuneError {
				i += 6
			}
		}
		out = utf8.AppendRune(out, r)
	}
	return out
}

func unescaped(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return c
}

// hex4 is the value of the four hex digits that b begins with, or -1.
func hex4(b []byte) rune {
	if len(b) < 4 {
		return -1
	}
	var r rune
	for _, c := range b[:4] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return -1
		}
		r = r<<4 | rune(c)
	}
	return r
}
