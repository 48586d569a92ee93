package produce_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"clickstream/internal/click"
	"clickstream/internal/exit"
	"clickstream/produce"
)

func TestCreatesTheStreamAndWaits(t *testing.T) {
	f := &fake{creating: 12 * time.Second}
	got := run(t, f, func(cfg *produce.Config, _ context.CancelCauseFunc) { cfg.Shards = 3 })
	got.must(t)
	if len(f.shards) != 3 || got.summary.Stored != 20 {
		t.Errorf("%d shards, %d stored", len(f.shards), got.summary.Stored)
	}
	want := []string{"DescribeStreamSummary", "CreateStream", "DescribeStreamSummary", "DescribeStreamSummary", "DescribeStreamSummary", "DescribeStreamSummary", "ListShards", "ListShards"}
	if diff := cmp.Diff(want, f.other); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	for _, text := range []string{"Created stream clicks with 3 shards\n", "Stream clicks is CREATING, waiting ..\n", "Stream clicks is ACTIVE\n"} {
		if !strings.Contains(got.out, text) {
			t.Errorf("%q is not printed:\n%s", text, got.out)
		}
	}
}

func TestStreamStates(t *testing.T) {
	throttled := &types.LimitExceededException{}
	denied := &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "no"}
	for _, test := range []struct {
		name      string
		status    types.StreamStatus
		failOther func(operation string, n int) error
		code      int
		text      string
	}{
		{"updating takes records", types.StreamStatusUpdating, nil, 0, ""},
		{"somebody else creates it", types.StreamStatusActive, func(operation string, n int) error {
			if operation == "DescribeStreamSummary" && n == 1 {
				return &types.ResourceNotFoundException{}
			}
			return nil
		}, 0, ""},
		{"trouble on the way passes", types.StreamStatusCreating, func(operation string, n int) error {
			if operation == "DescribeStreamSummary" && n%2 == 0 {
				return errReset
			}
			return nil
		}, 0, ""},
		{"nobody there", types.StreamStatusActive, func(string, int) error { return errReset }, 1, "look at stream clicks: "},
		{"denied", types.StreamStatusActive, func(string, int) error { return denied }, 2, "look at stream clicks: access denied"},
		{"not to be created", "", func(operation string, _ int) error {
			if operation == "CreateStream" {
				return throttled
			}
			return nil
		}, 1, "create stream clicks: "},
		{"shards not to be listed", types.StreamStatusActive, func(operation string, _ int) error {
			if operation == "ListShards" {
				return denied
			}
			return nil
		}, 2, "list the shards of stream clicks: access denied"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := active(2)
			f.status, f.failOther = test.status, test.failOther
			got := run(t, f, asIs)
			if test.code == 0 {
				got.must(t)
				if n := len(f.all()); n != 20 {
					t.Errorf("%d records, want 20", n)
				}
				return
			}
			got.wantError(t, test.code, test.text)
		})
	}
}

func TestADeletedStreamIsCreatedAgain(t *testing.T) {
	f := active(2)
	f.status = types.StreamStatusDeleting
	f.failOther = func(operation string, n int) error {
		if operation == "DescribeStreamSummary" && n == 3 {
			f.status = ""
		}
		return nil
	}
	got := run(t, f, asIs)
	got.must(t)
	if !strings.Contains(got.out, "is DELETING, waiting") || len(f.all()) != 20 {
		t.Errorf("%d records, printed:\n%s", len(f.all()), got.out)
	}
}

func TestStopsWhileTheStreamIsCreated(t *testing.T) {
	f := &fake{creating: time.Hour}
	got := run(t, f, func(_ *produce.Config, stop context.CancelCauseFunc) {
		time.AfterFunc(time.Minute, func() { stop(&exit.Signal{Signal: syscall.SIGTERM}) })
	})
	got.wantError(t, 143, "stopped by")
}

func TestEveryShardGetsTheSame(t *testing.T) {
	for shards := 1; shards <= 7; shards++ {
		t.Run(fmt.Sprint(shards), func(t *testing.T) {
			f := active(shards)
			got := run(t, f, func(cfg *produce.Config, _ context.CancelCauseFunc) { cfg.Records, cfg.Batch, cfg.TPS = 420, 11, 0 })
			got.must(t)
			for _, s := range f.shards {
				if n := len(s.records); n != 420/shards || got.summary.Shards[s.id] != int64(n) {
					t.Errorf("%s has %d records, %d by the summary, want %d", s.id, n, got.summary.Shards[s.id], 420/shards)
				}
			}
			for _, r := range f.all() {
				if resource, err := click.ParseJSON([]byte(r.Data)); err != nil || r.Key != resource {
					t.Fatalf("record %+v: resource %q, %v", r, resource, err)
				}
			}
		})
	}
}

