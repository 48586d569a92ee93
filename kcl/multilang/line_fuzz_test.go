package multilang_test

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"clickstream/kcl/multilang"
)

// FuzzLineReader compares the lines with those that splitting all of the input gives, however the input comes in.
func FuzzLineReader(f *testing.F) {
	for _, seed := range []string{"", "\n", "a", "a\n", "a\r\nb\n\nc", "\r\r\n", "{\"action\":\"leaseLost\"}\r\n", "long long long long long\nx\n"} {
		for _, limit := range []byte{0, 4, 200} {
			f.Add([]byte(seed), limit)
		}
	}
	f.Fuzz(func(t *testing.T, input []byte, limit byte) {
		for name, reader := range map[string]io.Reader{
			"at once": bytes.NewReader(input), "byte by byte": iotest.OneByteReader(bytes.NewReader(input)),
			"with the error": iotest.DataErrReader(bytes.NewReader(input)),
		} {
			most := int(limit)
			if limit == 0 {
				most = multilang.DefaultMaxLine
			}
			lines := multilang.NewLineReader(reader, int(limit))
			for rest := input; ; {
				want, after, ended := bytes.Cut(rest, []byte("\n"))
				want = bytes.TrimSuffix(want, []byte("\r"))
				got, err := lines.ReadLine()
				switch {
				case len(rest) == 0:
					if !errors.Is(err, io.EOF) {
						t.Fatalf("%s: %q, %v at the end", name, got, err)
					}
				case len(want) > most:
					if !errors.Is(err, multilang.ErrLineTooLong) {
						t.Fatalf("%s: %q, %v, want too long", name, got, err)
					}
				case err != nil || !bytes.Equal(got, want):
					t.Fatalf("%s: %q, %v, want %q", name, got, err, want)
				}
				if err != nil {
					break
				}
				if rest = after; !ended {
					rest = nil
				}
			}
		}
	})
}
