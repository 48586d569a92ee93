package produce_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/google/go-cmp/cmp"

	"clickstream/internal/exit"
	"clickstream/internal/inmemory"
	"clickstream/produce"
)

// site is produce listening in virtual time.
type site struct {
	t      *testing.T
	client *http.Client
	dial   func(ctx context.Context, network, address string) (net.Conn, error)
	stop   func() // interrupts the run
}

// listening runs a test against produce --listen.
func listening(t *testing.T, f *fake, change func(*produce.Config), test func(s *site)) (out string, summary produce.Summary) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "summary.json")
	var stdout, stderr bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		at := inmemory.Listen()
		cfg := produce.Config{
			Kinesis: f, Stream: "clicks", Shards: 2, DescribeWait: time.Second, Batch: 500, InFlight: 2, Listen: at, InputName: "HTTP",
			Out: &stdout, Err: &stderr, Summary: path,
		}
		if change != nil {
			change(&cfg)
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- produce.Run(ctx, cfg) }()
		transport := &http.Transport{DialContext: at.Dial}
		stop := func() { cancel(&exit.Signal{Signal: os.Interrupt}) }
		test(&site{t, &http.Client{Transport: transport}, at.Dial, stop})
		transport.CloseIdleConnections()
		stop()
		if err := <-ended; exit.Code(err) != 130 {
			t.Errorf("the run ended with %v", err)
		}
	})
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &summary); err != nil {
		t.Fatal(err)
	}
	return stdout.String() + stderr.String(), summary
}

// do makes a request and returns the answer.
func (s *site) do(method, path, kind, body string) (status int, text string, header http.Header) {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), method, "http://site"+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if kind != "" {
		request.Header.Set("Content-Type", kind)
	}
	response, err := s.client.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return response.StatusCode, strings.TrimSpace(string(answer)), response.Header
}

func TestListen(t *testing.T) {
	f := active(2)
	out, summary := listening(t, f, nil, func(s *site) {
		for _, test := range []struct {
			method, path, kind, body string
			status                   int
			answer                   string
		}{
			{"POST", "/", "text/plain;charset=UTF-8", `{"resource":"/a"}`, 200, `{"stored":1}`},
			{"POST", "/", "application/json", "[{\"resource\":\"/b\"},\n{\"resource\":\n\"/c\"}]", 200, `{"stored":2}`},
			{"POST", "/", "", `{"resource":""}`, 200, `{"stored":1}`},
			{"POST", "/", "", `[{"resource":"/d"},{"referrer":"x"}]`, 400, `click 2: the object has no member \"resource\"`},
			{"POST", "/", "", ``, 400, "neither a JSON object"},
			{"POST", "/", "image/png", `{"resource":"/a"}`, 415, "application/json or text/plain"},
			{"POST", "/", "", `{"resource":"` + strings.Repeat("x", 1<<20) + `"}`, 413, "more than 1048576 bytes"},
			{"POST", "/", "", `{"resource":"k","x":"` + strings.Repeat("x", 1<<20-23) + `"}`, 422, `{"stored":0,"error":"not stored: the record has 1048577 bytes with its partition key`},
			{
				"POST", "/", "", `[{"resource":"e"},{"resource":"` + strings.Repeat("k", 200) + `","x":"` + strings.Repeat("x", 1<<20-300) + `"}]`,
				422, `{"stored":1,"error":"click 2 is not stored: the record has`,
			},
			{"GET", "/", "", "", 405, ""},
			{"OPTIONS", "/", "", "", 405, ""},
			{"POST", "/other", "", "{}", 404, ""},
			{"GET", "/health", "", "", 200, `{"status":"ok"}`},
		} {
			status, text, header := s.do(test.method, test.path, test.kind, test.body)
			if status != test.status || !strings.Contains(text, test.answer) || header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s %s %.60s: %d %s", test.method, test.path, test.body, status, text)
			}
		}
	})
	want := []stored{
		{"/a", "", `{"resource":"/a"}`},
		{"/b", "", `{"resource":"/b"}`},
		{"/c", "", `{"resource":"/c"}`}, // in one line, for the lines of objects
		{hashed(""), "", `{"resource":""}`},
		{"e", "", `{"resource":"e"}`},
	}
	if diff := cmp.Diff(want, sentRecords(f)); diff != "" || summary.Stored != 5 || summary.Sent != 5 {
		t.Errorf("summary %+v, records (-want +got):\n%s", summary, diff)
	}
	if !strings.Contains(out, "Listening for clicks on http://memory\n") || !strings.Contains(out, "\n2 clicks refused\n") || summary.RefusedLines != 2 {
		t.Errorf("summary %+v, printed:\n%s", summary, out)
	}
}

