package delivery_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"clickstream/internal/delivery"
)

// compress is the writer's side, by the library itself.
func compress(t *testing.T, compression string, body []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	switch compression {
	case delivery.CompressionGzip:
		w := gzip.NewWriter(&b)
		if _, err := w.Write(body); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	case delivery.CompressionZstd:
		w, err := zstd.NewWriter(nil)
		if err != nil {
			t.Fatal(err)
		}
		return w.EncodeAll(body, nil)
	}
	return body
}

func TestObjectsGoThereAndBack(t *testing.T) {
	records := [][]byte{[]byte(`{"resource":"resource-1"}`), {}, []byte("\x00\xff\r"), []byte("x")}
	for _, format := range []string{delivery.FormatJSONL, delivery.FormatRaw} {
		for _, compression := range []string{delivery.CompressionNone, delivery.CompressionGzip, delivery.CompressionZstd} {
			digest, body, positions := delivery.NewDigest(format), []byte(nil), []byte(nil)
			for i, data := range records {
				p := delivery.Position{Sequence: "100", Sub: int64(i)}
				digest.Add(p, data)
				body = delivery.AppendRecord(body, format, data)
				positions = append(append(positions, p.String()...), '\n')
			}
			object, err := delivery.ReadObject("k", format, compression, compress(t, compression, body))
			if err != nil {
				t.Fatalf("%s %s: %v", format, compression, err)
			}
			if diff := cmp.Diff(records, object.Records); diff != "" {
				t.Errorf("%s %s: %s", format, compression, diff)
			}
			if object.Content != delivery.ContentOf(digest.Sum()) || digest.Sum() != delivery.DigestOf(positions, body) {
				t.Errorf("%s %s: three ways give digests %s, %s, %s", format, compression, object.Content, digest.Sum(), delivery.DigestOf(positions, body))
			}
		}
	}
}

func TestDigestNoticesOrderAndPosition(t *testing.T) {
	sum := func(sequence string, data ...string) string {
		d := delivery.NewDigest(delivery.FormatJSONL)
		for i, text := range data {
			d.Add(delivery.Position{Sequence: sequence, Sub: int64(i)}, []byte(text))
		}
		return d.Sum()
	}
	sums := []string{sum("1", "a", "b"), sum("1", "b", "a"), sum("2", "a", "b"), sum("1", "ab"), sum("1", "a"), sum("1")}
	slices.Sort(sums)
	if n := len(slices.Compact(sums)); n != 6 {
		t.Errorf("6 different lists of records have %d different digests", n)
	}
}

func TestTruncatedObjectIsAnErrorWithItsKey(t *testing.T) {
	for _, format := range []string{delivery.FormatJSONL, delivery.FormatRaw} {
		for _, compression := range []string{delivery.CompressionNone, delivery.CompressionGzip, delivery.CompressionZstd} {
			body := delivery.AppendRecord(nil, format, []byte("first record"))
			body = delivery.AppendRecord(body, format, []byte("second record"))
			packed := compress(t, compression, body)
			_, err := delivery.ReadObject("shard/1-2", format, compression, packed[:len(packed)-1])
			if err == nil || !strings.Contains(err.Error(), "shard/1-2") {
				t.Errorf("%s %s: %v", format, compression, err)
			}
		}
	}
}

func TestStorable(t *testing.T) {
	for _, test := range []struct {
		format, data string
		storable     bool
	}{
		{delivery.FormatJSONL, "", true},
		{delivery.FormatJSONL, "a\rb", true},
		{delivery.FormatJSONL, "a\n", false},
		{delivery.FormatRaw, "a\nb", true},
	} {
		if err := delivery.Storable(test.format, []byte(test.data)); (err == nil) != test.storable {
			t.Errorf("%s %q: %v", test.format, test.data, err)
		}
	}
}

func FuzzPosition(f *testing.F) {
	for _, text := range []string{"start", "1.0", "100.12", "01.0", "1", ".", "1.-1", sequence + ".3"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := delivery.ParsePosition(text)
		if err == nil && p.String() != text {
			t.Errorf("%q is read as %q", text, p)
		}
	})
}

func FuzzClaimKey(f *testing.F) {
	f.Add("_claims/app/shardId-000000000000/start")
	f.Add("_claims/a%2Fb/s/1.0")
	f.Fuzz(func(t *testing.T, key string) {
		application, shardID, p, err := delivery.ParseClaimKey(key)
		if err != nil {
			return
		}
		again, shardAgain, q, err := delivery.ParseClaimKey(delivery.ClaimKey(application, shardID, p))
		if err != nil || again != application || shardAgain != shardID || p != q {
			t.Errorf("%q: %q %q %s, %v", key, again, shardAgain, q, err)
		}
	})
}

func FuzzClaim(f *testing.F) {
	f.Add([]byte(`{"first":"1.0","end":"2.0","key":"s/1-2","format":"jsonl","compression":"none"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		claim, err := delivery.ParseClaim(b)
		if err != nil {
			return
		}
		encoded, err := claim.Encode()
		if err != nil {
			t.Fatalf("%q was read and cannot be written: %v", b, err)
		}
		if again, err := delivery.ParseClaim(encoded); err != nil || again != claim {
			t.Errorf("%q came back as %q, %v", b, encoded, err)
		}
	})
}

func FuzzReadObject(f *testing.F) {
	f.Add("jsonl", []byte("a\nb\n"))
	f.Add("raw", []byte("\x00\x00\x00\x01a"))
	f.Fuzz(func(t *testing.T, format string, body []byte) {
		object, err := delivery.ReadObject("k", format, delivery.CompressionNone, body)
		if err != nil {
			return
		}
		var again []byte
		for _, data := range object.Records {
			again = delivery.AppendRecord(again, format, data)
		}
		if !bytes.Equal(again, body) {
			t.Errorf("%s %q came back as %q", format, body, again)
		}
	})
}

func FuzzTemplate(f *testing.F) {
	f.Add(delivery.DefaultTemplate)
	f.Add("{year}/{shardId}/{first}-{last}")
	f.Fuzz(func(t *testing.T, text string) {
		template, err := delivery.ParseTemplate(text)
		if err != nil {
			return
		}
		fields := delivery.KeyFields{Application: "a", Stream: "s", ShardID: "shardId-000000000000", First: delivery.Position{Sequence: "1"}, End: delivery.Position{Sequence: "12"}}
		one := template.Key(fields)
		fields.First.Sequence, fields.End.Sequence = "11", "2"
		if two := template.Key(fields); one == two || !delivery.IsData(one) {
			t.Errorf("%q gives %q and %q", text, one, two)
		}
	})
}
