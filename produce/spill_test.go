package produce_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/google/go-cmp/cmp"

	"clickstream/internal/exit"
	"clickstream/kcl/deaggregate"
	"clickstream/kcl/multilang"
	"clickstream/produce"
)

// TestSpilledRecordsAreTakenBack: what is not delivered when a signal comes, and only that, is in the file, in the order of the input. It and the input
// from the line that is named are all that is left to send.
func TestSpilledRecordsAreTakenBack(t *testing.T) {
	for _, aggregate := range []bool{false, true} {
		var in strings.Builder
		for i := range 3000 {
			fmt.Fprintf(&in, "{\"resource\":\"r-%d\"}\n", i)
		}
		spill := filepath.Join(t.TempDir(), "spill.jsonl")
		f := active(2)
		f.refuse = func(call, index int, _ types.PutRecordsRequestEntry) string {
			if call > 0 || index%2 == 1 {
				return "ProvisionedThroughputExceededException"
			}
			return ""
		}
		got := run(t, f, func(cfg *produce.Config, stop context.CancelCauseFunc) {
			cfg.Input, cfg.Records, cfg.TPS, cfg.Batch, cfg.Spill, cfg.Aggregate = strings.NewReader(in.String()), 0, 0, 500, spill, aggregate
			time.AfterFunc(time.Minute, func() { stop(&exit.Signal{Signal: os.Interrupt}) })
		})
		got.wantError(t, 130, "interrupt")
		s := got.summary
		if s.NotDelivered == 0 || s.Failed != 0 || s.Stored == 0 || s.Throttled == 0 {
			t.Errorf("summary %+v", s)
		}
		if want := fmt.Sprintf("%d records not stored; the first is line ", s.NotDelivered); !strings.Contains(got.log, want) {
			t.Errorf("%q is not printed: %s", want, got.log)
		}
		if want := fmt.Sprintf("the input was read up to line %d; the lines from line %d on are not sent\n", s.Sent, s.Sent+1); strings.Contains(got.log, want) != (s.Sent < 3000) {
			t.Errorf("%q is printed, or not: %s", want, got.log)
		}
		text, err := os.ReadFile(spill)
		if err != nil || strings.Count(string(text), "\n") != int(s.NotDelivered) {
			t.Fatalf("%d lines, summary %+v, %v", strings.Count(string(text), "\n"), s, err)
		}
		lines := strings.SplitAfter(in.String(), "\n")
		at := -1
		for line := range strings.Lines(string(text)) {
			next := slices.Index(lines, line)
			if next <= at {
				t.Fatalf("line %d of the input stands after line %d", next+1, at+1)
			}
			at = next
		}
		f.refuse = nil
		for _, left := range []string{string(text), strings.Join(lines[s.Sent:], "")} {
			got := send(t, f, left, func(cfg *produce.Config) { cfg.Batch = 500 })
			if got.must(t); strings.Contains(got.log, "was read up to") {
				t.Errorf("all of the input was read: %s", got.log)
			}
		}

		seen, want := map[string]int{}, map[string]int{}
		for _, r := range unpacked(f) {
			seen[r.PartitionKey]++
		}
		for i := range 3000 {
			want[fmt.Sprintf("r-%d", i)] = 1
		}
		if diff := cmp.Diff(want, seen); diff != "" {
			t.Errorf("records (-want +got):\n%s", diff)
		}
	}
}

// TestASecondSignalEndsTheSending at once, and keeps what is not delivered.
func TestASecondSignalEndsTheSending(t *testing.T) {
	for _, again := range []bool{false, true} {
		spill := filepath.Join(t.TempDir(), "spill.jsonl")
		f := active(1)
		f.refuse = func(int, int, types.PutRecordsRequestEntry) string { return "ProvisionedThroughputExceededException" }
		var took time.Duration
		got := run(t, f, func(cfg *produce.Config, stop context.CancelCauseFunc) {
			cfg.Records, cfg.Spill = 0, spill
			signal, start := &exit.Signal{Signal: os.Interrupt}, time.Now()
			time.AfterFunc(time.Minute, func() { stop(signal) })
			time.AfterFunc(time.Minute+time.Second, func() {
				if again && (!signal.Again() || signal.Again()) {
					t.Error("the second signal ends the process, or the third does not")
				}
			})
			f.afterStore = func(int) { took = time.Since(start) }
		})
		got.wantError(t, 130, "interrupt")
		if late := took > time.Minute+time.Second; late == again {
			t.Errorf("second signal: %v; the last request was made after %v", again, took)
		}
		text, err := os.ReadFile(spill)
		if n := strings.Count(string(text), "\n"); err != nil || n == 0 || n != int(got.summary.NotDelivered) {
			t.Errorf("%d lines, summary %+v, %v", n, got.summary, err)
		}
	}
}

