package kcltest_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"clickstream/kcl"
	"clickstream/kcl/kcltest"
)

// collector keeps the data that it gets and checkpoints when a test says so.
type collector struct {
	start       string
	got         []string
	checkpoint  func(ctx context.Context, in *kcl.ProcessRecordsInput) error
	checkpoints []error
	lost        bool
}

func (c *collector) Initialize(_ context.Context, in *kcl.InitializeInput) error {
	c.start = in.SequenceNumber
	return nil
}

func (c *collector) ProcessRecords(ctx context.Context, in *kcl.ProcessRecordsInput) error {
	for _, r := range in.Records {
		c.got = append(c.got, string(r.Data))
	}
	if c.checkpoint != nil {
		c.checkpoints = append(c.checkpoints, c.checkpoint(ctx, in))
	}
	return nil
}

func (c *collector) LeaseLost(context.Context, *kcl.LeaseLostInput) error {
	c.lost = true
	return nil
}

func (c *collector) ShardEnded(ctx context.Context, in *kcl.ShardEndedInput) error {
	return in.Checkpointer.Checkpoint(ctx)
}

func atNewest(ctx context.Context, in *kcl.ProcessRecordsInput) error {
	return in.Checkpointer.Checkpoint(ctx)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newShard(clicks ...string) *kcltest.Shard {
	shard := kcltest.NewShard("shardId-000000000000")
	for _, click := range clicks {
		shard.Put("key", []byte(click))
	}
	return shard
}

func TestRedeliveryFromTheCheckpoint(t *testing.T) {
	t.Parallel()
	shard := newShard("1", "2")
	shard.PutAggregate("key", []byte("3a"), []byte("3b"), []byte("3c"))
	shard.Put("key", []byte("4"))
	aggregate := shard.Records()[2:5]

	first := &collector{checkpoint: func(ctx context.Context, in *kcl.ProcessRecordsInput) error {
		if !slices.ContainsFunc(in.Records, func(r kcl.Record) bool { return string(r.Data) == "3b" }) {
			return nil
		}
		return in.Checkpointer.CheckpointRecord(ctx, aggregate[1])
	}}
	w := shard.Start(t.Context(), first)
	must(t, w.Initialize())
	must(t, w.DeliverAll(3)) // 1 2 3a and, because an aggregate is not divided, 3b 3c; then 4
	must(t, w.Close())       // the daemon dies
	if sequence, sub := shard.Checkpoint(); sequence != aggregate[1].SequenceNumber || sub != 1 {
		t.Errorf("checkpoint %s.%d", sequence, sub)
	}

	second := new(collector)
	must(t, shard.Run(t.Context(), second, true))
	if diff := cmp.Diff([]string{"1", "2", "3a", "3b", "3c", "4"}, first.got); diff != "" {
		t.Errorf("first: %s", diff)
	}
	if diff := cmp.Diff([]string{"3c", "4"}, second.got); diff != "" {
		t.Errorf("second: %s", diff)
	}
	if first.start != kcl.TrimHorizon || second.start != aggregate[1].SequenceNumber {
		t.Errorf("started at %s and %s", first.start, second.start)
	}
	if sequence, _ := shard.Checkpoint(); sequence != "SHARD_END" {
		t.Errorf("checkpoint %s after the end", sequence)
	}
}

func TestRefusedCheckpoints(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		checkpoint func(context.Context, *kcl.ProcessRecordsInput) error
		prepare    func(*kcltest.Shard)
		want       error
	}{
		{"at the newest", atNewest, nil, nil},
		{"throttled now and then", atNewest, func(s *kcltest.Shard) { s.Throttle(3) }, nil},
		{"throttled for long", atNewest, func(s *kcltest.Shard) { s.Throttle(12) }, kcl.ErrThrottling},
		{
			"service away", atNewest,
			func(s *kcltest.Shard) { s.Refuse("KinesisClientLibDependencyException", 1) }, kcl.ErrDependency,
		},
		{"not a number", at("abc"), nil, kcl.ErrIllegalArgument},
		{"a number before all", at("1"), nil, nil},
		{"a number after all", at(strings.Repeat("9", 57)), nil, kcl.ErrIllegalArgument},
		{"LATEST", at(kcl.Latest), nil, nil}, // it lies between TRIM_HORIZON and the numbers
		{"SHARD_END", at("SHARD_END"), nil, kcl.ErrIllegalArgument},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				shard := newShard("1")
				if test.prepare != nil {
					test.prepare(shard)
				}
				p := &collector{checkpoint: test.checkpoint}
				must(t, shard.Run(t.Context(), p, false))
				if len(p.checkpoints) != 1 || !errors.Is(p.checkpoints[0], test.want) {
					t.Errorf("checkpoints %v, want %v", p.checkpoints, test.want)
				}
			})
		})
	}
}

