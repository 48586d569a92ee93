package verify

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"clickstream/internal/awsclient"
	"clickstream/internal/delivery"
	"clickstream/internal/leases"
	"clickstream/kcl/deaggregate"
	"clickstream/kcl/multilang"
)

// throttleWait is the pause after a refused GetRecords: the service allows five a second for each shard.
const throttleWait = time.Second

// streamReader reads one shard from its oldest record on, as the daemon delivers it: aggregates taken apart.
type streamReader struct {
	client   *kinesis.Client
	stream   string
	shard    string
	hashKeys deaggregate.HashKeyRange
	from     string // sequence number to begin at, "" for the oldest record

	iterator *string
	last     string // the newest sequence number that was read
	begun    bool
	pending  []multilang.Record
}

// next returns the next records that are there, none when the shard is read to its end or up to now.
func (s *streamReader) next(ctx context.Context) ([]multilang.Record, error) {
	if !s.begun {
		if err := s.seek(ctx); err != nil {
			return nil, err
		}
		s.begun = true
	}
	for s.iterator != nil {
		out, err := s.client.GetRecords(ctx, &kinesis.GetRecordsInput{ShardIterator: s.iterator})
		if again, err := s.recover(ctx, err); err != nil {
			return nil, awsclient.Explain(err, "read shard "+s.shard)
		} else if again {
			continue
		}
		s.iterator = out.NextShardIterator
		if len(out.Records) == 0 {
			if aws.ToInt64(out.MillisBehindLatest) == 0 {
				return nil, nil // up to now
			}
			continue
		}
		s.last = aws.ToString(out.Records[len(out.Records)-1].SequenceNumber)
		if parts := s.parts(out.Records); len(parts) > 0 {
			return parts, nil
		}
	}
	return nil, nil
}

// recover reports whether a failed call is to be made again.
func (s *streamReader) recover(ctx context.Context, err error) (again bool, _ error) {
	if err == nil {
		return false, nil
	}
	if _, busy := errors.AsType[*types.ProvisionedThroughputExceededException](err); busy {
		timer := time.NewTimer(throttleWait)
		defer timer.Stop()
		select {
		case <-ctx.Done():
			return false, context.Cause(ctx)
		case <-timer.C:
			return true, nil
		}
	}
	if _, old := errors.AsType[*types.ExpiredIteratorException](err); old {
		return true, s.seek(ctx)
	}
	return false, err
}

// seek gets an iterator behind the newest record that was read.
func (s *streamReader) seek(ctx context.Context) error {
	in := &kinesis.GetShardIteratorInput{StreamName: &s.stream, ShardId: &s.shard, ShardIteratorType: types.ShardIteratorTypeTrimHorizon}
	switch {
	case s.last != "":
		in.ShardIteratorType, in.StartingSequenceNumber = types.ShardIteratorTypeAfterSequenceNumber, &s.last
	case s.from != "":
		in.ShardIteratorType, in.StartingSequenceNumber = types.ShardIteratorTypeAtSequenceNumber, &s.from
	}
	out, err := s.client.GetShardIterator(ctx, in)
	if err != nil {
		return awsclient.Explain(err, "read shard "+s.shard)
	}
	s.iterator = out.ShardIterator
	return nil
}

// begin asks for a place in a shard as the daemon does where it goes on at a checkpoint. The error says, as the daemon's, when there is none.
func begin(ctx context.Context, client *kinesis.Client, stream, shard, sequence string) error {
	_, err := client.GetShardIterator(ctx, &kinesis.GetShardIteratorInput{
		StreamName: &stream, ShardId: &shard, ShardIteratorType: types.ShardIteratorTypeAtSequenceNumber, StartingSequenceNumber: &sequence,
	})
	return leases.Refused(stream, shard, sequence, err)
}

func (s *streamReader) parts(records []types.Record) []multilang.Record {
	s.pending = s.pending[:0]
	for i := range records {
		r := &records[i]
		s.pending = append(s.pending, multilang.Record{
			Data: r.Data, PartitionKey: aws.ToString(r.PartitionKey), SequenceNumber: aws.ToString(r.SequenceNumber),
		})
	}
	parts, _ := deaggregate.Records(s.pending, s.hashKeys)
	return parts
}

func position(r *multilang.Record) delivery.Position {
	return delivery.Position{Sequence: r.SequenceNumber, Sub: r.SubSequenceNumber}
}

// listShards returns the stream's shards by id, closed ones too; nil if the stream is gone.
func listShards(ctx context.Context, client *kinesis.Client, stream string) (map[string]types.Shard, error) {
	shards := map[string]types.Shard{}
	in := &kinesis.ListShardsInput{StreamName: &stream}
	for {
		out, err := client.ListShards(ctx, in)
		if _, gone := errors.AsType[*types.ResourceNotFoundException](err); gone {
			return nil, nil
		}
		if err != nil {
			return nil, awsclient.Explain(err, "list the shards of stream "+stream)
		}
		for _, shard := range out.Shards {
			shards[aws.ToString(shard.ShardId)] = shard
		}
		if out.NextToken == nil {
			return shards, nil
		}
		in = &kinesis.ListShardsInput{NextToken: out.NextToken}
	}
}

func missing(err error) bool {
	_, none := errors.AsType[*s3types.NoSuchKey](err)
	return none
}
