package verify

import (
	"bytes"
	"testing"

	"clickstream/internal/delivery"
)

// FuzzRecordReader checks that bodies read piece by piece give what delivery.ReadObject makes of the whole.
func FuzzRecordReader(f *testing.F) {
	long := bytes.Repeat([]byte("x"), 70_000)
	for _, seed := range [][]byte{nil, []byte("\n"), []byte("a\n\nb\n"), []byte("a\nb"), {0, 0, 0, 1, 'a', 0, 0, 0, 0}, {0, 0, 0, 9, 'a'}, {0, 0}, long, append(long, '\n')} {
		f.Add(seed, false)
		f.Add(seed, true)
	}
	f.Fuzz(func(t *testing.T, body []byte, raw bool) {
		format := delivery.FormatJSONL
		if raw {
			format = delivery.FormatRaw
		}
		want, wantErr := delivery.ReadObject("k", format, delivery.CompressionNone, body)
		r, err := newRecordReader(format, delivery.CompressionNone, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		content, err := r.drain()
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("error %v, want %v", err, wantErr)
		}
		if err == nil && (content != want.Content || r.count != len(want.Records)) {
			t.Errorf("%d records with sum %s, want %d with %s", r.count, content, len(want.Records), want.Content)
		}
	})
}
