package produce_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/google/go-cmp/cmp"

	"clickstream/internal/exit"
	"clickstream/produce"
)

// send sends an input to a stream of two shards.
func send(t *testing.T, f *fake, in string, change func(cfg *produce.Config)) result {
	t.Helper()
	return run(t, f, func(cfg *produce.Config, _ context.CancelCauseFunc) {
		cfg.Input, cfg.Records, cfg.TPS = strings.NewReader(in), 0, 0
		if change != nil {
			change(cfg)
		}
	})
}

// sentRecords returns the records of all calls in order.
func sentRecords(f *fake) (all []stored) {
	for _, c := range f.calls {
		all = append(all, c.records...)
	}
	return all
}

func hashed(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

func TestInputIsSentAsItStands(t *testing.T) {
	f := active(2)
	const in = "{\"resource\":\"a\"}\n\n { \"x\" : 1.50 , \"resource\" : \"\\u00e9\" } \r\n{\"resource\":\"\"}"
	send(t, f, in, nil).must(t)
	want := []stored{
		{"a", "", `{"resource":"a"}`},
		{"é", "", ` { "x" : 1.50 , "resource" : "\u00e9" } `},
		{hashed(""), "", `{"resource":""}`},
	}
	if diff := cmp.Diff(want, sentRecords(f)); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	if len(f.calls) != 1 {
		t.Errorf("%d calls, want one", len(f.calls))
	}
	for _, operation := range f.other {
		if operation == "ListShards" {
			t.Error("the shards were listed, though partition keys decide")
		}
	}
}

func TestInputPartitionKeys(t *testing.T) {
	f := active(2)
	var in strings.Builder
	var want []string
	for _, test := range []struct {
		resource string
		asIs     bool
	}{
		{strings.Repeat("x", 256), true},
		{strings.Repeat("x", 257), false},
		{strings.Repeat("é", 256), true},
		{strings.Repeat("é", 257), false},
		{strings.Repeat("😀", 128), true},
		{strings.Repeat("😀", 129), false}, // the service may count UTF-16
	} {
		fmt.Fprintf(&in, "{\"resource\":%q}\n", test.resource)
		key := test.resource
		if !test.asIs {
			key = hashed(key)
		}
		want = append(want, key)
	}
	send(t, f, in.String(), nil).must(t)
	var got []string
	for _, r := range sentRecords(f) {
		got = append(got, r.Key)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}

func TestBadLinesDoNotStopTheRun(t *testing.T) {
	f := active(2)
	var in strings.Builder
	for i := 1; i <= 30; i++ {
		if i%2 == 0 {
			in.WriteString("{bad}\n")
		} else {
			fmt.Fprintf(&in, "{\"resource\":\"%d\"}\n", i)
		}
	}
	got := send(t, f, in.String(), nil)
	got.wantError(t, exit.Refused, "the input: 15 lines refused")
	if got.summary.RefusedLines != 15 || got.summary.Stored != 15 || len(f.all()) != 15 {
		t.Errorf("%d records, summary %+v", len(f.all()), got.summary)
	}
	for i := 2; i <= 30; i += 2 {
		if named := strings.Contains(got.log, fmt.Sprintf("the input: line %d: ", i)); named != (i <= 20) {
			t.Errorf("line %d is named: %v\n%s", i, named, got.log)
		}
	}
	if !strings.Contains(got.out, "15 lines refused") || !strings.Contains(got.log, "more lines are refused") {
		t.Errorf("printed:\n%s\n%s", got.out, got.log)
	}
}

func TestRecordsTooLargeAreRefusedLines(t *testing.T) {
	object := func(size int) string {
		const frame = `{"resource":"a","x":""}`
		return `{"resource":"a","x":"` + strings.Repeat("x", size-len(frame)) + `"}`
	}
	in := object(1<<20-1) + "\n" + object(1<<20) + "\n" + object(100)
	f := active(2)
	got := send(t, f, in, nil)
	got.wantError(t, exit.Refused, "1 line refused")
	if len(f.all()) != 2 || !strings.Contains(got.log, "line 2: the record has 1048577 bytes with its partition key, the stream takes 1048576") {
		t.Errorf("%d records, log %s", len(f.all()), got.log)
	}
	large := active(2)
	large.maxRecord = 2048
	if send(t, large, in, nil).must(t); len(large.all()) != 3 {
		t.Errorf("%d records, want 3", len(large.all()))
	}
}

func TestRequestsStayBelowTheLimit(t *testing.T) {
	line := `{"resource":"a","x":"` + strings.Repeat("x", 900<<10) + `"}`
	f := active(2)
	send(t, f, strings.Repeat(line+"\n", 12), func(cfg *produce.Config) { cfg.Batch = 500 }).must(t)
	for i, c := range f.calls {
		size := 0
		for _, r := range c.records {
			size += len(r.Data) + len(r.Key)
		}
		if size > 5<<20 {
			t.Errorf("call %d has %d bytes", i, size)
		}
	}
	if len(f.all()) != 12 || len(f.calls) > 4 {
		t.Errorf("%d records in %d calls", len(f.all()), len(f.calls))
	}
}

func TestInputKeepsTheOrder(t *testing.T) {
	f := active(1)
	f.fail = func(call int) error {
		if call%3 == 1 {
			return errReset
		}
		return nil
	}
	var in strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&in, "{\"resource\":\"r\",\"n\":%d}\n", i)
	}
	send(t, f, in.String(), func(cfg *produce.Config) { cfg.Batch = 7 }).must(t)
	for i, r := range f.all() {
		if want := fmt.Sprintf("{\"resource\":\"r\",\"n\":%d}", i); r.Data != want {
			t.Fatalf("record %d is %s", i, r.Data)
		}
	}
}

