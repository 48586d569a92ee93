package kcl_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"clickstream/kcl"
	"clickstream/kcl/kcltest"
	"clickstream/kcl/multilang"
)

const initialize = `{"action":"initialize","shardId":"shardId-000000000000","sequenceNumber":"TRIM_HORIZON","subSequenceNumber":0}` + "\n"

// funcs is a processor of which a test gives the methods that it cares about.
type funcs struct {
	records func(context.Context, *kcl.ProcessRecordsInput) error
	end     func(context.Context, *kcl.ShardEndedInput) error
}

func (f funcs) Initialize(context.Context, *kcl.InitializeInput) error { return nil }
func (f funcs) LeaseLost(context.Context, *kcl.LeaseLostInput) error   { return nil }

func (f funcs) ProcessRecords(ctx context.Context, in *kcl.ProcessRecordsInput) error {
	if f.records == nil {
		return nil
	}
	return f.records(ctx, in)
}

func (f funcs) ShardEnded(ctx context.Context, in *kcl.ShardEndedInput) error {
	if f.end == nil {
		return in.Checkpointer.Checkpoint(ctx)
	}
	return f.end(ctx, in)
}

// borrower is funcs that keep nothing.
type borrower struct{ funcs }

func (borrower) BorrowsRecords() bool { return true }

// TestBorrower: its records stay as they are until it returns, also while checkpoints are answered, and the next ones take their place.
func TestBorrower(t *testing.T) {
	t.Parallel()
	shard := kcltest.NewShard("shardId-000000000000")
	for i := range 6 {
		shard.Put("key-"+strings.Repeat("x", i), []byte("click "+strings.Repeat("y", i)))
	}
	var got []kcl.Record
	var places []*byte
	worker := shard.Start(t.Context(), borrower{funcs{records: func(ctx context.Context, in *kcl.ProcessRecordsInput) error {
		for range 3 {
			if err := in.Checkpointer.Checkpoint(ctx); err != nil {
				return err
			}
		}
		for _, r := range in.Records {
			places = append(places, &r.Data[0])
			r.Data, r.PartitionKey, r.SequenceNumber = bytes.Clone(r.Data), strings.Clone(r.PartitionKey), strings.Clone(r.SequenceNumber)
			got = append(got, r)
		}
		return nil
	}}})
	if err := errors.Join(worker.Initialize(), worker.DeliverAll(1), worker.Close()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(shard.Records(), got); diff != "" {
		t.Error(diff)
	}
	for i, place := range places {
		if place != places[0] {
			t.Errorf("delivery %d has memory of its own", i)
		}
	}
}

// TestEndOfInputReachesTheProcessor: a processor that waits for something must not outlive its daemon.
func TestEndOfInputReachesTheProcessor(t *testing.T) {
	t.Parallel()
	ways := map[string]func(context.Context, *kcl.ProcessRecordsInput) error{
		"returns the context's error": func(ctx context.Context, _ *kcl.ProcessRecordsInput) error {
			<-ctx.Done()
			return ctx.Err()
		},
		"returns its cause": func(ctx context.Context, _ *kcl.ProcessRecordsInput) error {
			<-ctx.Done()
			return context.Cause(ctx)
		},
		"returns nil": func(ctx context.Context, _ *kcl.ProcessRecordsInput) error {
			<-ctx.Done()
			return nil
		},
		"waits for a reply": func(ctx context.Context, in *kcl.ProcessRecordsInput) error {
			return in.Checkpointer.Checkpoint(context.WithoutCancel(ctx))
		},
	}
	for name, records := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				in, daemon := io.Pipe()
				ended := make(chan error)
				go func() { ended <- kcl.Run(t.Context(), in, io.Discard, funcs{records: records}) }()
				send(t, daemon, initialize+`{"action":"processRecords","records":[]}`+"\n")
				synctest.Wait() // the processor waits
				if err := daemon.Close(); err != nil {
					t.Fatal(err)
				}
				if err := <-ended; err != nil {
					t.Errorf("Run: %v", err)
				}
			})
		})
	}
}

func send(t *testing.T, daemon io.Writer, text string) {
	t.Helper()
	if _, err := io.WriteString(daemon, text); err != nil {
		t.Fatal(err)
	}
}

