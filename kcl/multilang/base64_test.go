package multilang

import (
	"bytes"
	"encoding/base64"
	"testing"
)

// FuzzDecodeBase64: decodeBase64 takes and gives what encoding/base64 does, and writes nowhere else.
func FuzzDecodeBase64(f *testing.F) {
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

// TestDecodeBase64KnowsTheAlphabet puts each byte at each place of texts that go through all ways of decoding.
func TestDecodeBase64KnowsTheAlphabet(t *testing.T) {
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
	n, ok := decodeBase64(got[:size:size], text)
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

func BenchmarkDecodeBase64(b *testing.B) {
	text := base64.StdEncoding.AppendEncode(nil, bytes.Repeat([]byte{'x'}, 62))
	data := make([]byte, len(text))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, ok := decodeBase64(data, text); !ok {
			b.Fatal("refused")
		}
	}
}
