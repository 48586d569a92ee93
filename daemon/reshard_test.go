package daemon_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/google/go-cmp/cmp"

	"clickstream/internal/leases"
	"clickstream/kcl/multilang"
)

const shard2, shard3, shard4 = "shardId-000000000002", "shardId-000000000003", "shardId-000000000004"

// end takes a child through the end of its shard.
func (p *puppet) end(t *testing.T) {
	t.Helper()
	p.expect(t, multilang.ActionShardEnded)
	if refused := p.checkpoint(t, ""); refused != "" {
		t.Error(refused)
	}
	p.status(t, multilang.ActionShardEnded)
	p.eof(t)
	p.exit(t, 0)
}

// After a split the two new shards begin when the old one is processed, after a merge the new one when both old ones are. Leases of the
// past go when what follows has made progress.
func TestSplitAndMerge(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	w.put(t, 0, 0, 3)
	w.split(t, shard0)
	w.put(t, 1, 10, 1)
	w.put(t, 2, 20, 1)
	d := w.start(t)
	parent := w.stage.ready(t)
	if parent.shard != shard0 {
		t.Fatalf("%s came first", parent.shard)
	}
	if diff := cmp.Diff(numbers(0, 3), parent.process(t, 3)); diff != "" {
		t.Error(diff)
	}
	parent.expect(t, multilang.ActionShardEnded)
	// The leases of the shards that follow are there before the child knows, but nobody works on them.
	for _, key := range []string{shard1, shard2} {
		lease := w.lease(t, key, func(l *leases.Lease) bool { return l != nil })
		want := leases.Lease{
			Key: key, Checkpoint: leases.TrimHorizon, Parents: []string{shard0},
			StartingHashKey: lease.StartingHashKey, EndingHashKey: lease.EndingHashKey,
		}
		if diff := cmp.Diff(want, *lease); diff != "" {
			t.Error(diff)
		}
	}
	now := w.lease(t, shard0, func(*leases.Lease) bool { return true })
	if !cmp.Equal(now.Children, []string{shard1, shard2}) {
		t.Errorf("children: %v", now.Children)
	}
	// The daemon looks for leases to take at least as often as it renews: it has looked and left them.
	w.lease(t, shard0, func(l *leases.Lease) bool { return l.Counter >= now.Counter+3 })
	for _, key := range []string{shard1, shard2} {
		if lease := w.lease(t, key, func(*leases.Lease) bool { return true }); lease.Owner != "" {
			t.Errorf("%s was taken by %s before its parent was done", key, lease.Owner)
		}
	}
	if refused := parent.checkpoint(t, ""); refused != "" {
		t.Error(refused)
	}
	w.lease(t, shard0, checkpointAt(leases.ShardEnd))
	parent.status(t, multilang.ActionShardEnded)
	parent.eof(t)
	parent.exit(t, 0)

	left, right := w.stage.ready(t), w.stage.ready(t)
	if left.shard > right.shard {
		left, right = right, left
	}
	for p, data := range map[*puppet]string{left: "10", right: "20"} {
		if records := p.records(t); len(records) != 1 || string(records[0].Data) != data {
			t.Errorf("%s got %+v", p.shard, records)
		}
		if refused := p.checkpoint(t, ""); refused != "" {
			t.Error(refused)
		}
		p.status(t, multilang.ActionProcessRecords)
	}
	w.lease(t, shard0, func(l *leases.Lease) bool { return l == nil })

	if _, err := w.kinesis.MergeShards(t.Context(), &kinesis.MergeShardsInput{
		StreamName: aws.String(streamName), ShardToMerge: aws.String(shard1), AdjacentShardToMerge: aws.String(shard2),
	}); err != nil {
		t.Fatal(err)
	}
	left.end(t)
	if lease := w.lease(t, shard3, func(l *leases.Lease) bool { return l != nil }); lease.Owner != "" || len(lease.Parents) != 2 {
		t.Errorf("one parent is not done, and yet: %+v", lease)
	}
	right.end(t)
	merged := w.stage.ready(t)
	if merged.shard != shard3 {
		t.Errorf("%s came after the merge", merged.shard)
	}
	d.finish(t, merged)
}

// A number that was checkpointed before does not end the shard, as in KCL. The child is started again and gets another chance.
func TestShardEndNeedsItsCheckpoint(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	sequences := w.put(t, 0, 0, 2)
	w.split(t, shard0)
	d := w.start(t)
	p := w.stage.ready(t)
	p.records(t)
	if refused := p.checkpoint(t, sequences[1]); refused != "" {
		t.Error(refused)
	}
	p.status(t, multilang.ActionProcessRecords)
	p.expect(t, multilang.ActionShardEnded)
	if refused := p.checkpoint(t, sequences[1]); refused != "" {
		t.Error(refused)
	}
	p.status(t, multilang.ActionShardEnded)
	p.eof(t)
	p.exit(t, 0)

	p = w.stage.ready(t)
	if p.shard != shard0 {
		t.Fatalf("%s was started before its parent was done", p.shard)
	}
	p.end(t)
	d.finish(t, w.stage.ready(t), w.stage.ready(t))
}

