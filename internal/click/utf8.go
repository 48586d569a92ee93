package click

import (
	"strings"
	"unicode/utf8"
)

// ToValid returns s with every ill-formed part replaced by U+FFFD, one for each maximal subpart of a character, as the Unicode
// Standard recommends (section 3.9, table 3-8) and as Python's errors="replace" and the browsers' TextDecoder do. Go's own
// [strings.ToValidUTF8] makes one of a whole run, and a []rune conversion makes one of every byte: with either of them a script
// that reads the same log would see other clicks.
func ToValid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 8)
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && size == 1 {
			size = subpart(s)
		}
		b.WriteRune(r)
		s = s[size:]
	}
	return b.String()
}

// subpart returns the length of the maximal subpart that s, which does not begin with a whole character, begins with: as many of
// its bytes as could still begin a character, at least one.
func subpart(s string) int {
	want, low, high := continuation(s[0])
	n := 1
	for n < len(s) && n <= want && low <= s[n] && s[n] <= high {
		low, high = 0x80, 0xBF
		n++
	}
	return n
}

// continuation returns how many bytes follow a character's first one, none when it begins no character, and between which values
// the second one lies: table 3-7 of the Unicode Standard, which leaves out overlong forms, surrogates and what is beyond U+10FFFF.
func continuation(first byte) (want int, low, high byte) {
	switch {
	case first < 0xC2 || first > 0xF4:
		return 0, 0, 0
	case first < 0xE0:
		return 1, 0x80, 0xBF
	case first == 0xE0:
		return 2, 0xA0, 0xBF
	case first == 0xED:
		return 2, 0x80, 0x9F
	case first < 0xF0:
		return 2, 0x80, 0xBF
	case first == 0xF0:
		return 3, 0x90, 0xBF
	case first < 0xF4:
		return 3, 0x80, 0xBF
	default:
		return 3, 0x80, 0x8F
	}
}
