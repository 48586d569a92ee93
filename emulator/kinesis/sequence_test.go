package kinesis

import (
	"math/big"
	"strings"
	"testing"
)

// TestSequenceNumbers builds numbers a second way, from hexadecimal digits and big integers.
func TestSequenceNumbers(t *testing.T) {
	t.Parallel()
	for _, shard := range []uint32{0, 1, 15, 16, 12345, 1<<31 - 1} {
		for _, index := range []uint64{0, 1, 1 << 47, 1 << 48, lastIndex} {
			for _, second := range []int64{946684800, 1795378421, 1<<36 - 1} {
				number := newSequence(shard, 1795378421, index, second)
				want, ok := new(big.Int).SetString("2"+hex(1795378421, 9)+hex(uint64(shard&15), 1)+hex(index, 16)+"00"+hex(uint64(second), 9)+hex(uint64(shard), 8)+"2", 16)
				if !ok {
					t.Fatal("no number")
				}
				if number.String() != want.String() || len(want.String()) != sequenceDigits {
					t.Errorf("got %s, want %s", number, want)
				}
				parsed, ok := parseSequence(want.String())
				if !ok || parsed != number || parsed.shard() != shard || parsed.index() != index || parsed.shardSecond() != 1795378421 {
					t.Errorf("%s is read as %+v, %v", want, parsed, ok)
				}
			}
		}
	}
}

func hex(n uint64, digits int) string {
	text := new(big.Int).SetUint64(n).Text(16)
	return strings.Repeat("0", digits-len(text)) + text
}

func FuzzParseSequence(f *testing.F) {
	f.Add("49668899999999999999999999999999999999999999999999999986")
	f.Add(newSequence(3, 1795378421, 7, 1795378422).String())
	f.Add(strings.Repeat("9", sequenceDigits))
	f.Fuzz(func(t *testing.T, text string) {
		number, ok := parseSequence(text)
		if ok && number.String() != text {
			t.Errorf("%q is read as %s", text, number)
		}
	})
}

func FuzzHashKey(f *testing.F) {
	for _, text := range []string{"0", "00", "340282366920938463463374607431768211455", "340282366920938463463374607431768211456", "999999999999999999999999999999999999999", "-1", ""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, ok := parseHashKey(text)
		want, isNumber := new(big.Int).SetString(text, 10)
		valid := isNumber && want.Sign() >= 0 && want.BitLen() <= 128 && want.String() == text
		if ok != valid || (ok && got.String() != text) {
			t.Errorf("%q is read as %s, %v", text, got, ok)
		}
		if valid && !wellFormedHashKey(text) {
			t.Errorf("%q does not count as well formed", text)
		}
	})
}

func TestEvenStarts(t *testing.T) {
	t.Parallel()
	want := []string{"0", "113427455640312821154458202477256070485", "226854911280625642308916404954512140970"}
	for i, start := range evenStarts(3) {
		if start.String() != want[i] {
			t.Errorf("shard %d starts at %s, want %s", i, start, want[i])
		}
	}
}
