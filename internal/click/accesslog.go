package click

import (
	"bytes"
	"errors"
)

// Why a line is no access log line. The texts name the place and never the line's content.
var (
	ErrNotCombined  = errors.New("this is no line of a combined access log: host ident user [time] \"request\" status bytes \"referrer\" \"user agent\"")
	ErrNoReferrer   = errors.New("the line ends before the referrer and the user agent: the common log format has none, the combined one is needed")
	ErrRequestLine  = errors.New("the request line is malformed: it should be METHOD target HTTP/version")
	ErrCutShort     = errors.New("the line is cut short inside a quoted field")
	errStatusFields = errors.New("status and bytes should be numbers or -")
)

// ParseAccessLog reads one line of the combined log format of Apache httpd and nginx, without its line end:
//
//	host ident user [time] "request line" status bytes "referrer" "user agent"
//
// The resource is the request target of the request line as the client sent it (percent escapes stay, a query stays), the
// referrer is the Referer field with "-" read as the empty string. Quoted fields are unescaped by Unescape. Fields after the user
// agent are ignored, so formats that append some are read too.
//
// A request line is what RFC 9112 says, method, target and version with one space between, the method a token: "-" (a connection
// that sent nothing), the first bytes of a TLS handshake, a target with a raw space and the request of HTTP/0.9, which has no
// version, are errors. Escapes may hold bytes that are no UTF-8; they become U+FFFD as ToValid says.
func ParseAccessLog(line []byte) (Click, error) {
	request, referrer, err := splitLine(line)
	if err != nil {
		return Click{}, err
	}
	target, err := requestTarget(Unescape(request))
	if err != nil {
		return Click{}, err
	}
	if string(referrer) == "-" {
		referrer = nil
	}
	return Click{Resource: ToValid(string(target)), Referrer: ToValid(string(Unescape(referrer)))}, nil
}

// splitLine returns the two fields that make a click, still escaped.
func splitLine(line []byte) (request, referrer []byte, err error) {
	rest, err := skipPreamble(line)
	if err != nil {
		return nil, nil, err
	}
	if request, rest, err = quoted(rest); err != nil {
		return nil, nil, err
	}
	for range 2 { // status and bytes
		if rest, err = skipNumber(rest); err != nil {
			return nil, nil, err
		}
	}
	if rest, err = skipSpace(rest); err != nil {
		return nil, nil, err
	}
	if referrer, rest, err = quoted(rest); err != nil {
		return nil, nil, err
	}
	if rest, err = skipSpace(rest); err != nil {
		return nil, nil, err
	}
	if _, rest, err = quoted(rest); err != nil {
		return nil, nil, err
	}
	if len(rest) > 0 && rest[0] != ' ' {
		return nil, nil, ErrNotCombined
	}
	return request, referrer, nil
}

// skipPreamble returns what follows `host ident user [time] `. A user name may hold spaces and brackets, but no server writes a
// quote into it unescaped, so the first `] "` ends the time.
func skipPreamble(line []byte) ([]byte, error) {
	end := bytes.Index(line, []byte(`] "`))
	if end < 0 {
		return nil, ErrNotCombined
	}
	head := line[:end]
	open := bytes.LastIndexByte(head, '[')
	if open < 1 || head[open-1] != ' ' || !isTime(head[open+1:]) || bytes.Count(head[:open], []byte(" ")) < 3 {
		return nil, ErrNotCombined
	}
	return line[end+2:], nil
}

// isTime reports whether b looks like 22/Nov/2026:22:25:01 +0000. Digits and separators are checked, the calendar is not.
func isTime(b []byte) bool {
	const layout = "00/Aaa/0000:00:00:00 +0000"
	if len(b) != len(layout) {
		return false
	}
	for i, c := range b {
		var fits bool
		switch layout[i] {
		case '0':
			fits = isDigit(c)
		case 'A', 'a':
			fits = 'a' <= c|0x20 && c|0x20 <= 'z'
		case '+':
			fits = c == '+' || c == '-'
		default:
			fits = c == layout[i]
		}
		if !fits {
			return false
		}
	}
	return true
}

// skipSpace steps over the space before a quoted field.
func skipSpace(b []byte) ([]byte, error) {
	switch {
	case len(b) == 0:
		return nil, ErrNoReferrer
	case b[0] != ' ':
		return nil, ErrNotCombined
	}
	return b[1:], nil
}

// skipNumber steps over a space and a number, or the - that stands for one that is not known.
func skipNumber(b []byte) ([]byte, error) {
	b, err := skipSpace(b)
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(b, []byte("-")) {
		return b[1:], nil
	}
	n := 0
	for n < len(b) && isDigit(b[n]) {
		n++
	}
	if n == 0 {
		return nil, errStatusFields
	}
	return b[n:], nil
}

// quoted splits b, which should begin with a quote, behind the closing one. A backslash and what follows it belong together.
func quoted(b []byte) (field, rest []byte, err error) {
	switch {
	case len(b) == 0:
		return nil, nil, ErrNoReferrer
	case b[0] != '"':
		return nil, nil, ErrNotCombined
	}
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return b[1:i], b[i+1:], nil
		}
	}
	return nil, nil, ErrCutShort
}

// requestTarget returns the middle of a request line's three parts.
func requestTarget(line []byte) ([]byte, error) {
	method, rest, ok := bytes.Cut(line, []byte(" "))
	if !ok || !isToken(method) {
		return nil, ErrRequestLine
	}
	target, version, ok := bytes.Cut(rest, []byte(" "))
	if !ok || len(target) == 0 || !isVersion(version) {
		return nil, ErrRequestLine
	}
	return target, nil
}

// isToken reports whether b is a token as RFC 9110 section 5.6.2 has it.
func isToken(b []byte) bool {
	for _, c := range b {
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && !isDigit(c) && bytes.IndexByte([]byte("!#$%&'*+-.^_`|~"), c) < 0 {
			return false
		}
	}
	return len(b) > 0
}

// isVersion reports whether b is HTTP/1.1, HTTP/2.0 or, as some servers write it, HTTP/2.
func isVersion(b []byte) bool {
	digits, ok := bytes.CutPrefix(b, []byte("HTTP/"))
	if !ok {
		return false
	}
	switch len(digits) {
	case 1:
		return isDigit(digits[0])
	case 3:
		return isDigit(digits[0]) && digits[1] == '.' && isDigit(digits[2])
	default:
		return false
	}
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