// TestProcessorErrorAfterEndOfInput: only an error that is not about the end is worth reporting.
func TestProcessorErrorAfterEndOfInput(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk full")
	err := kcl.Run(t.Context(), strings.NewReader(initialize+`{"action":"processRecords","records":[]}`), io.Discard, funcs{
		records: func(ctx context.Context, _ *kcl.ProcessRecordsInput) error {
			<-ctx.Done()
			return broken
		},
	})
	if !errors.Is(err, broken) {
		t.Errorf("Run: %v, want %v", err, broken)
	}
}

// TestRunEndsWithItsContext, with its reader joined: synctest fails on goroutines that stay.
func TestRunEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stop := errors.New("enough")
		ctx, cancel := context.WithCancelCause(t.Context())
		in, daemon := io.Pipe()
		ended := make(chan error)
		go func() { ended <- kcl.Run(ctx, in, io.Discard, funcs{}) }()
		send(t, daemon, initialize)
		synctest.Wait()
		cancel(stop)
		if err := <-ended; !errors.Is(err, stop) {
			t.Errorf("Run: %v, want %v", err, stop)
		}
		if _, err := daemon.Write([]byte("x")); err == nil {
			t.Error("the daemon can still write: the input was not closed")
		}
	})
}

func TestReadErrorEndsRun(t *testing.T) {
	t.Parallel()
	broken := errors.New("input/output error")
	err := kcl.Run(t.Context(), io.MultiReader(strings.NewReader(initialize), iotest.ErrReader(broken)), io.Discard, funcs{})
	if !errors.Is(err, broken) {
		t.Errorf("Run: %v, want %v", err, broken)
	}
	if errors.Is(err, io.EOF) {
		t.Error("a broken input looks like the end of input")
	}
}

// brokenPipe is an output that nobody reads any more.
type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestWriteErrorEndsRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		in, daemon := io.Pipe()
		ended := make(chan error)
		go func() { ended <- kcl.Run(t.Context(), in, brokenPipe{}, funcs{}) }()
		send(t, daemon, initialize)
		if err := <-ended; !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("Run: %v, want %v", err, io.ErrClosedPipe)
		}
	})
}

// countedWrites counts the calls: a message is one of them.
type countedWrites struct{ messages []string }

func (c *countedWrites) Write(p []byte) (int, error) {
	c.messages = append(c.messages, string(p))
	return len(p), nil
}

func TestOneWriteForEachMessage(t *testing.T) {
	t.Parallel()
	var out countedWrites
	reply := `{"action":"checkpoint","sequenceNumber":null,"subSequenceNumber":null,"error":null}` + "\n"
	script := initialize + `{"action":"shardEnded"}` + "\n" + reply + "\n"
	if err := kcl.Run(t.Context(), strings.NewReader(script), &out, funcs{}); err != nil {
		t.Fatal(err)
	}
	want := []string{
		`{"action":"status","responseFor":"initialize"}` + "\n",
		`{"action":"checkpoint","sequenceNumber":null}` + "\n",
		`{"action":"status","responseFor":"shardEnded"}` + "\n",
	}
	if diff := cmp.Diff(want, out.messages); diff != "" {
		t.Error(diff)
	}
}

func TestCheckpointerExpires(t *testing.T) {
	t.Parallel()
	var kept *kcl.Checkpointer
	shard := kcltest.NewShard("shardId-000000000000")
	r := shard.Put("key", []byte("click"))
	err := shard.Run(t.Context(), funcs{records: func(_ context.Context, in *kcl.ProcessRecordsInput) error {
		kept = in.Checkpointer
		return nil
	}}, true)
	if err != nil {
		t.Fatal(err)
	}
	if err := kept.CheckpointRecord(t.Context(), r); !errors.Is(err, kcl.ErrInvalidState) {
		t.Errorf("error %v, want %v", err, kcl.ErrInvalidState)
	}
}

