package click_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"clickstream/internal/click"
)

// TestServersLogs reads what nginx and Apache httpd really wrote; see testdata/derive.py for what is expected.
func TestServersLogs(t *testing.T) {
	for _, server := range []string{"nginx", "httpd"} {
		t.Run(server, func(t *testing.T) {
			log, err := os.ReadFile("testdata/" + server + ".log")
			if err != nil {
				t.Fatal(err)
			}
			want, err := os.ReadFile("testdata/" + server + ".expected")
			if err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			reader := click.NewReader(bytes.NewReader(log), click.Detect)
			for {
				line, err := reader.Next()
				if errors.Is(err, io.EOF) {
					break
				}
				if bad, ok := errors.AsType[*click.LineError](err); ok {
					fmt.Fprintf(&got, "bad %d\n", bad.Number)
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				fmt.Fprintf(&got, "%s\n", line.Data)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Errorf("clicks (-python +go):\n%s", diff)
			}
		})
	}
}

const preamble = `192.0.2.1 - - [22/Nov/2026:22:25:01 +0000] `

func TestParseAccessLog(t *testing.T) {
	for _, test := range []struct {
		name, line string
		want       click.Click
	}{
		{"plain", preamble + `"GET /a?b=c HTTP/1.1" 200 5 "http://x/" "agent"`, click.Click{Resource: "/a?b=c", Referrer: "http://x/"}},
		{"no referrer", preamble + `"GET / HTTP/2.0" 200 - "-" "-"`, click.Click{Resource: "/"}},
		{"empty fields", preamble + `"GET / HTTP/3" - - "" ""`, click.Click{Resource: "/"}},
		{"IPv6, user with spaces and brackets", `::1 - a [b] c [22/Nov/2026:22:25:01 -0930] "GET / HTTP/1.1" 200 5 "-" "x"`, click.Click{Resource: "/"}},
		{"more fields", preamble + `"GET / HTTP/1.1" 200 5 "r" "x" "198.51.100.7" 0.003`, click.Click{Resource: "/", Referrer: "r"}},
		{"nginx escapes", preamble + `"GET /\x22\x5C\xC3\xA9 HTTP/1.1" 200 5 "\x09\x7F" "x"`, click.Click{Resource: `/"\é`, Referrer: "\t\x7f"}},
		{"httpd escapes", preamble + `"GET /\"\\n\xc3\xa9 HTTP/1.1" 200 5 "\t\b\n\r\v" "\\"`, click.Click{Resource: `/"\né`, Referrer: "\t\b\n\r\v"}},
		{"no escapes after all", preamble + `"GET /\q\x2 HTTP/1.1" 200 5 "\xZZ\x4" "x"`, click.Click{Resource: `/\q\x2`, Referrer: `\xZZ\x4`}},
		{"raw bytes above 126", preamble + `"GET /é HTTP/1.1" 200 5 "日本" "x"`, click.Click{Resource: "/é", Referrer: "日本"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := click.ParseAccessLog([]byte(test.line))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("click (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseAccessLogRefuses(t *testing.T) {
	const rest = ` 200 5 "-" "x"`
	for _, test := range []struct {
		name, line string
		want       error
	}{
		{"nothing sent", preamble + `"-"` + rest, click.ErrRequestLine},
		{"empty request", preamble + `""` + rest, click.ErrRequestLine},
		{"TLS handshake", preamble + `"\x16\x03\x01\x00 / HTTP/1.1"` + rest, click.ErrRequestLine},
		{"HTTP/0.9", preamble + `"GET /old"` + rest, click.ErrRequestLine},
		{"space in the target", preamble + `"GET /a b HTTP/1.1"` + rest, click.ErrRequestLine},
		{"two spaces", preamble + `"GET  /a HTTP/1.1"` + rest, click.ErrRequestLine},
		{"no version number", preamble + `"GET /a HTTP/"` + rest, click.ErrRequestLine},
		{"other protocol", preamble + `"GET /a RTSP/1.0"` + rest, click.ErrRequestLine},
		{"common format", preamble + `"GET /a HTTP/1.1" 200 5`, click.ErrNoReferrer},
		{"no user agent", preamble + `"GET /a HTTP/1.1" 200 5 "-"`, click.ErrNoReferrer},
		{"cut in the user agent", preamble + `"GET /a HTTP/1.1" 200 5 "-" "Moz`, click.ErrCutShort},
		{"cut in the request", preamble + `"GET /a`, click.ErrCutShort},
		{"cut behind a backslash", preamble + `"GET /a\`, click.ErrCutShort},
		{"no time", `192.0.2.1 - - "GET /a HTTP/1.1"` + rest, click.ErrNotCombined},
		{"odd time", `192.0.2.1 - - [yesterday] "GET /a HTTP/1.1"` + rest, click.ErrNotCombined},
		{"no host", `[22/Nov/2026:22:25:01 +0000] "GET /a HTTP/1.1"` + rest, click.ErrNotCombined},
		{"joined fields", preamble + `"GET /a HTTP/1.1" 200 5 "-" "x"y`, click.ErrNotCombined},
		{"words", "something else", click.ErrNotCombined},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got, err := click.ParseAccessLog([]byte(test.line)); !errors.Is(err, test.want) {
				t.Errorf("%+v, %v; want the error %v", got, err, test.want)
			}
		})
	}
	if _, err := click.ParseAccessLog([]byte(preamble + `"GET /a HTTP/1.1" two 5 "-" "x"`)); err == nil {
		t.Error("a status of letters is taken")
	}
}

func FuzzParseAccessLog(f *testing.F) {
	for _, server := range []string{"nginx", "httpd"} {
		log, err := os.ReadFile("testdata/" + server + ".log")
		if err != nil {
			f.Fatal(err)
		}
		for line := range bytes.Lines(log) {
			f.Add(bytes.TrimSuffix(line, []byte("\n")))
		}
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		got, err := click.ParseAccessLog(line)
		if err != nil {
			if got != (click.Click{}) {
				t.Errorf("an error and a click: %+v", got)
			}
			return
		}
		if got.Resource == "" || strings.Contains(got.Resource, " ") || !utf8.ValidString(got.Resource) || !utf8.ValidString(got.Referrer) {
			t.Errorf("%q gives %+q", line, got)
		}
		// What a server writes for this click gives this click again.
		again, err := click.ParseAccessLog([]byte(fmt.Sprintf(preamble+`"GET %s HTTP/1.1" 200 5 "%s" "x"`, escaped(got.Resource), escaped(got.Referrer))))
		if err != nil || (again != got && got.Referrer != "-") {
			t.Errorf("%+q comes back as %+q, %v", got, again, err)
		}
	})
}

// escaped escapes as nginx does.
func escaped(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			fmt.Fprintf(&b, `\x%02X`, c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

func BenchmarkParseAccessLog(b *testing.B) {
	line := []byte(preamble + `"GET /presentations/logstash-monitorama-2013/images/kibana-search.png HTTP/1.1" 200 203023 "http://semicomplete.com/presentations/logstash-monitorama-2013/" "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/32.0.1700.77 Safari/537.36"`)
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := click.ParseAccessLog(line); err != nil {
			b.Fatal(err)
		}
	}
}
