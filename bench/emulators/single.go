package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// single measures one call at a time: how long PutRecord takes, and how soon after its beginning a reader has the record.
func (c *contestant) single(ctx context.Context, client *kinesis.Client, l *load) error {
	data, key := bytes.Repeat([]byte("x"), dataSize), aws.String("0123456789")
	put := func() (*kinesis.PutRecordOutput, error) {
		return client.PutRecord(ctx, &kinesis.PutRecordInput{StreamName: aws.String(streamName), Data: data, PartitionKey: key})
	}
	first, err := put()
	if err != nil {
		return err
	}
	ending := time.Now().Add(l.most)
	var puts, gets []float64
	for len(puts) < l.calls && time.Now().Before(ending) {
		begin := time.Now()
		if _, err := put(); err != nil {
			return err
		}
		puts = append(puts, millis(time.Since(begin)))
	}
	c.note(putMillis, median(puts))
	position, err := client.GetShardIterator(ctx, &kinesis.GetShardIteratorInput{
		StreamName: aws.String(streamName), ShardId: first.ShardId, ShardIteratorType: types.ShardIteratorTypeLatest,
	})
	if err != nil {
		return err
	}
	iterator := position.ShardIterator
	for ending = time.Now().Add(l.most); len(gets) < l.calls && time.Now().Before(ending); {
		begin := time.Now()
		if _, err := put(); err != nil {
			return err
		}
		for got := 0; got == 0; {
			out, err := client.GetRecords(ctx, &kinesis.GetRecordsInput{ShardIterator: iterator})
			if err != nil {
				return err
			}
			got, iterator = len(out.Records), out.NextShardIterator
		}
		gets = append(gets, millis(time.Since(begin)))
	}
	c.note(putToGetMillis, median(gets))
	return nil
}

// fanOut measures how soon after the beginning of PutRecord a consumer with a subscription has the record.
func (c *contestant) fanOut(ctx context.Context, client *kinesis.Client, arn string, l *load) error {
	registered, err := client.RegisterStreamConsumer(ctx, &kinesis.RegisterStreamConsumerInput{StreamARN: &arn, ConsumerName: aws.String("bench")})
	if err != nil {
		return err
	}
	if err := awaitConsumer(ctx, client, registered.Consumer.ConsumerARN); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 2*l.most)
	defer cancel()
	data, key := bytes.Repeat([]byte("x"), dataSize), aws.String("0123456789")
	put := func() (*kinesis.PutRecordOutput, error) {
		return client.PutRecord(ctx, &kinesis.PutRecordInput{StreamName: aws.String(streamName), Data: data, PartitionKey: key})
	}
	one, err := put()
	if err != nil {
		return err
	}
	subscribed, err := client.SubscribeToShard(ctx, &kinesis.SubscribeToShardInput{
		ConsumerARN: registered.Consumer.ConsumerARN, ShardId: one.ShardId, StartingPosition: &types.StartingPosition{Type: types.ShardIteratorTypeLatest},
	})
	if err != nil {
		return err
	}
	stream := subscribed.GetStream()
	defer func() { _ = stream.Close() }()
	var pushes []float64
	for ending := time.Now().Add(l.most); len(pushes) < l.calls && time.Now().Before(ending); {
		begin := time.Now()
		done := make(chan error, 1)
		go func() { _, err := put(); done <- err }()
		if err := awaitRecord(stream); err != nil {
			return errors.Join(err, <-done)
		}
		pushes = append(pushes, millis(time.Since(begin)))
		if err := <-done; err != nil {
			return err
		}
	}
	c.note(pushMillis, median(pushes))
	return nil
}

func awaitConsumer(ctx context.Context, client *kinesis.Client, arn *string) error {
	const attempts = 100
	for range attempts {
		out, err := client.DescribeStreamConsumer(ctx, &kinesis.DescribeStreamConsumerInput{ConsumerARN: arn})
		if err != nil {
			return err
		}
		if out.ConsumerDescription.ConsumerStatus == types.ConsumerStatusActive {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return errors.New("the consumer does not become ACTIVE")
}

// awaitRecord waits for an event that holds a record.
func awaitRecord(stream *kinesis.SubscribeToShardEventStream) error {
	for event := range stream.Events() {
		if records, ok := event.(*types.SubscribeToShardEventStreamMemberSubscribeToShardEvent); ok && len(records.Value.Records) > 0 {
			return nil
		}
	}
	return fmt.Errorf("the subscription ended: %w", stream.Err())
}