func TestUnequalShardsGetTheSame(t *testing.T) {
	f := active(1)
	f.split(0)
	f.split(1)
	f.split(3)
	run(t, f, func(cfg *produce.Config, _ context.CancelCauseFunc) { cfg.Records = 40 }).must(t)
	for _, s := range f.shards {
		if want := 10; !s.closed && len(s.records) != want {
			t.Errorf("%s has %d records, want %d", s.id, len(s.records), want)
		}
	}
}

func TestFollowsASplit(t *testing.T) {
	f := active(2)
	f.afterStore = func(call int) {
		if call == 99 { // 500 records
			f.split(0)
		}
	}
	run(t, f, func(cfg *produce.Config, _ context.CancelCauseFunc) { cfg.Records = 3500 }).must(t)
	// Until the map is read again, a second later, half of the records go to one of the children.
	if got := len(f.shards[0].records); got != 250 {
		t.Errorf("the parent has %d records, want 250", got)
	}
	for _, i := range []int{1, 2, 3} {
		if got := len(f.shards[i].records); got < 950 || got > 1350 {
			t.Errorf("%s has %d records", f.shards[i].id, got)
		}
	}
	if lists := strings.Count(fmt.Sprint(f.other), "ListShards"); lists != 3 { // one page, then two
		t.Errorf("ListShards was called %d times", lists)
	}
}

func TestPacing(t *testing.T) {
	for _, test := range []struct {
		tps      float64
		inFlight int
		latency  time.Duration
		seconds  float64
	}{
		{20, 1, 0, 4.95},
		{20, 1, 30 * time.Millisecond, 4.98},
		{20, 4, 150 * time.Millisecond, 5.1},
		{20, 1, 100 * time.Millisecond, 10}, // slower than the pace
		{0.5, 1, 0, 198},
		{0, 1, 0, 0},
	} {
		f := active(2)
		f.latency = test.latency
		got := run(t, f, func(cfg *produce.Config, _ context.CancelCauseFunc) {
			cfg.TPS, cfg.InFlight, cfg.Records = test.tps, test.inFlight, 500
		})
		got.must(t)
		took := got.summary.LastPut.Sub(*got.summary.FirstPut).Seconds()
		if took < test.seconds-0.001 || took > test.seconds+0.06 {
			t.Errorf("%+v: 100 calls took %.3f s", test, took)
		}
		for i := range f.calls {
			if last := i + int(test.tps); test.tps >= 1 && last+1 < len(f.calls) && f.calls[last+1].at.Sub(f.calls[i].at) < time.Second {
				t.Fatalf("%+v: more than %v calls in the second after call %d", test, test.tps, i)
			}
		}
	}
}

func TestRetriesArePacedToo(t *testing.T) {
	f := active(1)
	f.refuse = func(call, index int, _ types.PutRecordsRequestEntry) string {
		if call%2 == 0 && index > 0 {
			return "ProvisionedThroughputExceededException"
		}
		return ""
	}
	run(t, f, func(cfg *produce.Config, _ context.CancelCauseFunc) { cfg.TPS, cfg.Records = 2, 50 }).must(t)
	for i := 1; i < len(f.calls); i++ {
		if gap := f.calls[i].at.Sub(f.calls[i-1].at); gap < 500*time.Millisecond {
			t.Fatalf("call %d came %v after the one before", i, gap)
		}
	}
}

func TestRecordsStopsAtTheNumber(t *testing.T) {
	for _, n := range []int64{1, 4, 5, 6, 501, 1000} {
		f := active(2)
		got := run(t, f, func(cfg *produce.Config, _ context.CancelCauseFunc) {
			cfg.Records, cfg.Batch, cfg.TPS, cfg.InFlight = n, 500, 0, 4
		})
		got.must(t)
		if len(f.all()) != int(n) || got.summary.Sent != n {
			t.Errorf("%d records, summary %+v, want %d", len(f.all()), got.summary, n)
		}
	}
}

func TestBatches(t *testing.T) {
	f := active(2)
	run(t, f, func(cfg *produce.Config, _ context.CancelCauseFunc) { cfg.Batch, cfg.Records, cfg.TPS = 500, 1200, 0 }).must(t)
	if len(f.calls) != 3 || len(f.calls[0].records) != 500 || len(f.calls[2].records) != 200 {
		t.Errorf("%d calls", len(f.calls))
	}
}

