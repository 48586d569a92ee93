package attribute_test

import (
	"strings"
	"testing"

	"clickstream/emulator/dynamodb/attribute"
)

func TestNumberIsCanonical(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"0": "0", "-0": "0", "0.0": "0", "00": "0", "+7": "7", "007": "7", "-12": "-12", ".5": "0.5", "5.": "5",
		"1.50": "1.5", "15E-1": "1.5", "1e2": "100", "1E+2": "100", "-1.2e-3": "-0.0012", "172.837392": "172.837392",
		"0e999999999999999999":                        "0",
		"49680469734578211411426558237988948139":      "49680469734578211411426558237988948139",
		"12345678901234567890123456789012345678":      "12345678901234567890123456789012345678",
		"1E125":                                       "1" + strings.Repeat("0", 125),
		"9.9999999999999999999999999999999999999E125": strings.Repeat("9", 38) + strings.Repeat("0", 88),
		"1E-130": "0." + strings.Repeat("0", 129) + "1",
	} {
		got, err := attribute.NewNumber(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if got.Text() != want {
			t.Errorf("%s is %s, want %s", text, got.Text(), want)
		}
	}
}

func TestNumberRefuses(t *testing.T) {
	t.Parallel()
	const (
		no        = "The parameter cannot be converted to a numeric value"
		digits    = "Attempting to store more than 38 significant digits in a Number"
		overflow  = "Number overflow. Attempting to store a number with magnitude larger than supported range"
		underflow = "Number underflow. Attempting to store a number with magnitude smaller than supported range"
	)
	for text, want := range map[string]string{
		"": no, "a": no + ": a", "1e": no + ": 1e", "1e+-2": no + ": 1e+-2", "--1": no + ": --1", "1.2.3": no + ": 1.2.3",
		".": no + ": .", "0x10": no + ": 0x10", "NaN": no + ": NaN", " 1": no + ":  1", "١": no + ": ١",
		strings.Repeat("1", 39): digits,
		"1E126":                 overflow, "-1E126": overflow, "1e99999999999999999999": overflow,
		"1E-131": underflow, "1e-99999999999999999999": underflow,
	} {
		_, err := attribute.NewNumber(text)
		if err == nil || !strings.HasSuffix(err.Error(), ": "+want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func number(tb testing.TB, text string) attribute.Value {
	tb.Helper()
	v, err := attribute.NewNumber(text)
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

func TestNumbersAreOrderedByValue(t *testing.T) {
	t.Parallel()
	ascending := []string{"-1E125", "-10", "-9.5", "-9.45", "-1", "-0.1", "-1E-130", "0", "1E-130", "0.09", "0.1", "1", "1.5", "9", "10", "1E125"}
	for i, a := range ascending {
		for j, b := range ascending {
			order := attribute.Compare(number(t, a), number(t, b))
			if (order < 0) != (i < j) || (order > 0) != (i > j) {
				t.Errorf("Compare(%s, %s) = %d", a, b, order)
			}
		}
	}
}

func TestArithmeticIsExact(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ a, b, sum, difference string }{
		{"1", "1", "2", "0"},
		{"0.1", "0.2", "0.3", "-0.1"},
		{"99999999999999999999999999999999999998", "1", "99999999999999999999999999999999999999", "99999999999999999999999999999999999997"},
		{"-5", "2.50", "-2.5", "-7.5"},
		{"1E100", "0", "1" + strings.Repeat("0", 100), "1" + strings.Repeat("0", 100)},
	} {
		sum, err := attribute.Add(number(t, test.a), number(t, test.b))
		if err != nil || sum.Text() != test.sum {
			t.Errorf("%s + %s = %s, %v; want %s", test.a, test.b, sum.Text(), err, test.sum)
		}
		difference, err := attribute.Subtract(number(t, test.a), number(t, test.b))
		if err != nil || difference.Text() != test.difference {
			t.Errorf("%s - %s = %s, %v; want %s", test.a, test.b, difference.Text(), err, test.difference)
		}
	}
	if sum, err := attribute.Add(number(t, "1E100"), number(t, "1")); err == nil {
		t.Errorf("a sum of 101 digits is %s, want an error", sum.Text())
	}
}

// FuzzNumber checks that the canonical form is stable and that the sum and difference of a number
// and itself are what they must be.
func FuzzNumber(f *testing.F) {
	for _, seed := range []string{"0", "-1.50", "1e5", "1E-130", "9.9E125", "1e+99999999999", "-.5", "0.00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := attribute.NewNumber(text)
		if err != nil {
			return
		}
		again := number(t, v.Text())
		if again.Text() != v.Text() || attribute.Compare(v, again) != 0 {
			t.Fatalf("%q became %q and then %q", text, v.Text(), again.Text())
		}
		if zero, err := attribute.Subtract(v, v); err != nil || zero.Text() != "0" {
			t.Fatalf("%q minus itself is %q, %v", text, zero.Text(), err)
		}
		if double, err := attribute.Add(v, v); err == nil {
			if half, err := attribute.Subtract(double, v); err != nil || half.Text() != v.Text() {
				t.Fatalf("%q + itself - itself is %q, %v", text, half.Text(), err)
			}
		}
	})
}
