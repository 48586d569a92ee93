package producer

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"clickstream/kcl/deaggregate"
	"clickstream/kcl/multilang"
)

// oneShard stores what it gets, aggregates taken apart.
type oneShard struct {
	API
	stored map[string]string // partition keys by data
}

func (oneShard) ListShards(context.Context, *kinesis.ListShardsInput, ...func(*kinesis.Options)) (*kinesis.ListShardsOutput, error) {
	return &kinesis.ListShardsOutput{Shards: []types.Shard{{
		ShardId: new("shardId-000000000000"), HashKeyRange: &types.HashKeyRange{StartingHashKey: new("0"), EndingHashKey: new(maxHashKey)},
	}}}, nil
}

func (o oneShard) PutRecords(_ context.Context, in *kinesis.PutRecordsInput, _ ...func(*kinesis.Options)) (*kinesis.PutRecordsOutput, error) {
	out := new(kinesis.PutRecordsOutput)
	for _, r := range in.Records {
		parts, _ := deaggregate.Records([]multilang.Record{{Data: r.Data, PartitionKey: *r.PartitionKey}}, deaggregate.AllHashKeys())
		for _, part := range parts {
			o.stored[string(part.Data)] = part.PartitionKey
		}
		out.Records = append(out.Records, types.PutRecordsResultEntry{ShardId: new("shardId-000000000000"), SequenceNumber: new("1")})
	}
	return out, nil
}

// TestKeysThatWantOnePlace: of keys that are in each other's way in the cache, each record has its own.
func TestKeysThatWantOnePlace(t *testing.T) {
	t.Parallel()
	cache := newHashCache(hashOf)
	var keys []string
	for i := 0; len(keys) < 6; i++ {
		if key := fmt.Sprintf("key-%08d", i); cache.place(key)>>1 == cache.place("key-00000000")>>1 {
			keys = append(keys, key)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		shard := oneShard{stored: make(map[string]string)}
		p, err := New(t.Context(), Options{Client: shard, Stream: "s", Aggregate: true, AggregateBytes: 300, InFlight: 1, MaxRecordBytes: usualRecord})
		if err != nil {
			t.Fatal(err)
		}
		random, put := rand.New(rand.NewPCG(1, 2)), make(map[string]string)
		for i := range 10_000 {
			data, key := fmt.Sprint("record ", i), keys[random.IntN(len(keys))]
			put[data] = key
			if err := p.Put(t.Context(), Record{PartitionKey: key, Data: []byte(data)}, nil); err != nil {
				t.Fatal(err)
			}
		}
		if err := p.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		for data, key := range put {
			if shard.stored[data] != key {
				t.Fatalf("%s was put with key %s and came with %q", data, key, shard.stored[data])
			}
		}
	})
}
