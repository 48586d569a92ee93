package s3

import (
	"strconv"
	"strings"
)

// byteRange is a part of a body: from start up to and without end.
type byteRange struct{ start, end int64 }

// parseRange reads a Range header against a body of that size. ok is false
// where the header is to be ignored: absent, of another unit, of several
// ranges, or malformed. A well-formed range outside the body is an error.
// https://www.rfc-editor.org/rfc/rfc9110#name-range-requests
func parseRange(header string, size int64) (r byteRange, ok bool, err error) {
	spec, found := strings.CutPrefix(header, "bytes=")
	if !found || strings.Contains(spec, ",") {
		return r, false, nil
	}
	first, last, found := strings.Cut(strings.TrimSpace(spec), "-")
	if !found || first == "" && last == "" {
		return r, false, nil
	}
	if first == "" {
		return suffixRange(header, last, size)
	}
	if r.start, ok = parseOffset(first); !ok {
		return r, false, nil
	}
	r.end = size
	if last != "" {
		at, ok := parseOffset(last)
		if !ok || at < r.start {
			return r, false, nil
		}
		r.end = min(size, at+1)
	}
	if r.start >= size {
		return r, false, unsatisfiable(header, size)
	}
	return r, true, nil
}

// suffixRange is the last n bytes.
func suffixRange(header, n string, size int64) (byteRange, bool, error) {
	length, ok := parseOffset(n)
	if !ok {
		return byteRange{}, false, nil
	}
	if length == 0 || size == 0 {
		return byteRange{}, false, unsatisfiable(header, size)
	}
	return byteRange{size - min(size, length), size}, true, nil
}

// parseOffset reads digits and nothing else. What does not fit lies behind any
// body.
func parseOffset(digits string) (int64, bool) {
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(digits, 10, 62)
	if err != nil {
		return 1 << 61, true
	}
	return n, true
}

func unsatisfiable(header string, size int64) error {
	return errInvalidRange.with("RangeRequested", header).with("ActualObjectSize", strconv.FormatInt(size, 10)).
		withHeader("Content-Range", "bytes */"+strconv.FormatInt(size, 10))
}