// TestPatienceOfACheckpoint: a caller who waits no longer for a slow reply does not upset the conversation.
func TestPatienceOfACheckpoint(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		in, daemon := io.Pipe()
		answers, out := io.Pipe()
		ended := make(chan error)
		var checkpoints []error
		go func() {
			ended <- kcl.Run(t.Context(), in, out, funcs{records: func(ctx context.Context, in *kcl.ProcessRecordsInput) error {
				for _, patience := range []time.Duration{time.Second, 0, time.Hour} {
					ctx, cancel := context.WithTimeout(ctx, patience)
					checkpoints = append(checkpoints, in.Checkpointer.Checkpoint(ctx))
					cancel()
				}
				return nil
			}})
		}()
		lines := multilang.NewLineReader(answers, 0)
		expect := func(want string) {
			t.Helper()
			line, err := lines.ReadLine()
			if err != nil || string(line) != want {
				t.Fatalf("%s (error %v), want %s", line, err, want)
			}
		}
		send(t, daemon, initialize)
		expect(`{"action":"status","responseFor":"initialize"}`)
		send(t, daemon, `{"action":"processRecords","records":[]}`+"\n")
		expect(`{"action":"checkpoint","sequenceNumber":null}`)
		time.Sleep(2 * time.Second) // of virtual time: the reply comes after the caller's patience
		expect(`{"action":"checkpoint","sequenceNumber":null}`)
		send(t, daemon, `{"action":"checkpoint","sequenceNumber":null,"error":"ShutdownException"}`+"\n")
		send(t, daemon, `{"action":"checkpoint","sequenceNumber":null,"error":null}`+"\n")
		expect(`{"action":"status","responseFor":"processRecords"}`)
		_ = daemon.Close()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		if !errors.Is(checkpoints[0], context.DeadlineExceeded) || !errors.Is(checkpoints[1], context.DeadlineExceeded) || checkpoints[2] != nil {
			t.Errorf("checkpoints: %v", checkpoints)
		}
	})
}

// TestThrottlingEndsWithTheContext: the pauses between attempts are no reason to miss the end.
func TestThrottlingEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		shard := kcltest.NewShard("shardId-000000000000")
		shard.Throttle(100)
		shard.Put("key", []byte("click"))
		var err error
		start := time.Now()
		runErr := shard.Run(t.Context(), funcs{
			records: func(ctx context.Context, in *kcl.ProcessRecordsInput) error {
				ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
				defer cancel()
				err = in.Checkpointer.Checkpoint(ctx)
				return nil
			},
		}, false)
		if runErr != nil {
			t.Fatal(runErr)
		}
		if !errors.Is(err, kcl.ErrThrottling) || !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 5*time.Second {
			t.Errorf("after %s: %v", time.Since(start), err)
		}
	})
}

func TestPanicError(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	shard := kcltest.NewShard("shardId-000000000000")
	shard.Put("key", nil)
	err := shard.Run(t.Context(), funcs{records: func(context.Context, *kcl.ProcessRecordsInput) error { panic(broken) }}, false)
	panicked, ok := errors.AsType[*kcl.PanicError](err)
	if !ok || !errors.Is(err, broken) || panicked.Action != "processRecords" || !strings.Contains(string(panicked.Stack), "run_test.go") {
		t.Errorf("error %v", err)
	}
}

// TestMemoryOfLongLines: a line of 10 MiB records costs its own length, while the buffer grows, and the records.
func TestMemoryOfLongLines(t *testing.T) {
	record := kcl.Record{Data: bytes.Repeat([]byte("0123456789abcdef"), 10<<16), PartitionKey: "key", SequenceNumber: "1"}
	m := multilang.DaemonMessage{Action: "processRecords", Records: []kcl.Record{record}}
	line := m.AppendLine(nil)
	script := io.MultiReader(strings.NewReader(initialize), bytes.NewReader(line), bytes.NewReader(line), bytes.NewReader(line))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var held int
	err := kcl.Run(t.Context(), script, io.Discard, funcs{records: func(_ context.Context, in *kcl.ProcessRecordsInput) error {
		if !bytes.Equal(in.Records[0].Data, record.Data) {
			return errors.New("the data differs")
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		held = max(held, int(after.HeapAlloc)-int(before.HeapAlloc))
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	if limit := 2*len(line) + len(record.Data); held > limit {
		t.Errorf("%d bytes held for lines of %d bytes, limit %d", held, len(line), limit)
	}
}
