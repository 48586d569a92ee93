package consume

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"clickstream/kcl"
	"clickstream/kcl/multilang"
	"clickstream/properties"
)

// exposition is a parsed page of Prometheus' text format.
type exposition struct {
	types   map[string]string
	samples map[string]float64 // by name
	labels  map[string]string
}

// parseExposition reads the text format 0.0.4 as its specification has it, and refuses everything that this program need not write.
func parseExposition(text []byte) (*exposition, error) {
	e := &exposition{types: map[string]string{}, samples: map[string]float64{}}
	helped := map[string]bool{}
	sample := regexp.MustCompile(`^([a-zA-Z_:][a-zA-Z0-9_:]*)\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\]|\\["\\n])*",?)*)\} (\S+)$`)
	pair := regexp.MustCompile(`([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\["\\n])*)"`)
	if !bytes.HasSuffix(text, []byte("\n")) {
		return nil, errors.New("the last line has no line feed")
	}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		line := lines.Text()
		if name, ok := strings.CutPrefix(line, "# HELP "); ok {
			name, help, _ := strings.Cut(name, " ")
			if helped[name] || help == "" {
				return nil, fmt.Errorf("help for %s twice, or empty", name)
			}
			helped[name] = true
			continue
		}
		if name, ok := strings.CutPrefix(line, "# TYPE "); ok {
			name, kind, _ := strings.Cut(name, " ")
			if e.types[name] != "" || kind != "counter" && kind != "gauge" || strings.HasSuffix(name, "_total") != (kind == "counter") {
				return nil, fmt.Errorf("type %s of %s", kind, name)
			}
			e.types[name] = kind
			continue
		}
		parts := sample.FindStringSubmatch(line)
		if parts == nil || e.types[parts[1]] == "" || !helped[parts[1]] {
			return nil, fmt.Errorf("not a sample: %q", line)
		}
		value, err := strconv.ParseFloat(parts[3], 64)
		if _, twice := e.samples[parts[1]]; err != nil || twice {
			return nil, fmt.Errorf("sample %q: %w, twice: %v", line, err, twice)
		}
		e.samples[parts[1]] = value
		labels := map[string]string{}
		for _, p := range pair.FindAllStringSubmatch(parts[2], -1) {
			labels[p[1]] = strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\n`, "\n").Replace(p[2])
		}
		if e.labels != nil && !cmp.Equal(e.labels, labels) {
			return nil, fmt.Errorf("labels %v and %v", e.labels, labels)
		}
		e.labels = labels
	}
	return e, lines.Err()
}

// scraped is what a page says, without the prefix of the names.
func scraped(t *testing.T, text []byte) map[string]float64 {
	t.Helper()
	e, err := parseExposition(text)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	values := map[string]float64{}
	for name, value := range e.samples {
		values[strings.TrimPrefix(name, "clickstream_")] = value
	}
	return values
}

func TestMetricsOfABatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, "a0", "a\n", "a2")
		f.rules.maxSize = 100
		f.metrics = newMetrics(&f.rules, testShard)
		page := func() map[string]float64 { return scraped(t, f.metrics.text(time.Now())) }
		w := f.start()
		if _, known := page()["behind_latest_seconds"]; known {
			t.Error("the lag is known before the daemon has said it")
		}
		f.must(errOf(w.Deliver(2)))
		arrival := f.shard.Records()[0].ApproximateArrivalTimestamp
		time.Sleep(1500 * time.Millisecond)
		got := page()
		if got["oldest_unstored_record_age_seconds"] != float64(time.Now().UnixMilli()-arrival.UnixMilli())/1000 {
			t.Errorf("age %v of a record of %s", got["oldest_unstored_record_age_seconds"], arrival)
		}
		delete(got, "oldest_unstored_record_age_seconds")
		delete(got, "behind_latest_seconds")
		want := map[string]float64{
			"received_records_total": 2, "stored_records_total": 0, "stored_bytes_total": 0, "rejected_records_total": 0, "objects_total": 0,
			"object_bytes_total": 0, "checkpoints_total": 0, "retries_total": 0, "unstored_records": 2, "unstored_bytes": 4,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		f.shard.Throttle(20) // more than kcl itself tries again
		f.must(w.DeliverAll(0))
		f.must(w.RequestShutdown())
		f.must(w.Close())
		got = page()
		if got["retries_total"] < 1 {
			t.Error("no retries were counted")
		}
		delete(got, "retries_total")
		delete(got, "behind_latest_seconds")
		want = map[string]float64{
			"received_records_total": 3, "stored_records_total": 2, "stored_bytes_total": 4, "rejected_records_total": 1, "objects_total": 1,
			"object_bytes_total": 6, "checkpoints_total": 1, "unstored_records": 0, "unstored_bytes": 0, "oldest_unstored_record_age_seconds": 0,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestLabelsAreQuoted(t *testing.T) {
	m := newMetrics(&rules{application: `a"b\c`, stream: "s\nt"}, testShard)
	lag := int64(2500)
	m.delivered(1, &lag)
	e, err := parseExposition(m.text(time.Now()))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"application": `a"b\c`, "stream": "s\nt", "shard": testShard}, e.labels); diff != "" {
		t.Error(diff)
	}
	if got := e.samples["clickstream_behind_latest_seconds"]; got != 2.5 {
		t.Errorf("lag %v s, want 2.5", got)
	}
}

