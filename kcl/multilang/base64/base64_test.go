package base64

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// FuzzDecode: Decode takes and gives what encoding/base64 does, and writes nowhere else.
func FuzzDecode(f *testing.F) {
	for n := range 100 {
		f.Add(bytes.Repeat([]byte{byte(n), 0xfb, 0xff}, n)[:2*n], n)
	}
	f.Fuzz(func(t *testing.T, data []byte, at int) {
		text := base64.StdEncoding.AppendEncode(nil, data)
		checkDecode(t, text)
		if len(text) > 0 {
			text[uint(at)%uint(len(text))] ^= byte(at >> 8)
			checkDecode(t, text)
		}
		checkDecode(t, data[:len(data)/4*4])
	})
}

// TestDecodeKnowsTheAlphabet puts each byte at each place of texts that go through all ways of decoding.
func TestDecodeKnowsTheAlphabet(t *testing.T) {
	t.Parallel()
	for length := 4; length <= 100; length += 32 {
		text := bytes.Repeat([]byte("aZ09+/xQ"), 20)[:length]
		for at := range text {
			before := text[at]
			for c := range 256 {
				text[at] = byte(c)
				checkDecode(t, text)
			}
			text[at] = before
		}
	}
}

func checkDecode(t *testing.T, text []byte) {
	t.Helper()
	const guard = 0xA5
	size := len(text) / 4 * 3
	got := bytes.Repeat([]byte{guard}, size+64)
	n, ok := Decode(got[:size:size], text)
	want := make([]byte, size)
	wantN, err := base64.StdEncoding.Decode(want, text)
	switch wantOK := err == nil && !bytes.ContainsAny(text, "\r\n"); {
	case ok != wantOK:
		t.Fatalf("%q: taken is %v, encoding/base64 says %v", text, ok, err)
	case ok && !bytes.Equal(got[:n], want[:wantN]):
		t.Fatalf("%q: %q, encoding/base64 says %q", text, got[:n], want[:wantN])
	case bytes.Count(got[size:], []byte{guard}) != 64:
		t.Fatalf("%q: bytes behind the room were written", text)
	}
}

// FuzzAppendEncode: AppendEncode gives what encoding/base64 does, behind what is there, and nothing behind that.
func FuzzAppendEncode(f *testing.F) {
	random := rand.New(rand.NewPCG(1, 2))
	for size := range 300 {
		data := make([]byte, size)
		for i := range data {
			data[i] = byte(random.Uint32())
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		data = slices.Clip(bytes.Clone(data))
		want := base64.StdEncoding.AppendEncode([]byte("before"), data)
		room := bytes.Repeat([]byte{0xA5}, len(want)+64)
		copy(room, "before")
		got := AppendEncode(room[:6:len(want)], data)
		if !bytes.Equal(got, want) || bytes.Count(room[len(want):], []byte{0xA5}) != 64 {
			t.Fatalf("%d bytes\ngot  %s\nwant %s", len(data), got, want)
		}
	})
}

func BenchmarkAppendEncode(b *testing.B) {
	for _, size := range []int{100, 50 << 10} {
		data := bytes.Repeat([]byte("x"), size)
		var buffer []byte
		b.Run(fmt.Sprintf("%d bytes", size), func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				buffer = AppendEncode(buffer[:0], data)
			}
		})
		b.Run(fmt.Sprintf("%d bytes, standard library", size), func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				buffer = base64.StdEncoding.AppendEncode(buffer[:0], data)
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	text := base64.StdEncoding.AppendEncode(nil, bytes.Repeat([]byte{'x'}, 62))
	data := make([]byte, len(text))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, ok := Decode(data, text); !ok {
			b.Fatal("refused")
		}
	}
}
