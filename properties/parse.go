package properties

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// MaxFileSize is the largest properties file that is read, in bytes. Real ones have a few kilobytes: a larger one is some other file.
const MaxFileSize = 1 << 20

// Entry is one key of a properties file with its value, both unescaped, and the line on which the key stands, counted from 1.
type Entry struct {
	Key   string
	Value string
	Line  int
}

// File is a parsed properties file.
type File struct {
	// Name is what errors call the file: its path.
	Name string
	// Entries are the keys in the file's order; a key that stands there twice is listed twice.
	Entries []Entry
}

// Get returns the last entry of key, the one that java.util.Properties keeps.
func (f *File) Get(key string) (Entry, bool) {
	for _, entry := range slices.Backward(f.Entries) {
		if entry.Key == key {
			return entry, true
		}
	}
	return Entry{}, false
}

// SyntaxError says where a properties file cannot be read.
type SyntaxError struct {
	File    string
	Line    int // counted from 1
	Problem string
}

// Error returns "file:line: problem".
func (e *SyntaxError) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Problem) }

// Parse reads a properties file as java.util.Properties.load(InputStream) does, because the Java MultiLangDaemon reads the same
// file: ISO-8859-1, \uXXXX in UTF-16 units, comments by # and !, lines continued by a backslash, keys ended by =, : or white space,
// no ${} expansion. Name is used in errors. What Java reads as nonsense without a word is an error here: files in UTF-16, or
// beginning with a byte order mark.
//
// The parser is our own: github.com/magiconair/properties ends a value at a continued line with CRLF, does not continue keys, makes
// surrogate pairs into replacement characters, refuses empty keys, and keeps no line numbers.
func Parse(r io.Reader, name string) (*File, error) {
	text, err := io.ReadAll(io.LimitReader(r, MaxFileSize+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if len(text) > MaxFileSize {
		return nil, fmt.Errorf("%s is larger than %d bytes: that is no properties file", name, MaxFileSize)
	}
	if mark := byteOrderMark(text); mark != "" {
		return nil, &SyntaxError{name, 1, "begins with a byte order mark (" + mark + "), which the Java daemon takes for text: save the file as ASCII"}
	}
	file := &File{Name: name}
	lines := lineReader{text: text, line: 1}
	for {
		logical, line, ok := lines.next()
		if !ok {
			return file, nil
		}
		rawKey, rawValue := split(logical)
		key, err := unescape(rawKey)
		if err == nil {
			var value string
			if value, err = unescape(rawValue); err == nil {
				file.Entries = append(file.Entries, Entry{key, value, line})
				continue
			}
		}
		return nil, &SyntaxError{name, line, err.Error()}
	}
}

func byteOrderMark(text []byte) string {
	switch {
	case bytes.HasPrefix(text, []byte("\xef\xbb\xbf")):
		return "UTF-8"
	case bytes.HasPrefix(text, []byte("\xff\xfe")), bytes.HasPrefix(text, []byte("\xfe\xff")):
		return "UTF-16"
	}
	return ""
}

// lineReader joins natural lines into logical ones.
type lineReader struct {
	text []byte
	pos  int
	line int
}

// next returns the next logical line that is neither blank nor a comment, without its leading white space and its continuations'
// backslashes, and the number of the natural line it begins on.
func (l *lineReader) next() (logical []byte, line int, ok bool) {
	begun := false // inside a logical line, so that a blank natural line ends it
	for l.pos < len(l.text) {
		natural := bytes.TrimLeft(l.natural(), " \t\f")
		// Java looks for comments wherever no character of a logical line has been kept yet, even after a lone backslash.
		if len(logical) == 0 && (len(natural) == 0 || natural[0] == '#' || natural[0] == '!') {
			begun = false
			continue
		}
		if !begun {
			line, begun = l.line-1, true
		}
		body, continued := cutContinuation(natural)
		logical = append(logical, body...)
		if !continued {
			return logical, line, true
		}
	}
	return logical, line, begun // a lone backslash at the end makes an empty key, as in Java
}

// natural returns the next natural line without its terminator: \n, \r or \r\n.
func (l *lineReader) natural() []byte {
	rest := l.text[l.pos:]
	l.line++
	end := bytes.IndexAny(rest, "\r\n")
	if end < 0 {
		l.pos = len(l.text)
		return rest
	}
	width := 1
	if bytes.HasPrefix(rest[end:], []byte("\r\n")) {
		width = 2
	}
	l.pos += end + width
	return rest[:end]
}

// cutContinuation removes the backslash that continues a line: the last of an odd number of them.
func cutContinuation(natural []byte) (body []byte, continued bool) {
	slashes := len(natural) - len(bytes.TrimRight(natural, `\`))
	if slashes%2 == 0 {
		return natural, false
	}
	return natural[:len(natural)-1], true
}

// split cuts a logical line into key and value, both still escaped: the key ends at the first unescaped =, : or white space; white
// space around the separator, and one = or : after white space, belong to neither.
func split(logical []byte) (key, value []byte) {
	end := keyEnd(logical)
	key, value = logical[:end], bytes.TrimLeft(logical[end:], " \t\f")
	if len(value) > 0 && (value[0] == '=' || value[0] == ':') {
		value = bytes.TrimLeft(value[1:], " \t\f")
	}
	return key, value
}

func keyEnd(logical []byte) int {
	escaped := false
	for i, c := range logical {
		switch {
		case escaped:
			escaped = false
		case c == '\\':
			escaped = true
		case strings.IndexByte("=: \t\f", c) >= 0:
			return i
		}
	}
	return len(logical)
}

var errUnicodeEscape = errors.New(`malformed \u escape: four hexadecimal digits must follow (a backslash itself is written \\)`)

// unescape turns ISO-8859-1 bytes with Java's escapes into text.
func unescape(raw []byte) (string, error) {
	units := make([]uint16, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		c := uint16(raw[i])
		if c == '\\' && i+1 < len(raw) {
			i++
			switch c = uint16(raw[i]); c {
			case 't':
				c = '\t'
			case 'n':
				c = '\n'
			case 'r':
				c = '\r'
			case 'f':
				c = '\f'
			case 'u':
				if len(raw) < i+5 {
					return "", errUnicodeEscape
				}
				digits, err := strconv.ParseUint(string(raw[i+1:i+5]), 16, 16)
				if err != nil {
					return "", errUnicodeEscape
				}
				c = uint16(digits)
				i += 4
			}
		}
		units = append(units, c)
	}
	return string(utf16.Decode(units)), nil
}