// get scrapes a place.
func get(t *testing.T, network, address string) ([]byte, error) {
	t.Helper()
	transport := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, address)
	}}
	client := &http.Client{Transport: transport, Timeout: 10 * time.Second}
	response, err := client.Get("http://metrics/metrics")
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	if kind := response.Header.Get("Content-Type"); response.StatusCode != http.StatusOK || kind != "text/plain; version=0.0.4; charset=utf-8" {
		t.Errorf("status %d, type %s", response.StatusCode, kind)
	}
	return io.ReadAll(response.Body)
}

func places(t *testing.T, address string) []properties.MetricsListener {
	t.Helper()
	return (&properties.Config{MetricsAddress: address}).MetricsListeners(testShard)
}

func TestScrape(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Chdir(t.TempDir()) // the path of a socket is limited
	m := newMetrics(&rules{}, testShard)
	socket := filepath.Join("logs", "metrics-"+testShard+".sock")
	left, err := serveMetrics(t.Context(), m, places(t, "logs"))
	if err != nil {
		t.Skipf("no unix sockets here: %v", err)
	}
	// The shard's next process takes the socket over, and keeps it when the first one ends.
	next, err := serveMetrics(t.Context(), m, places(t, "logs"))
	if err != nil {
		t.Fatal(err)
	}
	left.close()
	text, err := get(t, "unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	scraped(t, text)
	next.close()
	if _, err := os.Lstat(socket); err == nil {
		t.Error("the socket is left behind")
	}
	tcp, err := serveMetrics(t.Context(), m, places(t, "127.0.0.1:0"))
	if err != nil {
		t.Fatal(err)
	}
	if text, err = get(t, "tcp", tcp.where); err != nil {
		t.Fatal(err)
	}
	scraped(t, text)
	// A second shard's process takes the port behind, unless somebody else has that.
	beside, err := serveMetrics(t.Context(), m, places(t, tcp.where))
	if err != nil || beside.where == tcp.where {
		t.Errorf("served at %v: %v", beside, err)
	}
	beside.close()
	tcp.close()
	(*scrape)(nil).close()
	if err := os.WriteFile("file", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := serveMetrics(t.Context(), m, places(t, "file")); err == nil || !strings.Contains(err.Error(), "no metrics") {
		t.Errorf("a file was taken for a folder: %v", err)
	}
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	for deadline := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before && time.Now().Before(deadline); {
		runtime.Gosched()
	}
	if n := runtime.NumGoroutine(); n > before {
		t.Errorf("%d goroutines, %d before", n, before)
	}
}

// TestRunServesMetrics asks a whole run, while it serves, for its page.
func TestRunServesMetrics(t *testing.T) {
	_, settings, _ := serve(t, map[string]string{"metricsAddress": "m", "maxBufferSize": "4"})
	in, daemon := io.Pipe()
	answers, out := io.Pipe()
	log, _ := testLog()
	ended := make(chan error, 1)
	go func() {
		ended <- Run(t.Context(), Config{Settings: settings, In: in, Out: out, Log: log, LogLevel: "debug"})
	}()
	lines := multilang.NewLineReader(answers, 0)
	say := func(m *multilang.DaemonMessage) {
		t.Helper()
		for next := m; ; {
			if _, err := daemon.Write(next.AppendLine(nil)); err != nil {
				t.Fatal(err)
			}
			line, err := lines.ReadLine()
			if err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			if !bytes.Contains(line, []byte(multilang.ActionCheckpoint)) {
				return
			}
			next = &multilang.DaemonMessage{Action: multilang.ActionCheckpoint}
		}
	}
	start := kcl.TrimHorizon
	say(&multilang.DaemonMessage{Action: multilang.ActionInitialize, ShardID: testShard, SequenceNumber: &start})
	lag := int64(1234)
	say(&multilang.DaemonMessage{Action: multilang.ActionProcessRecords, MillisBehindLatest: &lag, Records: []kcl.Record{
		{Data: []byte("four"), SequenceNumber: "1"},
		{Data: []byte("1"), SequenceNumber: "2"},
	}})
	say(&multilang.DaemonMessage{Action: multilang.ActionProcessRecords}) // waits for the batch: it does not say that more is about to come
	text, err := get(t, "unix", filepath.Join("m", "metrics-"+testShard+".sock"))
	if err != nil {
		t.Fatal(err)
	}
	got := scraped(t, text)
	for name, want := range map[string]float64{
		"received_records_total": 2, "stored_records_total": 1, "object_bytes_total": 5, "unstored_records": 1, "behind_latest_seconds": 1.234,
	} {
		if got[name] != want {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
	_ = daemon.Close()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if entries, err := os.ReadDir("m"); err != nil || len(entries) > 0 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}
