package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"golang.org/x/sync/errgroup"
)

const (
	streamName = "bench"
	shards     = 4
	batch      = 500 // records of a request
	dataSize   = 100
	keySize    = 10
)

// streams takes the measures of Kinesis.
func (c *contestant) streams(ctx context.Context, s *server, l *load) error {
	client := kinesis.NewFromConfig(s.config())
	arn, err := createStream(ctx, client)
	if err != nil {
		return err
	}
	if err := c.single(ctx, client, l); err != nil { // before the shards are full: some search them
		return err
	}
	if err := c.fanOut(ctx, client, arn, l); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", c.name, err)
	}
	count, err := c.put(ctx, s, client, l)
	if err != nil {
		return err
	}
	return c.read(ctx, s, client, l, count)
}

// createStream returns the ARN of a stream once it is there.
func createStream(ctx context.Context, client *kinesis.Client) (string, error) {
	if _, err := client.CreateStream(ctx, &kinesis.CreateStreamInput{StreamName: aws.String(streamName), ShardCount: aws.Int32(shards)}); err != nil {
		return "", err
	}
	const attempts = 600
	for range attempts {
		out, err := client.DescribeStreamSummary(ctx, &kinesis.DescribeStreamSummaryInput{StreamName: aws.String(streamName)})
		if err != nil {
			return "", err
		}
		if out.StreamDescriptionSummary.StreamStatus == types.StreamStatusActive {
			return aws.ToString(out.StreamDescriptionSummary.StreamARN), nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return "", errors.New("the stream does not become ACTIVE")
}

// batches are requests that are sent again and again: making them is no part of what is measured.
func batches(count int) [][]types.PutRecordsRequestEntry {
	all := make([][]types.PutRecordsRequestEntry, count)
	for i := range all {
		all[i] = make([]types.PutRecordsRequestEntry, batch)
		for j := range all[i] {
			key := fmt.Sprintf("%0*d", keySize, i*batch+j)
			all[i][j] = types.PutRecordsRequestEntry{Data: bytes.Repeat([]byte(key), dataSize/keySize), PartitionKey: &key}
		}
	}
	return all
}

// put fills the stream and returns with how many records.
func (c *contestant) put(ctx context.Context, s *server, client *kinesis.Client, l *load) (int, error) {
	requests := batches(64)
	var sent, stored atomic.Int64
	before, err := s.memory()
	if err != nil {
		return 0, err
	}
	cost, err := s.costs(func() error {
		ending := time.Now().Add(l.most)
		group, ctx := errgroup.WithContext(ctx)
		for range l.inFlight {
			group.Go(func() error {
				for time.Now().Before(ending) {
					number := int(sent.Add(1)) - 1
					if number*batch >= l.records {
						break
					}
					out, err := client.PutRecords(ctx, &kinesis.PutRecordsInput{StreamName: aws.String(streamName), Records: requests[number%len(requests)]})
					if err != nil {
						return err
					}
					if failed := aws.ToInt32(out.FailedRecordCount); failed > 0 {
						return fmt.Errorf("%d records were refused", failed)
					}
					stored.Add(int64(len(out.Records)))
				}
				return nil
			})
		}
		return group.Wait()
	})
	if err != nil {
		return 0, err
	}
	count := float64(stored.Load())
	after, err := s.memory()
	c.note(putRate, count/cost.took.Seconds())
	c.note(putCPU, cost.cpu.Seconds()/count*1e6)
	c.note(recordBytes, float64(after-before)/count)
	return int(count), err
}

// read reads the whole stream, as often as it takes to have as many records as are wanted: one reader for each request in flight.
func (c *contestant) read(ctx context.Context, s *server, client *kinesis.Client, l *load, stored int) error {
	listed, err := client.ListShards(ctx, &kinesis.ListShardsInput{StreamName: aws.String(streamName)})
	if err != nil {
		return err
	}
	var got atomic.Int64
	rounds := max(1, 2*l.records/max(stored, 1)) // about twice as many as were to be put, however many readers share a round
	readers := min(l.inFlight, len(listed.Shards)*rounds)
	cost, err := s.costs(func() error {
		var next atomic.Int64
		ending := time.Now().Add(l.most)
		group, ctx := errgroup.WithContext(ctx)
		for range readers {
			group.Go(func() error {
				for time.Now().Before(ending) {
					number := int(next.Add(1)) - 1
					if number >= len(listed.Shards)*rounds {
						break
					}
					n, err := readShard(ctx, client, listed.Shards[number%len(listed.Shards)].ShardId, ending)
					got.Add(int64(n))
					if err != nil {
						return err
					}
				}
				return nil
			})
		}
		return group.Wait()
	})
	if err != nil {
		return err
	}
	count := float64(got.Load())
	c.note(getRate, count/cost.took.Seconds())
	c.note(getCPU, cost.cpu.Seconds()/count*1e6)
	return nil
}

// readShard reads a shard from its beginning to its end, and returns how many records that were.
func readShard(ctx context.Context, client *kinesis.Client, shard *string, ending time.Time) (int, error) {
	position, err := client.GetShardIterator(ctx, &kinesis.GetShardIteratorInput{
		StreamName: aws.String(streamName), ShardId: shard, ShardIteratorType: types.ShardIteratorTypeTrimHorizon,
	})
	if err != nil {
		return 0, err
	}
	count := 0
	for iterator := position.ShardIterator; iterator != nil && time.Now().Before(ending); {
		out, err := client.GetRecords(ctx, &kinesis.GetRecordsInput{ShardIterator: iterator})
		if err != nil {
			return count, err
		}
		for i := range out.Records {
			if len(out.Records[i].Data) == 0 {
				return count, errors.New("a record came back empty")
			}
		}
		count += len(out.Records)
		if len(out.Records) == 0 {
			break
		}
		iterator = out.NextShardIterator
	}
	return count, nil
}
