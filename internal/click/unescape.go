package click

import "bytes"

// Unescape returns a quoted access log field as the client sent it. The two servers escape differently and never contradict each
// other, so one reader serves both:
//
//   - nginx writes \xHH, upper case, for the quote, the backslash, control characters and every byte above 126, and no other
//     escape (ngx_http_log_module, log_format escape=default);
//   - Apache httpd writes \" and \\, \b \n \r \t \v, and \xhh, lower case, for other control characters and bytes above 126
//     (ap_escape_logitem).
//
// C's \a and \f are read as well. A backslash that begins none of these stands for itself. The result shares b's memory when there is nothing to unescape.
func Unescape(b []byte) []byte {
	at := bytes.IndexByte(b, '\\')
	if at < 0 {
		return b
	}
	out := make([]byte, at, len(b))
	copy(out, b)
	for i := at; i < len(b); i++ {
		if b[i] != '\\' || i+1 == len(b) {
			out = append(out, b[i])
			continue
		}
		if b[i+1] == 'x' && i+3 < len(b) {
			high, low := hexValue(b[i+2]), hexValue(b[i+3])
			if high >= 0 && low >= 0 {
				out = append(out, byte(high<<4|low))
				i += 3
				continue
			}
		}
		if c, ok := simpleEscape(b[i+1]); ok {
			out = append(out, c)
			i++
			continue
		}
		out = append(out, '\\')
	}
	return out
}

// simpleEscape returns what a backslash and c stand for.
func simpleEscape(c byte) (byte, bool) {
	switch c {
	case '"', '\\':
		return c, true
	case 'a':
		return '\a', true
	case 'b':
		return '\b', true
	case 'f':
		return '\f', true
	case 'n':
		return '\n', true
	case 'r':
		return '\r', true
	case 't':
		return '\t', true
	case 'v':
		return '\v', true
	default:
		return 0, false
	}
}

func hexValue(c byte) int {
	switch {
	case isDigit(c):
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	default:
		return -1
	}
}
