package shortcut

import (
	"bytes"
	"net/http"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
)

var requestLine = []byte("POST / HTTP/1.1\r\n") //nolint:gochecknoglobals // a constant

// headEnd returns where a head ends, 0 where it does not yet, and whether all lines of it end as they should. It was searched before up to a place.
func headEnd(head []byte, searched int) (end int, plain bool) {
	for {
		i := bytes.IndexByte(head[searched:], '\n')
		if i < 0 {
			return 0, true
		}
		searched += i + 1
		line := head[:searched]
		if bytes.HasSuffix(line, []byte("\r\n\r\n")) {
			return searched, true
		}
		if !bytes.HasSuffix(line, []byte("\r\n")) {
			return 0, false
		}
	}
}

// parse reads the head of a request; nil where it is not of the plain form.
func (c *connection) parse(head []byte) *http.Request {
	if len(head) == 0 {
		return nil
	}
	rest := string(head[len(requestLine) : len(head)-len("\r\n")])
	lines := strings.Count(rest, "\r\n")
	request := new(http.Request)
	*request = *c.template
	request.URL = &url.URL{Path: "/"}
	request.Header = make(http.Header, lines)
	values := make([]string, 0, lines)
	host := false
	for rest != "" {
		line, after, _ := strings.Cut(rest, "\r\n")
		rest = after
		name, value, ok := strings.Cut(line, ":")
		value = strings.Trim(value, " \t")
		if !ok || !isName(name) || !isValue(value) {
			return nil
		}
		name = textproto.CanonicalMIMEHeaderKey(name)
		if name == "Host" && !host { // which net/http takes out of the headers too
			request.Host, host = value, true
			continue
		}
		if unusual(name, value) {
			return nil
		}
		if earlier, ok := request.Header[name]; ok {
			request.Header[name] = append(earlier, value)
			continue
		}
		values = append(values, value)
		request.Header[name] = values[len(values)-1 : len(values) : len(values)]
	}
	var ok bool
	request.ContentLength, ok = c.length(request.Header)
	if !ok || !isHost(request.Host) {
		return nil
	}
	return request
}

// unusual says whether a header has a meaning for the connection or the body, or is one too many.
func unusual(name, value string) bool {
	switch name {
	case "Connection":
		return !strings.EqualFold(value, "keep-alive")
	case "Expect", "Host", "Pragma", "Te", "Trailer", "Transfer-Encoding", "Upgrade":
		return true
	}
	return false
}

// length returns a body's length where it is given, once and in digits, and no larger than is taken.
func (c *connection) length(header http.Header) (int64, bool) {
	given := header["Content-Length"]
	if len(given) != 1 {
		return 0, false
	}
	n, err := strconv.ParseUint(given[0], 10, 63)
	return int64(n), err == nil && int64(n) <= c.server.MaxBody //nolint:gosec // of 63 bits
}

// isName says whether a header's name is a token (RFC 9110 section 5.6.2) of the characters that are ever used.
func isName(name string) bool {
	for i := range len(name) {
		switch b := name[i]; {
		case 'a' <= b && b <= 'z', 'A' <= b && b <= 'Z', '0' <= b && b <= '9', b == '-', b == '_':
		default:
			return false
		}
	}
	return name != ""
}

// isValue says whether a header's value is made of what can be seen, blanks and tabs.
func isValue(value string) bool {
	for i := range len(value) {
		if b := value[i]; b < ' ' && b != '\t' || b >= 0x7f {
			return false
		}
	}
	return true
}

// isHost says whether a host is of the usual characters.
func isHost(host string) bool {
	for i := range len(host) {
		switch b := host[i]; {
		case 'a' <= b && b <= 'z', 'A' <= b && b <= 'Z', '0' <= b && b <= ':', b == '-', b == '.', b == '_', b == '[', b == ']':
		default:
			return false
		}
	}
	return host != ""
}
