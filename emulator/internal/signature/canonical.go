package signature

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// canonicalRequest writes a request in the one form that is signed.
func canonicalRequest(r *http.Request, s *signed, payloadHash string) string {
	headers := make([]string, 0, len(s.headers))
	for _, name := range s.headers {
		headers = append(headers, strings.ToLower(name)+":"+headerValue(r, name)+"\n")
	}
	return strings.Join([]string{
		r.Method, canonicalPath(r.URL), canonicalQuery(r.URL.RawQuery, s.presigned), strings.Join(headers, ""), strings.Join(s.headers, ";"), payloadHash,
	}, "\n")
}

// headerValue returns a header's values as they are signed: blanks are squeezed.
func headerValue(r *http.Request, name string) string {
	switch strings.ToLower(name) {
	case "host", ":authority": // the one in HTTP/2, as the SDK for JavaScript signs it
		return r.Host
	case "content-length":
		return strconv.FormatInt(r.ContentLength, 10)
	}
	values := slices.Clone(r.Header.Values(name))
	for i, value := range values {
		values[i] = strings.Join(strings.Fields(value), " ")
	}
	return strings.Join(values, ",")
}

// canonicalPath encodes the path once, as S3 does. The other services encode it twice, which is the same for the paths they have.
func canonicalPath(address *url.URL) string {
	if address.Path == "" {
		return "/"
	}
	return encode(address.Path, true)
}

// canonicalQuery sorts the parameters by their encoded names and values. The signature itself is left out.
func canonicalQuery(raw string, presigned bool) string {
	var pairs []string
	for part := range strings.SplitSeq(raw, "&") {
		name, value, _ := strings.Cut(part, "=")
		name, value = unescaped(name), unescaped(value)
		if part == "" || presigned && name == "X-Amz-Signature" {
			continue
		}
		pairs = append(pairs, encode(name, false)+"\x00"+encode(value, false))
	}
	slices.Sort(pairs)
	for i, pair := range pairs {
		pairs[i] = strings.Replace(pair, "\x00", "=", 1)
	}
	return strings.Join(pairs, "&")
}

func unescaped(text string) string {
	plain, err := url.QueryUnescape(text)
	if err != nil {
		return text
	}
	return plain
}

// encode escapes all but what RFC 3986 leaves unreserved and, in paths, slashes.
func encode(text string, path bool) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(text) {
		c := text[i]
		plain := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-_.~", c) >= 0
		if plain || path && c == '/' {
			b.WriteByte(c)
		} else {
			b.Write([]byte{'%', digits[c>>4], digits[c&15]})
		}
	}
	return b.String()
}
