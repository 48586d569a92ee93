package attribute

import (
	"cmp"
	"math/big"
	"strconv"
	"strings"
)

// Limits of a number: 38 significant digits, magnitude from 1E-130 to 9.99…E+125.
const (
	maxDigits   = 38
	maxExponent = 126  // 0.ddd × 10^126 is the largest magnitude
	minExponent = -129 // 0.1 × 10^-129 is the smallest one
)

// NewNumber reads a decimal number in plain or exponent notation. The value keeps it in one
// canonical form, plain digits without superfluous zeros ("1.50" and "15E-1" become "1.5").
// Text that is no number, too long, too large or too small is a ValidationException.
func NewNumber(s string) (Value, error) {
	if plainInteger(s) {
		return Value{kind: Number, text: s}, nil
	}
	d, err := parseDecimal(s)
	if err != nil {
		return Value{}, err
	}
	return Value{kind: Number, text: d.String()}, nil
}

// NewInteger makes a number of an integer.
func NewInteger(n int64) Value {
	return Value{kind: Number, text: strconv.FormatInt(n, 10)}
}

// plainInteger tells whether s is a canonical integer of up to 18 digits already: counters, times
// and sizes nearly always are.
func plainInteger(s string) bool {
	digits := strings.TrimPrefix(s, "-")
	if digits == "" || len(digits) > 18 || (digits[0] == '0' && len(s) > 1) {
		return false
	}
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return false
		}
	}
	return true
}

// decimal is ±0.digits × 10^exponent; digits has no zero at either end and is empty for zero.
type decimal struct {
	negative bool
	digits   string
	exponent int
}

func parseDecimal(s string) (decimal, error) {
	if s == "" {
		return decimal{}, invalid("The parameter cannot be converted to a numeric value")
	}
	mantissa, exponent, ok := splitExponent(s)
	var d decimal
	if ok {
		d, ok = parseMantissa(mantissa)
	}
	if !ok {
		return decimal{}, invalid("The parameter cannot be converted to a numeric value: %s", s)
	}
	d.exponent += exponent
	return d, d.check()
}

// splitExponent cuts "12E-3" into "12" and -3. An exponent that no number can have is cut down to
// one that is out of range for sure, so that its digits cannot overflow.
func splitExponent(s string) (mantissa string, exponent int, ok bool) {
	at := strings.IndexAny(s, "eE")
	if at < 0 {
		return s, 0, true
	}
	text := s[at+1:]
	digits := strings.TrimLeft(text, "+-")
	if digits == "" || len(text)-len(digits) > 1 || strings.Trim(digits, "0123456789") != "" {
		return "", 0, false
	}
	exponent, err := strconv.Atoi(text)
	if limit := 1 << 20; err != nil || exponent > limit || exponent < -limit {
		exponent = limit
		if text[0] == '-' {
			exponent = -limit
		}
	}
	return s[:at], exponent, true
}

func parseMantissa(s string) (decimal, bool) {
	d := decimal{negative: strings.HasPrefix(s, "-")}
	if d.negative || strings.HasPrefix(s, "+") {
		s = s[1:]
	}
	whole, fraction, _ := strings.Cut(s, ".")
	if whole+fraction == "" || strings.Trim(whole+fraction, "0123456789") != "" {
		return d, false
	}
	d.exponent = len(whole)
	return d.normalize(whole + fraction), true
}

// normalize sets the digits and moves zeros at their ends into the exponent.
func (d decimal) normalize(digits string) decimal {
	trimmed := strings.TrimLeft(digits, "0")
	d.exponent -= len(digits) - len(trimmed)
	d.digits = strings.TrimRight(trimmed, "0")
	if d.digits == "" {
		return decimal{}
	}
	return d
}

func (d decimal) check() error {
	switch {
	case d.digits == "":
		return nil
	case d.exponent > maxExponent:
		return invalid("Number overflow. Attempting to store a number with magnitude larger than supported range")
	case d.exponent < minExponent:
		return invalid("Number underflow. Attempting to store a number with magnitude smaller than supported range")
	case len(d.digits) > maxDigits:
		return invalid("Attempting to store more than 38 significant digits in a Number")
	}
	return nil
}

// String is the canonical form.
func (d decimal) String() string {
	if d.digits == "" {
		return "0"
	}
	sign := ""
	if d.negative {
		sign = "-"
	}
	switch {
	case d.exponent <= 0:
		return sign + "0." + strings.Repeat("0", -d.exponent) + d.digits
	case d.exponent >= len(d.digits):
		return sign + d.digits + strings.Repeat("0", d.exponent-len(d.digits))
	default:
		return sign + d.digits[:d.exponent] + "." + d.digits[d.exponent:]
	}
}

// compareNumbers orders two canonical numbers without converting them.
func compareNumbers(a, b string) int {
	negative := strings.HasPrefix(a, "-")
	if negative != strings.HasPrefix(b, "-") {
		if negative {
			return -1
		}
		return 1
	}
	if negative {
		a, b = b[1:], a[1:]
	}
	wholeA, fractionA, _ := strings.Cut(a, ".")
	wholeB, fractionB, _ := strings.Cut(b, ".")
	return cmp.Or(
		cmp.Compare(len(wholeA), len(wholeB)),
		strings.Compare(wholeA, wholeB),
		strings.Compare(fractionA, fractionB),
	)
}

// Add is a+b for two numbers, exact. A sum out of a number's limits is a ValidationException.
func Add(a, b Value) (Value, error) { return combine(a, b, (*big.Int).Add) }

// Subtract is a-b for two numbers, exact. A difference out of a number's limits is a ValidationException.
func Subtract(a, b Value) (Value, error) { return combine(a, b, (*big.Int).Sub) }

// combine brings both numbers to one scale and lets operation work on the integers.
func combine(a, b Value, operation func(z, x, y *big.Int) *big.Int) (Value, error) {
	x, y := scaleOf(a.text), scaleOf(b.text)
	scale := max(x, y)
	sum := operation(new(big.Int), scaled(a.text, scale-x), scaled(b.text, scale-y))
	digits := new(big.Int).Abs(sum).String()
	d := decimal{negative: sum.Sign() < 0, exponent: len(digits) - scale}.normalize(digits)
	if err := d.check(); err != nil {
		return Value{}, err
	}
	return Value{kind: Number, text: d.String()}, nil
}

// scaleOf counts the digits after a canonical number's point.
func scaleOf(s string) int {
	_, fraction, _ := strings.Cut(s, ".")
	return len(fraction)
}

// scaled is the canonical number without its point, with zeros appended.
func scaled(s string, zeros int) *big.Int {
	n, _ := new(big.Int).SetString(strings.Replace(s, ".", "", 1)+strings.Repeat("0", zeros), 10)
	return n
}

// numberSize is about one byte for two significant digits plus one, and one more for a sign.
func numberSize(s string) int {
	size := 1
	if s[0] == '-' {
		s = s[1:]
		size++
	}
	s = strings.Trim(strings.Replace(s, ".", "", 1), "0")
	return size + (len(s)+1)/2
}