func TestInputStopsAtTheNumber(t *testing.T) {
	f := active(2)
	got := send(t, f, strings.Repeat("{\"resource\":\"a\"}\n", 1000), func(cfg *produce.Config) { cfg.Records = 12 })
	got.must(t)
	if len(f.all()) != 12 || got.summary.Sent != 12 {
		t.Errorf("%d records, summary %+v", len(f.all()), got.summary)
	}
}

func TestInputThatBreaks(t *testing.T) {
	f := active(2)
	f.latency = time.Second
	got := send(t, f, "", func(cfg *produce.Config) {
		cfg.Input = io.MultiReader(strings.NewReader(strings.Repeat("{\"resource\":\"a\"}\n", 7)), iotest.ErrReader(errors.New("the disk is gone")))
	})
	got.wantError(t, 1, "after line 7: the disk is gone")
	if len(f.all()) != 7 || got.summary.Stored != 7 {
		t.Errorf("%d records, summary %+v: what was read has to be stored", len(f.all()), got.summary)
	}
}

func TestEmptyInput(t *testing.T) {
	f := active(2)
	got := send(t, f, "\n\n", nil)
	got.must(t)
	if len(f.calls) != 0 || got.summary.FirstPut != nil {
		t.Errorf("%d calls, summary %+v", len(f.calls), got.summary)
	}
}

func TestASlowPipeIsNotHeldBack(t *testing.T) {
	f := active(2)
	var opened time.Time
	got := run(t, f, func(cfg *produce.Config, stop context.CancelCauseFunc) {
		reader, writer := io.Pipe()
		cfg.Input, cfg.Records, cfg.TPS, cfg.Batch = reader, 0, 0, 500
		opened = time.Now()
		go func() {
			for range 10 {
				time.Sleep(100 * time.Millisecond)
				_, _ = io.WriteString(writer, "{\"resource\":\"a\"}\n")
			}
			time.Sleep(time.Hour)
			stop(&exit.Signal{Signal: os.Interrupt})
			_ = writer.Close()
		}()
	})
	got.wantError(t, 130, "interrupt")
	if len(f.all()) != 10 || len(f.calls) < 3 {
		t.Errorf("%d records in %d calls", len(f.all()), len(f.calls))
	}
	if last := f.calls[len(f.calls)-1].at.Sub(opened); last > 2*time.Second {
		t.Errorf("the last line was held back for %v", last)
	}
}

func TestSignalWhileTheInputIsSilent(t *testing.T) {
	f := active(2)
	got := run(t, f, func(cfg *produce.Config, stop context.CancelCauseFunc) {
		cfg.Input, _ = io.Pipe()
		cfg.Records = 0
		time.AfterFunc(time.Minute, func() { stop(&exit.Signal{Signal: os.Interrupt}) })
	})
	got.wantError(t, 130, "interrupt")
}

func TestAccessLogInput(t *testing.T) {
	log, err := os.ReadFile("../internal/click/testdata/nginx.log")
	if err != nil {
		t.Fatal(err)
	}
	expected, err := os.ReadFile("../internal/click/testdata/nginx.expected")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for line := range strings.Lines(string(expected)) {
		if !strings.HasPrefix(line, "bad") {
			want = append(want, strings.TrimSuffix(line, "\n"))
		}
	}
	f := active(2)
	got := send(t, f, string(log), nil)
	got.wantError(t, exit.Refused, "lines refused")
	var data []string
	for _, r := range sentRecords(f) {
		data = append(data, r.Data)
	}
	if diff := cmp.Diff(want, data); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
}

func TestRefusedInputIsSentAgain(t *testing.T) {
	f := active(2)
	f.refuse = func(call, index int, _ types.PutRecordsRequestEntry) string {
		if (call+index)%2 == 0 && call < 50 {
			return "ProvisionedThroughputExceededException"
		}
		return ""
	}
	var in strings.Builder
	for i := range 500 {
		fmt.Fprintf(&in, "{\"resource\":\"r-%d\"}\n", i)
	}
	send(t, f, in.String(), func(cfg *produce.Config) { cfg.Batch, cfg.InFlight = 20, 4 }).must(t)
	seen := map[string]int{}
	for _, r := range f.all() {
		seen[r.Key]++
	}
	for key, n := range seen {
		if n != 1 {
			t.Errorf("%s is there %d times", key, n)
		}
	}
	if len(seen) != 500 {
		t.Errorf("%d records, want 500", len(seen))
	}
}
