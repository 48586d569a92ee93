package daemon_test

import (
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"clickstream/internal/leases"
)

// BenchmarkBacklog reads a backlog of two shards, 200,000 records of 63 bytes, through the daemon and two child processes that
// checkpoint each batch. The emulator is in this process, so its work is in the time and in a profile of it; the children's is in the
// time alone.
func BenchmarkBacklog(b *testing.B) { backlog(b) }

// BenchmarkBacklogByFanOut is BenchmarkBacklog by SubscribeToShard. A second of it passes until the consumer is registered.
func BenchmarkBacklogByFanOut(b *testing.B) { backlog(b, pushed...) }

func backlog(b *testing.B, changes ...string) {
	b.Helper()
	const shards, batches = 2, 200
	w := newWorld(b, shards)
	last := w.fill(b, shards, batches)
	for i := 0; b.Loop(); i++ {
		application := fmt.Sprint("bench", i)
		d := w.start(b, append(changes, "applicationName", application, "executableName", os.Args[0]+" "+counterWord)...)
		table := leases.NewTable(w.dynamodb, application)
		eventually(b, func() bool {
			all, err := table.List(b.Context())
			done := 0
			for i := range all {
				if all[i].Checkpoint == last[all[i].Key] {
					done++
				}
			}
			return err == nil && done == shards
		}, func() string { return "not read to the end" })
		b.StopTimer()
		d.stop()
		if err := d.end(b); errors.Is(err, os.ErrProcessDone) {
			b.Fatal(err)
		}
		b.StartTimer()
	}
	b.ReportMetric(float64(shards*batches*500*b.N)/b.Elapsed().Seconds(), "records/s")
}

// fill puts batches of 500 records into each shard and returns their last sequence numbers.
func (w *world) fill(tb testing.TB, shards, batches int) map[string]string {
	tb.Helper()
	all, err := w.emulator.Kinesis().Shards(streamName)
	if err != nil {
		tb.Fatal(err)
	}
	last := map[string]string{}
	for shard := range shards {
		entries := make([]types.PutRecordsRequestEntry, 500)
		for i := range entries {
			entries[i] = types.PutRecordsRequestEntry{
				Data:         fmt.Appendf(nil, `{"resource":"resource-%d","referrer":"http://www.amazon.com/%05d"}`, i%10, i),
				PartitionKey: aws.String(fmt.Sprint("resource-", i%10)), ExplicitHashKey: &all[shard].HashKeyRange.StartingHashKey,
			}
		}
		for range batches {
			out, err := w.kinesis.PutRecords(tb.Context(), &kinesis.PutRecordsInput{StreamName: aws.String(streamName), Records: entries})
			if err != nil {
				tb.Fatal(err)
			}
			last[all[shard].ShardId] = *out.Records[len(out.Records)-1].SequenceNumber
		}
	}
	return last
}