func TestSignal(t *testing.T) {
	interrupt := &exit.Signal{Signal: os.Interrupt}
	t.Run("nothing wrong", func(t *testing.T) {
		f := active(2)
		f.latency = 100 * time.Millisecond
		got := run(t, f, func(cfg *produce.Config, stop context.CancelCauseFunc) {
			cfg.Records, cfg.InFlight = 0, 2
			time.AfterFunc(10*time.Second, func() { stop(interrupt) })
		})
		got.wantError(t, 130, "interrupt")
		if s := got.summary; s.Sent != s.Stored || s.Stored != int64(len(f.all())) || s.Stored < 980 || s.Stored > 1020 {
			t.Errorf("%d records, summary %+v", len(f.all()), s)
		}
	})
	t.Run("refused for ever", func(t *testing.T) {
		f := active(2)
		f.refuse = func(call, index int, _ types.PutRecordsRequestEntry) string {
			if call >= 10 && index != 0 {
				return "ProvisionedThroughputExceededException"
			}
			return ""
		}
		var stopped time.Time
		got := run(t, f, func(cfg *produce.Config, stop context.CancelCauseFunc) {
			cfg.Records, cfg.Batch, cfg.TPS = 0, 500, 20
			time.AfterFunc(3*time.Second, func() { stopped = time.Now(); stop(interrupt) })
		})
		got.wantError(t, 130, "interrupt")
		s := got.summary
		if s.Stored != int64(len(f.all())) || s.NotDelivered == 0 || s.NotDelivered > 1500 {
			t.Errorf("%d records, summary %+v", len(f.all()), s)
		}
		if last := f.calls[len(f.calls)-1].at.Sub(stopped); last > 5*time.Second || last < 4*time.Second {
			t.Errorf("the last call came %v after the signal", last)
		}
		if text := fmt.Sprintf("%d stored, 0 failed, %d not delivered", s.Stored, s.NotDelivered); !strings.Contains(got.out, text) {
			t.Errorf("%q is not printed:\n%s", text, got.out)
		}
	})
	t.Run("no answer", func(t *testing.T) {
		f := active(2)
		f.latency = 30 * time.Second
		got := run(t, f, func(cfg *produce.Config, stop context.CancelCauseFunc) {
			cfg.InFlight, cfg.TPS = 3, 0
			time.AfterFunc(100*time.Second, func() { stop(interrupt) })
		})
		got.wantError(t, 130, "interrupt")
		if s := got.summary; s.Stored != int64(len(f.all())) || s.Sent != 20 || s.NotDelivered != s.Uncertain {
			t.Errorf("%d records, summary %+v", len(f.all()), s)
		}
	})
}

func TestProgress(t *testing.T) {
	f := active(2)
	got := run(t, f, func(cfg *produce.Config, _ context.CancelCauseFunc) { cfg.Records = 1250 })
	got.must(t)
	lines, sum := 0, 0
	for line := range strings.Lines(got.out) {
		var sent, failures int
		if n, _ := fmt.Sscanf(line, "Sent %d records with %d failures ..\n", &sent, &failures); n == 2 {
			lines++
			sum += sent
		}
	}
	if lines != 3 || sum != 1250 {
		t.Errorf("12.5 s at 100 records/s print:\n%s", got.out)
	}
	if !strings.Contains(got.out, "Sent 1250 records to stream clicks: 1250 stored, 0 failed, 0 not delivered\n") {
		t.Errorf("no summary:\n%s", got.out)
	}
	quiet := run(t, active(2), func(cfg *produce.Config, _ context.CancelCauseFunc) { cfg.Quiet = true })
	if quiet.must(t); quiet.out != "" || quiet.log != "" {
		t.Errorf("quiet prints %q and %q", quiet.out, quiet.log)
	}
	live := run(t, active(2), func(cfg *produce.Config, _ context.CancelCauseFunc) { cfg.Live, cfg.Records = true, 100 })
	if live.must(t); !strings.Contains(live.out, "Sent 100 records with 0 failures ..") || !strings.Contains(live.out, "\r") {
		t.Errorf("live prints %q", live.out)
	}
}

func TestWrongSettings(t *testing.T) {
	for text, change := range map[string]func(*produce.Config){
		"shards is 0":                   func(c *produce.Config) { c.Shards = 0 },
		"recordsToWritePerBatch is 501": func(c *produce.Config) { c.Batch = 501 },
		"recordsToWritePerBatch is 0":   func(c *produce.Config) { c.Batch = 0 },
		"putRecordsTps is -1":           func(c *produce.Config) { c.TPS = -1 },
		"in-flight is 0":                func(c *produce.Config) { c.InFlight = 0 },
		"records is -1":                 func(c *produce.Config) { c.Records = -1 },
		"the stream has no name":        func(c *produce.Config) { c.Stream = "" },
	} {
		got := run(t, active(1), func(cfg *produce.Config, _ context.CancelCauseFunc) { change(cfg) })
		got.wantError(t, 2, text)
	}
}

func TestSummaryThatCannotBeWritten(t *testing.T) {
	f := active(1)
	folder := filepath.Join(t.TempDir(), "folder")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	f.afterStore = func(int) { _ = os.Remove(folder) } // it was there when the run began
	got := run(t, f, func(cfg *produce.Config, _ context.CancelCauseFunc) {
		cfg.Summary = filepath.Join(folder, "summary.json")
	})
	got.wantError(t, 1, "write the summary")
	if !errors.Is(got.err, os.ErrNotExist) || len(f.all()) != 20 {
		t.Errorf("%d records, %v", len(f.all()), got.err)
	}
}
