package md5many

import (
	"bytes"
	"crypto/md5"
	"fmt"
	"math/rand/v2"
	"testing"
)

// ways are the numbers of lanes that this machine knows.
func ways(tb testing.TB) []int {
	tb.Helper()
	switch lanes {
	case most:
		return []int{0, 8, most}
	case 0:
		return []int{0}
	}
	return []int{0, lanes}
}

// check digests texts in all ways, with a Hasher that has been used before.
func check(tb testing.TB, hashers map[int]*Hasher, texts [][]byte) {
	tb.Helper()
	for _, n := range ways(tb) {
		if hashers[n] == nil {
			hashers[n] = new(Hasher)
		}
		sums := make([][md5.Size]byte, len(texts))
		hashers[n].sums(n, sums, texts)
		for i := range texts {
			if want := md5.Sum(texts[i]); sums[i] != want {
				tb.Fatalf("%d lanes: text %d of %d, %d bytes: %x, crypto/md5 says %x", n, i, len(texts), len(texts[i]), sums[i], want)
			}
		}
	}
}

// TestLengths digests texts of each length that padding makes a difference to, in each number.
func TestLengths(t *testing.T) {
	t.Parallel()
	random, hashers := rand.New(rand.NewPCG(1, 2)), make(map[int]*Hasher)
	text := make([]byte, 1<<12)
	for i := range text {
		text[i] = byte(random.Uint32())
	}
	for length := range 200 {
		var texts [][]byte
		for i := range 1 + length%40 {
			texts = append(texts, text[i:][:length+i%3])
		}
		check(t, hashers, texts)
	}
	for range 300 {
		texts := make([][]byte, random.IntN(50))
		for i := range texts {
			texts[i] = text[random.IntN(100):][:random.IntN(1+random.IntN(len(text)-100))]
		}
		check(t, hashers, texts)
	}
}

// FuzzSums: texts cut out of what comes have the digests that crypto/md5 gives.
func FuzzSums(f *testing.F) {
	f.Add(bytes.Repeat([]byte("0123456789abcdef"), 40), uint64(1))
	f.Add([]byte{}, uint64(2))
	hashers := make(map[int]*Hasher)
	f.Fuzz(func(t *testing.T, text []byte, seed uint64) {
		random := rand.New(rand.NewPCG(seed, 0))
		texts := make([][]byte, random.IntN(40))
		for i := range texts {
			from := random.IntN(len(text) + 1)
			texts[i] = text[from : from+random.IntN(len(text)-from+1)]
		}
		check(t, hashers, texts)
	})
}

func BenchmarkSums(b *testing.B) {
	for _, n := range ways(b) {
		for _, length := range []int{16, 50 << 10} {
			b.Run(fmt.Sprintf("lanes=%d/bytes=%d", n, length), func(b *testing.B) {
				texts := make([][]byte, most)
				for i := range texts {
					texts[i] = bytes.Repeat([]byte{byte(i)}, length)
				}
				var h Hasher
				sums := make([][md5.Size]byte, most)
				b.SetBytes(int64(most * length))
				b.ReportAllocs()
				for b.Loop() {
					h.sums(n, sums, texts)
				}
			})
		}
	}
}
