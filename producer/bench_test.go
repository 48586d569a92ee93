package producer_test

import (
	"context"
	"crypto/md5"
	"fmt"
	"math/big"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"clickstream/producer"
)

// instantly is a stream of eight shards that has everything at once.
type instantly struct{}

func (instantly) DescribeStreamSummary(
	context.Context, *kinesis.DescribeStreamSummaryInput, ...func(*kinesis.Options),
) (*kinesis.DescribeStreamSummaryOutput, error) {
	return &kinesis.DescribeStreamSummaryOutput{StreamDescriptionSummary: &types.StreamDescriptionSummary{}}, nil
}

func (instantly) ListShards(context.Context, *kinesis.ListShardsInput, ...func(*kinesis.Options)) (*kinesis.ListShardsOutput, error) {
	out := new(kinesis.ListShardsOutput)
	starts := []string{
		"0", "42535295865117307932921825928971026432", "85070591730234615865843651857942052864", "127605887595351923798765477786913079296",
		"170141183460469231731687303715884105728", "212676479325586539664609129644855132160", "255211775190703847597530955573826158592",
		"297747071055821155530452781502797185024",
	}
	ends := []string{
		"42535295865117307932921825928971026431", "85070591730234615865843651857942052863", "127605887595351923798765477786913079295",
		"170141183460469231731687303715884105727", "212676479325586539664609129644855132159", "255211775190703847597530955573826158591",
		"297747071055821155530452781502797185023", "340282366920938463463374607431768211455",
	}
	for i := range starts {
		out.Shards = append(out.Shards, types.Shard{
			ShardId: aws.String(fmt.Sprint("shardId-", i)), SequenceNumberRange: &types.SequenceNumberRange{StartingSequenceNumber: &starts[i]},
			HashKeyRange: &types.HashKeyRange{StartingHashKey: &starts[i], EndingHashKey: &ends[i]},
		})
	}
	return out, nil
}

func (instantly) PutRecords(_ context.Context, in *kinesis.PutRecordsInput, _ ...func(*kinesis.Options)) (*kinesis.PutRecordsOutput, error) {
	out := &kinesis.PutRecordsOutput{Records: make([]types.PutRecordsResultEntry, len(in.Records))}
	for i := range out.Records {
		out.Records[i] = types.PutRecordsResultEntry{ShardId: shardOf(&in.Records[i]), SequenceNumber: aws.String("1")}
	}
	return out, nil
}

// shardOf returns the eighth of the hash keys that a record belongs to.
func shardOf(r *types.PutRecordsRequestEntry) *string {
	sum := md5.Sum([]byte(*r.PartitionKey))
	if r.ExplicitHashKey != nil {
		key, _ := new(big.Int).SetString(*r.ExplicitHashKey, 10)
		key.FillBytes(sum[:])
	}
	return aws.String(fmt.Sprint("shardId-", sum[0]>>5))
}

// BenchmarkPut is what a record costs without request and signature.
func BenchmarkPut(b *testing.B) {
	for _, aggregate := range []bool{false, true} {
		b.Run(fmt.Sprintf("aggregate=%v", aggregate), func(b *testing.B) {
			p, err := producer.New(b.Context(), producer.Options{Client: instantly{}, Stream: "s", Aggregate: aggregate, InFlight: 1})
			if err != nil {
				b.Fatal(err)
			}
			var records []producer.Record
			for i := range 600 {
				key := fmt.Sprintf("resource-%03d", i%100)
				data := fmt.Sprintf(`{"resource":"%s","referrer":"http://www.referrer-%d.example"}`, key, i/100)
				records = append(records, producer.Record{PartitionKey: key, Data: []byte(data)})
			}
			var settled atomic.Int64
			done := func(producer.Result) { settled.Add(1) }
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if err := p.Put(b.Context(), records[i%len(records)], done); err != nil {
					b.Fatal(err)
				}
			}
			if err := p.Close(b.Context()); err != nil || settled.Load() != int64(b.N) {
				b.Fatal(err, settled.Load(), b.N)
			}
		})
	}
}
