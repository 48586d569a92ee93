package click

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// text walks over a string, the scanner standing on its quote.
func (s *scanner) text() error {
	s.i++
	for s.i < len(s.b) {
		switch c := s.b[s.i]; {
		case c == '"':
			s.i++
			return nil
		case c == '\\':
			s.i++
			if err := s.escape(); err != nil {
				return err
			}
		case c < ' ':
			return s.unexpected("a control character inside a string")
		default:
			s.i++
		}
	}
	return s.unexpected("")
}

// escape walks over what follows a backslash.
func (s *scanner) escape() error {
	if s.accept(`"\/bfnrt`) {
		return nil
	}
	if s.accept("u") {
		for range 4 {
			if s.i >= len(s.b) || hexValue(s.b[s.i]) < 0 {
				return s.unexpected("inside an escape")
			}
			s.i++
		}
		return nil
	}
	return s.unexpected("inside an escape")
}

// unquote returns what a string, quotes and all, that text has walked over stands for.
func unquote(raw []byte) string {
	raw = raw[1 : len(raw)-1]
	if bytes.IndexByte(raw, '\\') < 0 {
		return ToValid(string(raw))
	}
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			out = append(out, raw[i])
			continue
		}
		i++
		switch c := raw[i]; c {
		case 'u':
			r := rune4(raw[i+1:])
			i += 4
			if utf16.IsSurrogate(r) && i+6 < len(raw) && raw[i+1] == '\\' && raw[i+2] == 'u' {
				if pair := utf16.DecodeRune(r, rune4(raw[i+3:])); pair != utf8.RuneError {
					r = pair
					i += 6
				}
			}
			out = utf8.AppendRune(out, r) // a lone surrogate becomes U+FFFD
		case '/':
			out = append(out, '/')
		default:
			simple, _ := simpleEscape(c)
			out = append(out, simple)
		}
	}
	return ToValid(string(out))
}

// rune4 reads four hexadecimal digits.
func rune4(b []byte) (r rune) {
	for _, c := range b[:4] {
		r = r<<4 | rune(hexValue(c))
	}
	return r
}