// unpacked returns the stream's records, aggregates taken apart.
func unpacked(f *fake) []multilang.Record {
	var records []multilang.Record
	for _, r := range f.all() {
		records = append(records, multilang.Record{PartitionKey: r.Key, Data: []byte(r.Data)})
	}
	records, _ = deaggregate.Records(records, deaggregate.AllHashKeys())
	return records
}

func TestSpillNeverOverwrites(t *testing.T) {
	spill := filepath.Join(t.TempDir(), "spill.jsonl")
	if err := os.WriteFile(spill, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := active(1)
	f.refuse = func(int, int, types.PutRecordsRequestEntry) string { return "InternalFailure" }
	got := run(t, f, func(cfg *produce.Config, _ context.CancelCauseFunc) { cfg.Spill = spill })
	got.wantError(t, exit.Usage, "is already there")
	if text, err := os.ReadFile(spill); err != nil || string(text) != "precious" || len(f.calls) > 0 {
		t.Errorf("%q, %v, %d calls", text, err, len(f.calls))
	}
	spill += ".2"
	if run(t, active(1), func(cfg *produce.Config, _ context.CancelCauseFunc) { cfg.Spill = spill }).must(t); exists(spill) {
		t.Error("a file though everything was delivered")
	}
}

// TestUnusableFiles are told of before the first click, and none is left behind.
func TestUnusableFiles(t *testing.T) {
	for _, test := range []struct{ spill, summary, text string }{
		{"gone/spill", "", "the file gone/spill for records that are not stored cannot be written: no such file or directory; give --spill a file"},
		{strings.Repeat("x", 300), "", "file name too long; give --spill"},
		{"", "gone/summary", "the file gone/summary for the summary cannot be written: no such file or directory; give --summary a file"},
		{"", ".", "for the summary cannot be written: it is a folder"},
		{".", "", "is already there"},
		{"one", "one", "--spill and --summary both name one"},
	} {
		t.Chdir(t.TempDir())
		f := active(1)
		got := run(t, f, func(cfg *produce.Config, _ context.CancelCauseFunc) {
			cfg.Spill, cfg.Summary = test.spill, test.summary
		})
		got.wantError(t, exit.Usage, test.text)
		if left, err := os.ReadDir("."); len(left) > 0 || err != nil || len(f.calls)+len(f.other) > 0 {
			t.Errorf("%+v: left behind: %v, %v; calls %v", test, left, err, f.other)
		}
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func TestTimeToLive(t *testing.T) {
	f := active(1)
	f.refuse = func(_, index int, _ types.PutRecordsRequestEntry) string {
		if index == 0 {
			return "ProvisionedThroughputExceededException"
		}
		return ""
	}
	got := run(t, f, func(cfg *produce.Config, _ context.CancelCauseFunc) { cfg.TimeToLive, cfg.InFlight = time.Second, 2 })
	got.wantError(t, 1, "not stored in time")
	if s := got.summary; s.Expired == 0 || s.Sent != s.Stored+s.Expired || !strings.Contains(got.out, "expired") {
		t.Errorf("summary %+v, printed:\n%s", s, got.out)
	} else if want := fmt.Sprintf("%d records not stored\n", s.Expired); !strings.HasSuffix(got.log, want) {
		t.Errorf("the error output ends not with %q: %s", want, got.log)
	}
}

// TestAggregation: random clicks, many in a Kinesis record, still dealt out evenly.
func TestAggregation(t *testing.T) {
	f := active(3)
	got := run(t, f, func(cfg *produce.Config, _ context.CancelCauseFunc) {
		cfg.Aggregate, cfg.Records, cfg.TPS = true, 30_000, 0
	})
	got.must(t)
	records := unpacked(f)
	if len(records) != 30_000 || got.summary.KinesisRecords != int64(len(f.all())) || len(f.all()) > 100 {
		t.Errorf("%d records in %d, summary %+v", len(records), len(f.all()), got.summary)
	}
	for shard, n := range got.summary.Shards {
		if n != 10_000 {
			t.Errorf("%s has %d records", shard, n)
		}
	}
}