func TestListenForAnotherOrigin(t *testing.T) {
	listening(t, active(1), func(c *produce.Config) { c.Origin = "https://shop.example" }, func(s *site) {
		status, _, header := s.do("OPTIONS", "/", "", "")
		if status != 204 || header.Get("Access-Control-Allow-Origin") != "https://shop.example" || header.Get("Access-Control-Allow-Headers") != "Content-Type" {
			t.Errorf("%d, %v", status, header)
		}
		if _, _, header := s.do("POST", "/", "", `{"resource":"a"}`); header.Get("Access-Control-Allow-Origin") != "https://shop.example" {
			t.Errorf("%v", header)
		}
	})
}

// TestListenDoesNotWaitForSlowClients: a request that has begun to come in holds the end up no longer than those that are complete.
func TestListenDoesNotWaitForSlowClients(t *testing.T) {
	listening(t, active(1), nil, func(s *site) {
		slow, err := s.dial(s.t.Context(), "", "")
		if err != nil {
			s.t.Fatal(err)
		}
		defer func() { _ = slow.Close() }()
		if _, err := io.WriteString(slow, "POST / HTTP/1.1\r\nHost: site\r\nContent-Length: 100\r\n\r\n{"); err != nil {
			s.t.Fatal(err)
		}
		s.stop()
		if answer, err := io.ReadAll(slow); err != nil || len(answer) > 0 {
			s.t.Errorf("it had its whole time: %q, %v", answer, err)
		}
	})
}

// TestListenBoundsLargeRequests: small ones go on.
func TestListenBoundsLargeRequests(t *testing.T) {
	f := active(1)
	f.refuse = func(_, _ int, r types.PutRecordsRequestEntry) string {
		if strings.Contains(string(r.Data), "never") {
			return "ProvisionedThroughputExceededException"
		}
		return ""
	}
	listening(t, f, nil, func(s *site) {
		large := `{"resource":"never","x":"` + strings.Repeat("x", 32<<10) + `"}`
		const most = 64
		answers := make(chan int, most)
		for range most {
			go func() {
				status, _, _ := s.do("POST", "/", "", large)
				answers <- status
			}()
		}
		synctest.Wait()
		if status, text, _ := s.do("POST", "/", "", large); status != 503 || !strings.Contains(text, "large requests") {
			s.t.Errorf("one too many: %d %s", status, text)
		}
		if status, text, _ := s.do("POST", "/", "", `{"resource":"small"}`); status != 200 {
			s.t.Errorf("a small one: %d %s", status, text)
		}
		for range most {
			if status := <-answers; status != 504 {
				s.t.Errorf("a large one: %d", status)
			}
		}
	})
}

// TestListenAnswersWhenStored: not before the stream has the clicks, and not at all as if it had.
func TestListenAnswersWhenStored(t *testing.T) {
	f := active(1)
	begin := time.Time{}
	f.refuse = func(_, _ int, r types.PutRecordsRequestEntry) string {
		if begin.IsZero() {
			begin = time.Now()
		}
		if time.Since(begin) < 10*time.Second || strings.Contains(string(r.Data), "never") {
			return "ProvisionedThroughputExceededException"
		}
		return ""
	}
	spill := filepath.Join(t.TempDir(), "spill.jsonl")
	out, summary := listening(t, f, func(c *produce.Config) { c.Spill = spill }, func(s *site) {
		if status, text, _ := s.do("POST", "/", "", `{"resource":"late"}`); status != 200 || time.Since(begin) < 10*time.Second {
			t.Errorf("after %v: %d %s", time.Since(begin), status, text)
		}
		if status, text, _ := s.do("POST", "/", "", `[{"resource":"never"},{"resource":"now"}]`); status != 504 || text != `{"stored":1,"error":"not stored yet"}` {
			t.Errorf("%d %s", status, text)
		}
		answered := make(chan string)
		go func() {
			status, text, _ := s.do("POST", "/", "", `{"resource":"never again"}`)
			answered <- fmt.Sprint(status, text)
		}()
		time.Sleep(time.Second)
		s.stop()
		select {
		case got := <-answered:
			t.Errorf("answered %s though it is not stored", got)
		case <-time.After(4 * time.Second):
		}
		if got := <-answered; !strings.HasPrefix(got, "503") {
			t.Errorf("when it was given up: %s", got)
		}
	})
	text, err := os.ReadFile(spill)
	if err != nil || strings.Count(string(text), "never") != 2 || strings.Count(string(text), "\n") != 2 {
		t.Errorf("spilled %q, %v", text, err)
	}
	if summary.Stored != 2 || summary.NotDelivered != 2 || !strings.Contains(out, "2 records not stored; all of them are in "+spill) {
		t.Errorf("summary %+v, printed:\n%s", summary, out)
	}
}
