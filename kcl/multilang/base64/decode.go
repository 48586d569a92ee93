// Package base64 is the standard encoding of RFC 4648, section 4, with padding, for data of many short records: several times as fast as
// [encoding/base64] on processors with AVX2.
package base64

import "encoding/base64"

// Decode decodes text, whose length is a multiple of four, into data, which has room for three quarters of that, and returns how
// many bytes it gave. It takes what [encoding/base64] does, without line ends: JSON has none in a string.
func Decode(data, text []byte) (n int, ok bool) {
	done := decodeBlocks(data, text)
	if len(text)-done == 4 {
		if n, ok = decodeLast(data[done/4*3:], text[done:]); ok {
			return done/4*3 + n, true
		}
	}
	padding := 0
	for padding < 2 && padding < len(text) && text[len(text)-1-padding] == '=' {
		padding++
	}
	n, err := base64.StdEncoding.Decode(data[done/4*3:], text[done:])
	n += done / 4 * 3
	return n, err == nil && n == len(text)/4*3-padding // it skips line ends, and gives less then
}

// sixBits has the value of each ASCII character of the alphabet.
const sixBits = "" +
	"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff" +
	"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff" +
	"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x3e\xff\xff\xff\x3f" +
	"\x34\x35\x36\x37\x38\x39\x3a\x3b\x3c\x3d\xff\xff\xff\xff\xff\xff" +
	"\xff\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e" +
	"\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\xff\xff\xff\xff\xff" +
	"\xff\x1a\x1b\x1c\x1d\x1e\x1f\x20\x21\x22\x23\x24\x25\x26\x27\x28" +
	"\x29\x2a\x2b\x2c\x2d\x2e\x2f\x30\x31\x32\x33\xff\xff\xff\xff\xff"

// decodeLast decodes the last four characters of a text.
func decodeLast(data, text []byte) (n int, ok bool) {
	a, b, c, d := text[0], text[1], text[2], text[3]
	n = 3
	if d == '=' {
		n, d = 2, 'A'
		if c == '=' {
			n, c = 1, 'A'
		}
	}
	v, w, x, y := sixBits[a&0x7f], sixBits[b&0x7f], sixBits[c&0x7f], sixBits[d&0x7f]
	if (a|b|c|d|v|w|x|y)&0x80 != 0 {
		return 0, false
	}
	decoded := [3]byte{v<<2 | w>>4, w<<4 | x>>2, x<<6 | y}
	return copy(data, decoded[:n]), true
}
