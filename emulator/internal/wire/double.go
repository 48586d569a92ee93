package wire

import (
	"strconv"
	"strings"
)

// Double is a number that shows in JSON, forms and XML that it has a fraction, even where that is 0: some clients make integers of
// numbers without.
type Double float64

// MarshalJSON returns the number with a fraction.
func (d Double) MarshalJSON() ([]byte, error) { return d.MarshalText() }

// MarshalText returns the number with a fraction.
func (d Double) MarshalText() ([]byte, error) {
	text := strconv.FormatFloat(float64(d), 'g', -1, 64)
	if !strings.ContainsAny(text, ".e") {
		text += ".0"
	}
	return []byte(text), nil
}
