package producer_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"clickstream/emulator"
	"clickstream/producer"
)

// TestShardLimits: into shards that take 1,000 records and 1 MiB a second, records go about as fast as that and are hardly ever refused.
func TestShardLimits(t *testing.T) {
	for name, test := range map[string]struct {
		records, size int
		seconds       float64
	}{
		"by records": {8_000, 20, 2},
		"by bytes":   {600, 20_000, 2.9},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, 4, emulator.Options{Throttle: true})
				p := mustNew(t, w, producer.Options{ShardLimits: true})
				start := time.Now()
				for i := range test.records {
					mustPut(t, p, producer.Record{PartitionKey: fmt.Sprint(i), Data: make([]byte, test.size)}, nil)
				}
				mustClose(t, p)
				took, s := time.Since(start).Seconds(), p.Stats()
				if s.Delivered != int64(test.records) || s.Throttled > s.Delivered/20 || took < test.seconds*0.9 || took > test.seconds*1.5+1 {
					t.Errorf("%d records in %.2f s, want about %.2f; stats %+v", s.Delivered, took, test.seconds, s)
				}
				t.Logf("%d records in %.2f s, %d throttled", s.Delivered, took, s.Throttled)
			})
		})
	}
}

// sharedShard is a shard from which others take a part: it takes so many records a second of ours.
type sharedShard struct {
	*world
	mode   types.StreamMode
	limit  int
	second int64
	taken  int
}

func (s *sharedShard) DescribeStreamSummary(ctx context.Context, in *kinesis.DescribeStreamSummaryInput, o ...func(*kinesis.Options)) (*kinesis.DescribeStreamSummaryOutput, error) {
	out, err := s.world.DescribeStreamSummary(ctx, in, o...)
	if err == nil {
		out.StreamDescriptionSummary.StreamModeDetails = &types.StreamModeDetails{StreamMode: s.mode}
	}
	return out, err
}

func (s *sharedShard) PutRecords(_ context.Context, in *kinesis.PutRecordsInput, _ ...func(*kinesis.Options)) (*kinesis.PutRecordsOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := time.Now().Unix(); now != s.second {
		s.second, s.taken = now, 0
	}
	out := &kinesis.PutRecordsOutput{}
	for range in.Records {
		if s.taken++; s.taken > s.limit {
			out.Records = append(out.Records, types.PutRecordsResultEntry{ErrorCode: &s.code, ErrorMessage: new("others write too")})
			continue
		}
		out.Records = append(out.Records, types.PutRecordsResultEntry{SequenceNumber: new("1"), ShardId: new("shardId-000000000000")})
	}
	return out, nil
}

// TestAllowancesAdapt: where others write to the shard too, and where the mode says that there is no fixed limit, what is refused lowers the
// rate, and what goes through is close to what the shard takes.
func TestAllowancesAdapt(t *testing.T) {
	for _, test := range []struct {
		mode    types.StreamMode
		limit   int
		seconds float64 // for 20,000 records
	}{
		{types.StreamModeProvisioned, 400, 50},
		{types.StreamModeOnDemand, 3000, 20.0 / 3},
		{types.StreamModeOnDemand, 1_000_000, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			shard := &sharedShard{world: newWorld(t, 1, emulator.Options{}), mode: test.mode, limit: test.limit}
			p, err := producer.New(t.Context(), producer.Options{Client: shard, Stream: stream, ShardLimits: true})
			if err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			for i := range 20_000 {
				mustPut(t, p, producer.Record{PartitionKey: "k", Data: number(i)}, nil)
			}
			mustClose(t, p)
			took, s := time.Since(start).Seconds(), p.Stats()
			if s.Delivered != 20_000 || took > test.seconds*1.6+1 || s.Throttled > 60_000 {
				t.Errorf("%s, %d a second: %.2f s, want about %.2f; stats %+v", test.mode, test.limit, took, test.seconds, s)
			}
			t.Logf("%s, %d a second: %.2f s, %d throttled", test.mode, test.limit, took, s.Throttled)
		})
	}
}

// TestFollowsTheShards: the shards that Shards returns are read again when an answer names another one, and not more than once a second.
func TestFollowsTheShards(t *testing.T) {
	bubble(t, 2, func(w *world) {
		t := w.t
		p := mustNew(t, w, producer.Options{FollowShards: true})
		before, version := p.Shards()
		if len(before) != 2 || version != p.ShardsVersion() {
			t.Errorf("shards %v, version %d", before, version)
		}
		w.split(t, 0)
		for i := range 100 {
			if _, err := p.PutSync(t.Context(), producer.Record{PartitionKey: fmt.Sprint(i)}); err != nil {
				t.Fatal(err)
			}
		}
		after, later := p.Shards()
		if len(after) != 3 || later != version+1 {
			t.Errorf("shards %v, version %d after %d", after, later, version)
		}
		mustClose(t, p)
	})
}

// TestShardsThatCannotBeRead: aggregates that came to a shard which nobody can find out about are sent again record by record, instead of
// waiting for ever.
func TestShardsThatCannotBeRead(t *testing.T) {
	bubble(t, 1, func(w *world) {
		t := w.t
		p := mustNew(t, w, producer.Options{Aggregate: true, InFlight: 1})
		w.split(t, 0)
		w.mu.Lock()
		w.unlisted = true
		w.mu.Unlock()
		const records = 20
		for i := range records {
			mustPut(t, p, producer.Record{PartitionKey: fmt.Sprint(i), Data: number(i)}, func(r producer.Result) {
				if r.Err != nil || r.Aggregated || !r.MaybeTwice {
					t.Errorf("%+v", r)
				}
			})
		}
		mustClose(t, p)
		if s := p.Stats(); s.Delivered != records || s.Strayed != records {
			t.Errorf("%+v", s)
		}
	})
}
