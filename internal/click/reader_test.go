package click_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"clickstream/internal/click"
)

// read gives each click as "number resource data" and each bad line as "number bad".
func read(t *testing.T, in io.Reader, format click.Format) []string {
	t.Helper()
	var got []string
	reader := click.NewReader(in, format)
	for {
		line, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return got
		}
		if bad, ok := errors.AsType[*click.LineError](err); ok {
			got = append(got, fmt.Sprintf("%d bad", bad.Number))
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%d %s %q", line.Number, line.Resource, line.Data))
	}
}

func TestReader(t *testing.T) {
	const logLine = preamble + `"GET /a HTTP/1.1" 200 5 "-" "x"`
	const logClick = `/a "{\"resource\":\"/a\",\"referrer\":\"\"}"`
	for _, test := range []struct {
		name, in string
		format   click.Format
		want     []string
	}{
		{"empty", "", click.Detect, nil},
		{"white space only", "\n \r\n\t\n", click.Detect, nil},
		{"both line ends, and none at the end", "{\"resource\":\"a\"}\n {\"resource\":\"b\"} \r\n{\"resource\":\"c\"}", click.Detect, []string{
			`1 a "{\"resource\":\"a\"}"`, `2 b " {\"resource\":\"b\"} "`, `3 c "{\"resource\":\"c\"}"`,
		}},
		{"only one carriage return goes", "{\"resource\":\"a\"}\r\r\n", click.Detect, []string{`1 a "{\"resource\":\"a\"}\r"`}},
		{"empty lines count as lines", "\n{\"resource\":\"a\"}\n\n{}\n", click.Detect, []string{`2 a "{\"resource\":\"a\"}"`, "4 bad"}},
		{"byte order mark", "\xEF\xBB\xBF{\"resource\":\"a\"}\n", click.Detect, []string{`1 a "{\"resource\":\"a\"}"`}},
		{"access log", logLine + "\n" + logLine + "\r\nx\n", click.Detect, []string{"1 " + logClick, "2 " + logClick, "3 bad"}},
		{"garbage before", "garbage\n" + logLine + "\n{\"resource\":\"a\"}\n", click.Detect, []string{"1 bad", "2 " + logClick, "3 bad"}},
		{"a bad object decides", "{\n" + logLine + "\n{\"resource\":\"a\"}\n", click.Detect, []string{"1 bad", "2 bad", `3 a "{\"resource\":\"a\"}"`}},
		{"told", "{\"resource\":\"a\"}\n" + logLine, click.AccessLog, []string{"1 bad", "2 " + logClick}},
		{"told otherwise", logLine + "\n{\"resource\":\"a\"}", click.JSONLines, []string{"1 bad", `2 a "{\"resource\":\"a\"}"`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, read(t, strings.NewReader(test.in), test.format)); diff != "" {
				t.Errorf("at once (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.want, read(t, iotest.OneByteReader(strings.NewReader(test.in)), test.format)); diff != "" {
				t.Errorf("byte by byte (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReaderLongLines(t *testing.T) {
	object := func(n int) string { return `{"resource":"a","x":"` + strings.Repeat("x", n) + `"}` }
	long := object(1 << 20)
	in := long + "\n" + object(click.MaxLine) + "\n" + object(3) + "\n" + object(2*click.MaxLine)
	got := read(t, strings.NewReader(in), click.Detect)
	want := []string{fmt.Sprintf("1 a %q", long), "2 bad", fmt.Sprintf("3 a %q", object(3)), "4 bad"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error("the long lines are not read as they should")
	}
}

func TestReaderKeepsData(t *testing.T) {
	var in strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&in, "{\"resource\":\"r-%d\"}\n", i)
	}
	reader := click.NewReader(strings.NewReader(in.String()), click.Detect)
	var all []click.Line
	for {
		line, err := reader.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, line)
		_ = append(line.Data, "overwritten?"...)
	}
	for i, line := range all {
		if want := fmt.Sprintf("{\"resource\":\"r-%d\"}", i); string(line.Data) != want {
			t.Fatalf("line %d became %s", line.Number, line.Data)
		}
	}
}

func TestReaderError(t *testing.T) {
	broken := errors.New("broken")
	reader := click.NewReader(io.MultiReader(strings.NewReader("{\"resource\":\"a\"}\n"), iotest.ErrReader(broken)), click.Detect)
	if _, err := reader.Next(); err != nil {
		t.Fatal(err)
	}
	if _, err := reader.Next(); !errors.Is(err, broken) {
		t.Errorf("got %v, want the reader's error", err)
	}
}

func TestErrorsShowNoContent(t *testing.T) {
	const secret = "hunter2"
	for _, line := range []string{secret, `{"resource":"` + secret, `{"` + secret + `":1}`, preamble + `"GET ` + secret + `" 200 5 "-" "x"`, `{"a":` + secret + `}`} {
		for _, format := range []click.Format{click.JSONLines, click.AccessLog, click.Detect} {
			_, err := click.NewReader(strings.NewReader(line), format).Next()
			if err == nil || strings.Contains(err.Error(), secret) {
				t.Errorf("%s: the error is %v", line, err)
			}
		}
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte("{\"resource\":\"a\"}\r\n\n{}\n"))
	f.Add([]byte(preamble + `"GET /a HTTP/1.1" 200 5 "-" "x"` + "\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		reader := click.NewReader(iotest.HalfReader(strings.NewReader(string(in))), click.Detect)
		last := int64(0)
		for {
			line, err := reader.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			number := line.Number
			if bad, ok := errors.AsType[*click.LineError](err); ok {
				number = bad.Number
			} else if err != nil {
				t.Fatal(err)
			}
			if number <= last {
				t.Fatalf("line %d after line %d", number, last)
			}
			last = number
		}
		if lines := int64(strings.Count(string(in), "\n")) + 1; reader.Number() > lines {
			t.Errorf("%d lines read of %d", reader.Number(), lines)
		}
	})
}
