package multilang_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"clickstream/kcl/multilang"
)

func readLines(r *multilang.LineReader) (lines []string, err error) {
	for {
		line, err := r.ReadLine()
		if err != nil {
			return lines, err
		}
		lines = append(lines, string(line))
	}
}

func TestLineReader(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("0123456789", 100_000)
	tests := []struct {
		name, input string
		want        []string
	}{
		{"nothing", "", nil},
		{"one", "one\n", []string{"one"}},
		{"last without a line end", "one\ntwo", []string{"one", "two"}},
		{"CRLF", "one\r\n\r\ntwo\r", []string{"one", "", "two"}},
		{"empty lines", "\n\none\n", []string{"", "", "one"}},
		{"long between short", "a\n" + long + "\nb\n" + long, []string{"a", long, "b", long}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			readers := map[string]io.Reader{
				"whole":  strings.NewReader(test.input),
				"halves": iotest.HalfReader(strings.NewReader(test.input)),
				"with error": iotest.DataErrReader(
					strings.NewReader(test.input),
				),
			}
			for name, r := range readers {
				got, err := readLines(multilang.NewLineReader(r, 0))
				if err != io.EOF { //nolint:errorlint // io.EOF itself is promised
					t.Errorf("%s: error %v, want io.EOF", name, err)
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("%s: %s", name, diff)
				}
			}
		})
	}
}

func TestLineReaderLimit(t *testing.T) {
	t.Parallel()
	const limit = 200_000
	fits := strings.Repeat("x", limit)
	for _, end := range []string{"\n", "\r\n", ""} {
		r := multilang.NewLineReader(strings.NewReader("first\n"+fits+end), limit)
		if got, err := readLines(r); len(got) != 2 || len(got[1]) != limit || err != io.EOF { //nolint:errorlint // io.EOF itself
			t.Errorf("line end %q: %d lines, error %v", end, len(got), err)
		}
		r = multilang.NewLineReader(strings.NewReader("first\n"+fits+"x"+end+"more\n"), limit)
		got, err := readLines(r)
		if len(got) != 1 || !errors.Is(err, multilang.ErrLineTooLong) {
			t.Errorf("line end %q: %d lines, error %v", end, len(got), err)
		}
		if _, err := r.ReadLine(); !errors.Is(err, multilang.ErrLineTooLong) {
			t.Errorf("line end %q: the next call says %v", end, err)
		}
	}
}

func TestLineReaderError(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	r := multilang.NewLineReader(io.MultiReader(strings.NewReader("one\ncut"), iotest.ErrReader(broken)), 0)
	got, err := readLines(r)
	if diff := cmp.Diff([]string{"one"}, got); diff != "" || !errors.Is(err, broken) {
		t.Errorf("error %v, lines %s", err, diff)
	}
}

// silent is a reader that never says anything.
type silent struct{}

func (silent) Read([]byte) (int, error) { return 0, nil }

func TestLineReaderGivesUpOnSilence(t *testing.T) {
	t.Parallel()
	if _, err := multilang.NewLineReader(silent{}, 0).ReadLine(); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("error %v, want %v", err, io.ErrNoProgress)
	}
}
