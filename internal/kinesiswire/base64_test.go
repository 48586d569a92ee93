package kinesiswire

import (
	"bytes"
	"encoding/base64"
	"math/rand/v2"
	"testing"
)

func TestBase64(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for size := range 300 {
		data := make([]byte, size)
		for i := range data {
			data[i] = byte(random.Uint32())
		}
		want := append([]byte("before"), base64.StdEncoding.EncodeToString(data)...)
		if got := appendBase64([]byte("before"), data); !bytes.Equal(got, want) {
			t.Fatalf("%d bytes\ngot  %s\nwant %s", size, got, want)
		}
	}
}

func BenchmarkBase64(b *testing.B) {
	data := bytes.Repeat([]byte("x"), 50<<10)
	var buffer []byte
	b.Run("ours", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			buffer = appendBase64(buffer[:0], data)
		}
	})
	b.Run("standard library", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			buffer = base64.StdEncoding.AppendEncode(buffer[:0], data)
		}
	})
}
