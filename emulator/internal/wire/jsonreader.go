package wire

import (
	"bytes"
	"encoding/json"

	"clickstream/kcl/multilang/base64"
)

// JSONReader reads JSON piece by piece for hand-written ParseJSON methods. It knows the plain forms only: strings of
// printable ASCII without escapes. Anything else makes it Fail, for the general decoder to judge.
type JSONReader struct {
	text   []byte
	at     int
	failed bool
}

// NewJSONReader starts at the beginning of a document.
func NewJSONReader(text []byte) *JSONReader { return &JSONReader{text: text} }

// Err returns ErrUnusual once anything was not as expected, or when the document goes on.
func (r *JSONReader) Err() error {
	r.space()
	if r.failed || r.at != len(r.text) {
		return ErrUnusual
	}
	return nil
}

// Fail makes Err answer ErrUnusual and ends all loops.
func (r *JSONReader) Fail() { r.failed = true }

func (r *JSONReader) space() {
	for r.at < len(r.text) {
		switch r.text[r.at] {
		case ' ', '\t', '\r', '\n':
			r.at++
		default:
			return
		}
	}
}

// Skip takes one punctuation mark, which must be there.
func (r *JSONReader) Skip(mark byte) {
	if !r.Next(mark) {
		r.failed = true
	}
}

// Next takes one punctuation mark if it is there.
func (r *JSONReader) Next(mark byte) bool {
	r.space()
	if r.failed || r.at >= len(r.text) || r.text[r.at] != mark {
		return false
	}
	r.at++
	return true
}

// More goes to the next member of an object or array that closes with end; it takes the comma between two.
func (r *JSONReader) More(first bool, end byte) bool {
	if r.Next(end) || r.failed {
		return false
	}
	if !first {
		r.Skip(',')
	}
	return !r.failed
}

// String returns a string's content, a piece of the document.
func (r *JSONReader) String() []byte {
	start, end := r.span()
	return r.text[start:end]
}

// span takes a string and returns where its content lies.
func (r *JSONReader) span() (start, end int) {
	r.Skip('"')
	start = r.at
	if r.failed {
		return start, start
	}
	for i, c := range r.text[start:] {
		if c == '"' {
			r.at = start + i + 1
			return start, start + i
		}
		if c < ' ' || c > '~' || c == '\\' {
			break
		}
	}
	r.failed = true
	return start, start
}

// Key returns a member's name and takes the colon after it.
func (r *JSONReader) Key() []byte {
	name := r.String()
	r.Skip(':')
	return name
}

// Span takes a string and returns where in the document its content lies.
func (r *JSONReader) Span() (start, end int) { return r.span() }

// Uint takes a whole number of up to nine digits without a sign.
func (r *JSONReader) Uint() int64 {
	const most = 9
	r.space()
	start, n := r.at, int64(0)
	for r.at < len(r.text) && r.text[r.at] >= '0' && r.text[r.at] <= '9' && r.at-start <= most {
		n = n*10 + int64(r.text[r.at]-'0')
		r.at++
	}
	digits := r.at - start
	leading := digits > 1 && r.text[start] == '0'
	if r.failed || digits == 0 || digits > most || leading || r.at < len(r.text) && bytes.IndexByte([]byte(".eE"), r.text[r.at]) >= 0 {
		r.failed = true
		return 0
	}
	return n
}

// AppendBase64 takes a string of base64 and appends what it holds to b, which must have room for it: three bytes for each
// four characters of the document suffice.
func (r *JSONReader) AppendBase64(b []byte) []byte {
	r.Skip('"')
	if r.failed {
		return b
	}
	size := bytes.IndexByte(r.text[r.at:], '"')
	if size < 0 || size%4 != 0 {
		r.failed = true
		return b
	}
	source := r.text[r.at : r.at+size]
	room := size / 4 * 3
	if cap(b)-len(b) < room {
		r.failed = true
		return b
	}
	n, ok := base64.Decode(b[len(b):len(b)+room], source)
	if !ok {
		r.failed = true
		return b
	}
	r.at += size + 1
	return b[:len(b)+n]
}

// AppendString appends a JSON string.
func AppendString(b []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return appendEscaped(b, text)
		}
	}
	b = append(b, '"')
	b = append(b, text...)
	return append(b, '"')
}

func appendEscaped(b []byte, text string) []byte {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // a string and a buffer: neither fails
	return append(b, bytes.TrimSuffix(buffer.Bytes(), []byte("\n"))...)
}

// AppendBlob appends a JSON string of base64.
func AppendBlob(b, data []byte) []byte {
	b = append(b, '"')
	b = base64.AppendEncode(b, data)
	return append(b, '"')
}
