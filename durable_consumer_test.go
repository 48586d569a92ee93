//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// subscriber registers and deregisters consumers of a stream of its own, which it deletes and makes again under the same name in the midst of the
// load, so that snapshots meet that too. After a kill a consumer of before is pushed all that was put.
type subscriber struct {
	consumers map[string]*either // by name: its ARN
	exists    *either
	records   []string // that were acknowledged
	underWay  string
	number    int
	pushed    int
}

const fanOutStream = "pushed"

func newSubscriber() *subscriber { return &subscriber{} }

func (s *subscriber) ready(ctx context.Context, c clients) error {
	if s.exists != nil && s.exists.was != "" {
		return nil
	}
	_, err := c.kinesis.CreateStream(ctx, &kinesis.CreateStreamInput{StreamName: aws.String(fanOutStream), ShardCount: aws.Int32(1)})
	s.reset()
	return err
}

func (s *subscriber) reset() {
	s.exists, s.consumers, s.records, s.underWay = &either{"yes", "yes"}, map[string]*either{}, nil, ""
}

func (s *subscriber) work(ctx context.Context, c clients, random *rand.Rand) error {
	stream := aws.String(fanOutStream)
	switch n := random.IntN(30); {
	case n == 0:
		return s.renew(ctx, c)
	case n < 4:
		return s.change(ctx, c, "consumer-"+strconv.Itoa(random.IntN(4)))
	case n < 6:
		_, err := c.kinesis.AddTagsToStream(ctx, &kinesis.AddTagsToStreamInput{StreamName: stream, Tags: map[string]string{"tag": strconv.Itoa(n)}})
		return err
	default:
		s.number++
		s.underWay = fmt.Sprint("record ", s.number)
		_, err := c.kinesis.PutRecord(ctx, &kinesis.PutRecordInput{StreamName: stream, PartitionKey: aws.String("k"), Data: []byte(s.underWay)})
		if err == nil {
			s.records, s.underWay = append(s.records, s.underWay), ""
		}
		return err
	}
}

// renew deletes the stream and makes another one.
func (s *subscriber) renew(ctx context.Context, c clients) error {
	s.exists.may = ""
	if _, err := c.kinesis.DeleteStream(ctx, &kinesis.DeleteStreamInput{StreamName: aws.String(fanOutStream), EnforceConsumerDeletion: aws.Bool(true)}); err != nil {
		return err
	}
	s.reset()
	s.exists = &either{"", "yes"}
	if _, err := c.kinesis.CreateStream(ctx, &kinesis.CreateStreamInput{StreamName: aws.String(fanOutStream), ShardCount: aws.Int32(1)}); err != nil {
		return err
	}
	s.reset()
	return nil
}

// change registers a consumer, or deregisters one that is there.
func (s *subscriber) change(ctx context.Context, c clients, name string) error {
	one := s.consumers[name]
	if one != nil && one.was != "" {
		one.may = ""
		_, err := c.kinesis.DeregisterStreamConsumer(ctx, &kinesis.DeregisterStreamConsumerInput{ConsumerARN: &one.was})
		if err == nil {
			one.was = ""
		}
		return err
	}
	stream, err := c.kinesis.DescribeStreamSummary(ctx, &kinesis.DescribeStreamSummaryInput{StreamName: aws.String(fanOutStream)})
	if err != nil {
		return err
	}
	one = &either{"", "new"}
	s.consumers[name] = one
	out, err := c.kinesis.RegisterStreamConsumer(ctx, &kinesis.RegisterStreamConsumerInput{StreamARN: stream.StreamDescriptionSummary.StreamARN, ConsumerName: &name})
	if err == nil {
		one.was, one.may = *out.Consumer.ConsumerARN, *out.Consumer.ConsumerARN
	}
	return err
}

// check finds the consumers that were acknowledged, and has one of them read.
func (s *subscriber) check(ctx context.Context, c clients) error {
	stream, err := c.kinesis.DescribeStreamSummary(ctx, &kinesis.DescribeStreamSummaryInput{StreamName: aws.String(fanOutStream)})
	if gone, ok := errors.AsType[*types.ResourceNotFoundException](err); ok {
		if s.exists.may != "" && s.exists.was != "" {
			return gone
		}
		s.exists.was = ""
		return nil
	}
	if err != nil {
		return err
	}
	s.exists = &either{"yes", "yes"}
	out, err := c.kinesis.ListStreamConsumers(ctx, &kinesis.ListStreamConsumersInput{StreamARN: stream.StreamDescriptionSummary.StreamARN})
	if err != nil {
		return err
	}
	found := map[string]string{}
	for _, one := range out.Consumers {
		found[*one.ConsumerName] = *one.ConsumerARN
	}
	for name, one := range s.consumers {
		if one.may == "new" && found[name] != "" {
			one.may = found[name]
		}
		if err := one.settle(found[name]); err != nil {
			return fmt.Errorf("consumer %s: %w", name, err)
		}
		delete(found, name)
	}
	if len(found) > 0 {
		return fmt.Errorf("consumers that nobody registered, or that were deleted with their stream: %v", found)
	}
	for _, one := range s.consumers {
		if one.was != "" {
			return s.push(ctx, c, one.was)
		}
	}
	return nil
}

// push reads the stream from its beginning by a consumer.
func (s *subscriber) push(ctx context.Context, c clients, consumer string) error {
	out, err := c.kinesis.SubscribeToShard(ctx, &kinesis.SubscribeToShardInput{
		ConsumerARN: &consumer, ShardId: aws.String("shardId-000000000000"), StartingPosition: &types.StartingPosition{Type: types.ShardIteratorTypeTrimHorizon},
	})
	if err != nil {
		return err
	}
	defer func() { _ = out.GetStream().Close() }() // it was read as far as it matters
	var got []string
	for event := range out.GetStream().Events() {
		one, ok := event.(*types.SubscribeToShardEventStreamMemberSubscribeToShardEvent)
		if !ok {
			continue
		}
		for _, record := range one.Value.Records {
			got = append(got, string(record.Data))
		}
		if *one.Value.MillisBehindLatest == 0 {
			break
		}
	}
	if s.underWay != "" && slices.Contains(got, s.underWay) {
		s.records = append(s.records, s.underWay)
	}
	s.underWay = ""
	if !slices.Equal(got, s.records) {
		return fmt.Errorf("%s was pushed %d records, not the %d that were put: %q", consumer, len(got), len(s.records), got)
	}
	s.pushed++
	return nil
}
