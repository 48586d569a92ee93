package kcl_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"clickstream/kcl"
	"clickstream/kcl/kcltest"
)

// clickStream gathers clicks and stores them in batches, as the click stream sample does. It stores first and checkpoints then: the
// other way round a crash between the two would lose the batch.
type clickStream struct {
	shardID, first, last string
	batch                bytes.Buffer
	store                func(ctx context.Context, key string, body []byte) error // such as a PUT to S3
}

func (c *clickStream) Initialize(_ context.Context, in *kcl.InitializeInput) error {
	c.shardID = in.ShardID
	return nil
}

func (c *clickStream) ProcessRecords(ctx context.Context, in *kcl.ProcessRecordsInput) error {
	for _, r := range in.Records {
		if c.batch.Len() == 0 {
			c.first = r.SequenceNumber
		}
		c.last = r.SequenceNumber
		c.batch.Write(append(r.Data, '\n'))
	}
	if c.batch.Len() < 1<<20 {
		return nil
	}
	return c.flush(ctx, in.Checkpointer.Checkpoint)
}

func (c *clickStream) LeaseLost(context.Context, *kcl.LeaseLostInput) error { return nil } // the next worker gets these records again

func (c *clickStream) ShardEnded(ctx context.Context, in *kcl.ShardEndedInput) error {
	return c.flush(ctx, in.Checkpointer.Checkpoint)
}

func (c *clickStream) ShutdownRequested(ctx context.Context, in *kcl.ShutdownRequestedInput) error {
	return c.flush(ctx, in.Checkpointer.Checkpoint)
}

func (c *clickStream) flush(ctx context.Context, checkpoint func(context.Context) error) error {
	if c.batch.Len() > 0 {
		if err := c.store(ctx, c.shardID+"/"+c.first+"-"+c.last, c.batch.Bytes()); err != nil {
			return err
		}
		c.batch.Reset()
	}
	return checkpoint(ctx)
}

// The click stream sample. Its program is one line more: func main() { os.Exit(kcl.Main(&clickStream{store: upload})) }.
func Example() {
	shard := kcltest.NewShard("shardId-000000000000")
	shard.Put("resource-1", []byte(`{"resource":"resource-1","referrer":"http://www.amazon.com"}`))
	shard.Put("resource-2", []byte(`{"resource":"resource-2","referrer":"http://reddit.com"}`))

	processor := &clickStream{store: func(_ context.Context, key string, body []byte) error {
		fmt.Printf("%s\n%s", key, body)
		return nil
	}}
	fmt.Println(shard.Run(context.Background(), processor, true))
	// Output:
	// shardId-000000000000/49680469734578211411426558216745703636935860000000000001-49680469734578211411426558216745703636935860000000000002
	// {"resource":"resource-1","referrer":"http://www.amazon.com"}
	// {"resource":"resource-2","referrer":"http://reddit.com"}
	// <nil>
}

// rollingCount counts the clicks of the last minute, by the time of their arrival. It stores nothing, so it checkpoints
// what has left the window: after a restart the records in it come again and the counts are whole.
type rollingCount struct {
	window []kcl.Record
	counts map[string]int
}

func (c *rollingCount) Initialize(context.Context, *kcl.InitializeInput) error {
	c.counts = map[string]int{}
	return nil
}

func (c *rollingCount) ProcessRecords(ctx context.Context, in *kcl.ProcessRecordsInput) error {
	for _, r := range in.Records {
		c.window = append(c.window, r)
		c.counts[resource(r)]++
	}
	var left kcl.Record
	for len(c.window) > 0 && c.newest().Sub(c.window[0].ApproximateArrivalTimestamp) > time.Minute {
		left, c.window = c.window[0], c.window[1:]
		if c.counts[resource(left)]--; c.counts[resource(left)] == 0 {
			delete(c.counts, resource(left))
		}
	}
	if left.SequenceNumber == "" {
		return nil
	}
	return in.Checkpointer.CheckpointRecord(ctx, left)
}

func (c *rollingCount) newest() time.Time {
	return c.window[len(c.window)-1].ApproximateArrivalTimestamp
}

func (c *rollingCount) LeaseLost(context.Context, *kcl.LeaseLostInput) error { return nil }

func (c *rollingCount) ShardEnded(ctx context.Context, in *kcl.ShardEndedInput) error {
	return in.Checkpointer.Checkpoint(ctx)
}

// resource reads the field of a click; what is not a click counts as the empty resource.
func resource(r kcl.Record) string {
	var click struct{ Resource string }
	_ = json.Unmarshal(r.Data, &click)
	return click.Resource
}

// A rolling count for each resource, over the last minute.
func Example_rollingCount() {
	shard := kcltest.NewShard("shardId-000000000000")
	for range 3 {
		shard.Put("/a", []byte(`{"resource":"/a"}`))
	}
	shard.Put("/b", []byte(`{"resource":"/b"}`))

	processor := new(rollingCount)
	fmt.Println(shard.Run(context.Background(), processor, false))
	byCount := slices.SortedFunc(maps.Keys(processor.counts), func(a, b string) int {
		return cmp.Compare(processor.counts[b], processor.counts[a])
	})
	for _, resource := range byCount {
		fmt.Println(resource, processor.counts[resource])
	}
	// Output:
	// <nil>
	// /a 3
	// /b 1
}