func at(sequence string) func(context.Context, *kcl.ProcessRecordsInput) error {
	return func(ctx context.Context, in *kcl.ProcessRecordsInput) error {
		return in.Checkpointer.CheckpointAt(ctx, sequence, 0)
	}
}

// TestZombie: the worker that lost its lease goes on without knowing, until it wants to checkpoint.
func TestZombie(t *testing.T) {
	t.Parallel()
	shard := newShard("1", "2")
	zombie, heir := &collector{checkpoint: atNewest}, &collector{checkpoint: atNewest}
	old := shard.Start(t.Context(), zombie)
	must(t, old.Initialize())
	_, err := old.Deliver(1)
	must(t, err)

	next := shard.Start(t.Context(), heir)
	must(t, next.Initialize())
	must(t, next.DeliverAll(0))
	must(t, old.DeliverAll(0))
	must(t, old.LoseLease())
	must(t, errors.Join(old.Close(), next.Close()))

	if zombie.checkpoints[0] != nil || !errors.Is(zombie.checkpoints[1], kcl.ErrShutdown) || !zombie.lost {
		t.Errorf("the zombie's checkpoints: %v", zombie.checkpoints)
	}
	if diff := cmp.Diff([]string{"2"}, heir.got); diff != "" || heir.checkpoints[0] != nil {
		t.Errorf("the heir got %q, its checkpoints: %v", heir.got, heir.checkpoints)
	}
}

// TestCheckpointThatChangesNothing is answered without a look at the lease, so it proves nothing about holding it.
func TestCheckpointThatChangesNothing(t *testing.T) {
	t.Parallel()
	shard := newShard("1")
	p := &collector{checkpoint: atNewest}
	w := shard.Start(t.Context(), p)
	must(t, w.Initialize())
	must(t, w.DeliverAll(0))
	w.StealLease()
	n, err := w.Deliver(0)
	must(t, err)
	must(t, w.Close())
	if n != 0 || len(p.checkpoints) != 2 || p.checkpoints[1] != nil {
		t.Errorf("%d records, checkpoints %v", n, p.checkpoints)
	}
}

// forgetful ends at the end of the shard, without a checkpoint.
type forgetful struct{ collector }

func (f *forgetful) ShardEnded(context.Context, *kcl.ShardEndedInput) error {
	return errors.New("no checkpoint from me")
}

func TestChildThatEnds(t *testing.T) {
	t.Parallel()
	shard := newShard("1")
	w := shard.Start(t.Context(), new(forgetful))
	must(t, w.Initialize())
	if err := w.EndShard(); err == nil || !strings.Contains(err.Error(), "ended without answering shardEnded") {
		t.Errorf("EndShard: %v", err)
	}
	if _, err := w.Deliver(0); err == nil {
		t.Error("a child that ended takes records")
	}
	if err := w.Close(); err == nil || !strings.Contains(err.Error(), "no checkpoint from me") {
		t.Errorf("Close: %v", err)
	}
}

func TestLog(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	shard := newShard()
	shard.Log = &log
	must(t, shard.Run(t.Context(), new(collector), true))
	want := `> {"action":"initialize","shardId":"shardId-000000000000","sequenceNumber":"TRIM_HORIZON","subSequenceNumber":0}
< {"action":"status","responseFor":"initialize"}
> {"action":"shardEnded"}
< {"action":"checkpoint","sequenceNumber":null}
> {"action":"checkpoint","sequenceNumber":null,"subSequenceNumber":null,"error":null}
< {"action":"status","responseFor":"shardEnded"}
`
	if diff := cmp.Diff(want, log.String()); diff != "" {
		t.Error(diff)
	}
}
