// Package click holds the one thing this project moves: a click, which page was asked for and where the visitor came from.
//
// It makes random clicks, writes their JSON form, and reads them back from JSON lines and from a web server's access log.
package click

import "unicode/utf8"

// Click is one page view.
type Click struct {
	Resource string `json:"resource"` // what was asked for: "resource-1", "/images/logo.png?v=2"
	Referrer string `json:"referrer"` // where the visitor came from; empty when the visitor did not say
}

// AppendJSON appends the click's JSON object to b and returns the longer slice: resource before referrer, no white space, no line
// end. It escapes what JSON demands and nothing else, byte for byte what JSON.stringify of JavaScript and
// json.dumps(ensure_ascii=False, separators=(",", ":")) of Python write. Bytes that are not UTF-8 become U+FFFD as ToValid says.
func (c Click) AppendJSON(b []byte) []byte {
	b = append(b, `{"resource":`...)
	b = appendString(b, c.Resource)
	b = append(b, `,"referrer":`...)
	b = appendString(b, c.Referrer)
	return append(b, '}')
}

// JSON returns the click's JSON object; see AppendJSON.
func (c Click) JSON() []byte { return c.AppendJSON(nil) }

const hexDigits = "0123456789abcdef"

// appendString appends s as a JSON string.
func appendString(b []byte, s string) []byte {
	if !utf8.ValidString(s) {
		s = ToValid(s)
	}
	b = append(b, '"')
	start := 0
	for i := range len(s) {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[start:i]...)
		b = appendEscape(b, c)
		start = i + 1
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}

// appendEscape appends the escape of a character that may not stand in a JSON string.
func appendEscape(b []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\b':
		return append(b, `\b`...)
	case '\t':
		return append(b, `\t`...)
	case '\n':
		return append(b, `\n`...)
	case '\f':
		return append(b, `\f`...)
	case '\r':
		return append(b, `\r`...)
	default:
		return append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
	}
}