// The last record's number, not checkpointed before, ends the shard.
func TestLastNumberEndsTheShard(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	sequences := w.put(t, 0, 0, 2)
	w.split(t, shard0)
	d := w.start(t)
	p := w.stage.ready(t)
	p.process(t, 2)
	p.expect(t, multilang.ActionShardEnded)
	if refused := p.checkpoint(t, sequences[1]); refused != "" {
		t.Error(refused)
	}
	w.lease(t, shard0, checkpointAt(leases.ShardEnd))
	p.status(t, multilang.ActionShardEnded)
	p.eof(t)
	p.exit(t, 0)
	d.finish(t, w.stage.ready(t), w.stage.ready(t))
}

// A split while the daemon works, and a daemon that stops between the end of the parent and the start of the children.
func TestSplitWhileRunning(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2)
	d := w.start(t)
	one, other := w.stage.ready(t), w.stage.ready(t)
	if one.shard != shard1 {
		one, other = other, one
	}
	w.put(t, 1, 0, 4)
	w.split(t, shard1)
	one.process(t, 4)
	one.end(t)
	left, right := w.stage.ready(t), w.stage.ready(t)
	if left.shard > right.shard {
		left, right = right, left
	}
	if left.shard != shard2 || right.shard != shard3 {
		t.Errorf("%s and %s follow", left.shard, right.shard)
	}
	d.finish(t, left, right, other)

	again := w.start(t)
	var shards []string
	var puppets []*puppet
	for range 3 {
		p := w.stage.ready(t)
		shards, puppets = append(shards, p.shard), append(puppets, p)
	}
	if cmp.Equal(shards, []string{shard1}) {
		t.Errorf("got %v", shards)
	}
	again.finish(t, puppets...)
}

func TestInitialPositions(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"POLLING", "FANOUT"} {
		t.Run("LATEST "+mode, func(t *testing.T) {
			if mode == "FANOUT" && testing.Short() {
				t.Skip("waits for five seconds; left out with -short")
			}
			t.Parallel()
			beginsAtLatest(t, mode)
		})
		t.Run("AT_TIMESTAMP "+mode, func(t *testing.T) {
			t.Parallel()
			beginsAtTime(t, mode)
		})
	}
}

func beginsAtLatest(t *testing.T, mode string) {
	t.Helper()
	w := newWorld(t, 1)
	w.put(t, 0, 0, 3)
	d := w.start(t, "retrievalMode", mode, "initialPositionInStream", "LATEST", "callProcessRecordsEvenForEmptyRecordList", "true")
	p := w.stage.ready(t)
	if *p.init.SequenceNumber != leases.Latest {
		t.Errorf("got %s", *p.init.SequenceNumber)
	}
	if records := p.records(t); len(records) != 0 { // reading has begun
		t.Errorf("got %v", records)
	}
	w.put(t, 0, 3, 1)
	p.status(t, multilang.ActionProcessRecords)
	if got := p.process(t, 1); got[0] != "3" {
		t.Errorf("got %v", got)
	}
	// What was given but not checkpointed is given again: LATEST does not move on.
	w.put(t, 0, 4, 1)
	p.kill(t)
	p = w.stage.ready(t)
	if diff := cmp.Diff(numbers(3, 2), p.process(t, 2)); diff != "" {
		t.Error(diff)
	}
	p.kill(t)
	d.stop()
	_ = d.end(t)
}

func beginsAtTime(t *testing.T, mode string) {
	t.Helper()
	w := newWorld(t, 1)
	w.put(t, 0, 0, 3)
	for ago, want := range map[time.Duration]int{time.Hour: 3, -time.Second: 0} {
		since := time.Now().Add(-ago).Unix()
		d := w.start(t, "retrievalMode", mode, "applicationName", fmt.Sprint("app", want), "initialPositionInStreamExtended", fmt.Sprint(since),
			"callProcessRecordsEvenForEmptyRecordList", "true")
		p := w.stage.ready(t)
		if *p.init.SequenceNumber != leases.AtTimestamp {
			t.Errorf("got %s", *p.init.SequenceNumber)
		}
		if records := p.records(t); len(records) != want {
			t.Errorf("%s ago: got %d records, want %d", ago, len(records), want)
		}
		p.status(t, multilang.ActionProcessRecords)
		p.kill(t)
		d.stop()
		_ = d.end(t)
	}
}
