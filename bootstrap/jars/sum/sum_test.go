package sum_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"

	"clickstream/bootstrap/jars/sum"
)

func random(n int) []byte {
	text := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{byte(n), byte(n >> 8), byte(n >> 16)}).Read(text) // never fails
	return text
}

// TestSums compares with the standard library at all kinds of lengths: within a block, at its end, within a buffer, and over several.
func TestSums(t *testing.T) {
	t.Parallel()
	pair := new(sum.Pair)
	lengths := []int{0, 1, 55, 56, 63, 64, 65, 127, 128, 1000, 64<<10 - 1, 64 << 10, 64<<10 + 1, 64<<10 + 64, 200_001, 1 << 20}
	for _, a := range lengths {
		for _, b := range lengths {
			texts := [2][]byte{random(a), random(b)}
			sums, sizes, errs := pair.Sums([2]io.Reader{bytes.NewReader(texts[0]), iotest.OneByteReader(bytes.NewReader(texts[1]))})
			for i, text := range texts {
				if errs[i] != nil || sizes[i] != int64(len(text)) || sums[i] != sha256.Sum256(text) {
					t.Errorf("number %d of lengths %d and %d: %x of %d bytes, %v", i, a, b, sums[i], sizes[i], errs[i])
				}
			}
		}
	}
}

// TestOneFails has the other one's digest made all the same.
func TestOneFails(t *testing.T) {
	t.Parallel()
	failure := errors.New("no")
	for failing := range 2 {
		text := random(300_000)
		var readers [2]io.Reader
		readers[failing] = io.MultiReader(bytes.NewReader(random(100_000)), iotest.ErrReader(failure))
		readers[1-failing] = bytes.NewReader(text)
		sums, _, errs := new(sum.Pair).Sums(readers)
		if !errors.Is(errs[failing], failure) || errs[1-failing] != nil || sums[1-failing] != sha256.Sum256(text) {
			t.Errorf("%d fails: %v, %x", failing, errs, sums)
		}
	}
}

func BenchmarkSums(b *testing.B) {
	texts := [2][]byte{random(1 << 20), random(1 << 20)}
	pair := new(sum.Pair)
	b.SetBytes(2 << 20)
	for b.Loop() {
		pair.Sums([2]io.Reader{bytes.NewReader(texts[0]), bytes.NewReader(texts[1])})
	}
}

func BenchmarkStandardLibrary(b *testing.B) {
	text := random(1 << 20)
	b.SetBytes(1 << 20)
	for b.Loop() {
		sha256.Sum256(text)
	}
}
