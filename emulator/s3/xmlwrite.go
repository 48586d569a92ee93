package s3

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	xmlHeader    = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"
	xmlNamespace = "http://s3.amazonaws.com/doc/2006-03-01/"
)

// xmlWriter appends an XML document to a slice. Unlike encoding/xml it writes
// control characters, which keys may hold, as the service does: as character
// references, rather than replacing them.
type xmlWriter struct {
	buf []byte
	url bool // names and keys are URL-encoded: encoding-type=url
}

func newXML() *xmlWriter { return &xmlWriter{buf: append(make([]byte, 0, 512), xmlHeader...)} }

// root opens the outermost element.
func (x *xmlWriter) root(name string) {
	x.buf = append(x.buf, '<')
	x.buf = append(x.buf, name...)
	x.buf = append(x.buf, ` xmlns="`+xmlNamespace+`">`...)
}

func (x *xmlWriter) open(name string) {
	x.buf = append(x.buf, '<')
	x.buf = append(x.buf, name...)
	x.buf = append(x.buf, '>')
}

func (x *xmlWriter) close(name string) {
	x.buf = append(x.buf, '<', '/')
	x.buf = append(x.buf, name...)
	x.buf = append(x.buf, '>')
}

func (x *xmlWriter) text(name, value string) {
	x.open(name)
	x.buf = appendEscaped(x.buf, value)
	x.close(name)
}

// optional writes an element unless its value is empty.
func (x *xmlWriter) optional(name, value string) {
	if value != "" {
		x.text(name, value)
	}
}

// key writes a key or a part of one, URL-encoded where the client asked for it.
func (x *xmlWriter) key(name, value string) {
	if x.url {
		value = encodeKey(value)
	}
	x.text(name, value)
}

// optionalKey writes a key unless it is empty.
func (x *xmlWriter) optionalKey(name, value string) {
	if value != "" {
		x.key(name, value)
	}
}

func (x *xmlWriter) int(name string, value int) { x.text(name, strconv.Itoa(value)) }

func (x *xmlWriter) bool(name string, value bool) { x.text(name, strconv.FormatBool(value)) }

func (x *xmlWriter) time(name string, value time.Time) {
	x.text(name, value.UTC().Format("2006-01-02T15:04:05.000Z"))
}

// owner writes an account as S3 names its users: by a canonical id.
func (x *xmlWriter) owner(name, account string) {
	x.open(name)
	x.text("ID", canonicalID(account))
	x.close(name)
}

// checksum writes the checksum and its type.
func (x *xmlWriter) checksum(c checksum) {
	if c.algorithm != "" {
		x.text(c.element(), c.value())
		x.text("ChecksumType", c.kind)
	}
}

// into makes the document the body of a reply.
func (x *xmlWriter) into(r *reply) *reply {
	r.set("Content-Type", "application/xml")
	r.body = x.buf
	return r
}

// reply makes the document a reply of status 200.
func (x *xmlWriter) reply() *reply { return x.into(newReply(200)) }

// appendEscaped escapes what XML needs escaped. Bytes that are no UTF-8 become
// the replacement character.
func appendEscaped(buf []byte, s string) []byte {
	for _, r := range s {
		switch {
		case r == '&':
			buf = append(buf, "&amp;"...)
		case r == '<':
			buf = append(buf, "&lt;"...)
		case r == '>':
			buf = append(buf, "&gt;"...)
		case r == '"':
			buf = append(buf, "&quot;"...)
		case r < ' ' || r == 0x7f || r == 0xfffe || r == 0xffff:
			buf = append(buf, "&#x"...)
			buf = strconv.AppendInt(buf, int64(r), 16)
			buf = append(buf, ';')
		default:
			buf = utf8.AppendRune(buf, r)
		}
	}
	return buf
}

// encodeKey is encoding-type=url: a form encoding that leaves slashes alone.
func encodeKey(key string) string {
	const hexDigits = "0123456789ABCDEF"
	var b strings.Builder
	b.Grow(len(key))
	for i := range len(key) {
		switch c := key[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-_./*", c) >= 0:
			b.WriteByte(c)
		case c == ' ':
			b.WriteByte('+')
		default:
			b.Write([]byte{'%', hexDigits[c>>4], hexDigits[c&15]})
		}
	}
	return b.String()
}

// canonicalID is the id by which S3 names an account's user: 64 hexadecimal
// digits, always the same for an account.
func canonicalID(account string) string {
	sum := sha256.Sum256([]byte("canonical user of account " + account))
	return hex.EncodeToString(sum[:])
}
