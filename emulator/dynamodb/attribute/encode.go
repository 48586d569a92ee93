package attribute

import (
	"encoding/base64"
	"slices"
	"unicode/utf8"
)

// MarshalJSON writes the value as the wire has it, {"S":"text"}. A Missing value is null.
func (v Value) MarshalJSON() ([]byte, error) { return v.AppendJSON(nil), nil }

// MarshalJSON writes an object of values in the order of their names.
func (it Item) MarshalJSON() ([]byte, error) { return it.AppendJSON(nil), nil }

// AppendJSON appends what MarshalJSON writes.
func (it Item) AppendJSON(b []byte) []byte {
	if it == nil {
		return append(b, "null"...)
	}
	var room [16]string
	names := room[:0]
	for name := range it {
		names = append(names, name)
	}
	slices.Sort(names)
	b = append(b, '{')
	for i, name := range names {
		if i > 0 {
			b = append(b, ',')
		}
		b = AppendString(b, name)
		b = append(b, ':')
		b = it[name].AppendJSON(b)
	}
	return append(b, '}')
}

// AppendJSON appends what MarshalJSON writes.
func (v Value) AppendJSON(b []byte) []byte {
	if v.kind == Missing {
		return append(b, "null"...)
	}
	b = append(b, `{"`...)
	b = append(b, v.kind.String()...)
	b = append(b, `":`...)
	return append(v.appendContent(b), '}')
}

func (v Value) appendContent(b []byte) []byte {
	switch v.kind {
	case String:
		return AppendString(b, v.text)
	case Number:
		b = append(b, '"')
		b = append(b, v.text...)
		return append(b, '"')
	case Binary:
		b = append(b, '"')
		b = base64.StdEncoding.AppendEncode(b, []byte(v.text))
		return append(b, '"')
	case Bool:
		if v.flag {
			return append(b, "true"...)
		}
		return append(b, "false"...)
	case Null:
		return append(b, "true"...)
	case Map:
		return v.Fields().AppendJSON(b)
	default:
		return v.appendElements(b)
	}
}

// appendElements writes a list's elements as values, a set's as bare content.
func (v Value) appendElements(b []byte) []byte {
	b = append(b, '[')
	for i, element := range v.Elements() {
		if i > 0 {
			b = append(b, ',')
		}
		if v.kind == List {
			b = element.AppendJSON(b)
		} else {
			b = element.appendContent(b)
		}
	}
	return append(b, ']')
}

// AppendString appends s as a JSON string. Bytes that are not UTF-8 become U+FFFD, as with
// encoding/json.
func AppendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		if width := verbatim(s[i:]); width > 0 {
			i += width
			continue
		}
		b = append(b, s[start:i]...)
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c >= utf8.RuneSelf:
			b = append(b, `\ufffd`...)
		default:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
		i++
		start = i
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}

// verbatim is the length of the first character of s if a JSON string may hold it as it is, else 0.
func verbatim(s string) int {
	switch c := s[0]; {
	case c < ' ' || c == '"' || c == '\\':
		return 0
	case c < utf8.RuneSelf:
		return 1
	}
	if r, width := utf8.DecodeRuneInString(s); r != utf8.RuneError || width > 1 {
		return width
	}
	return 0
}
