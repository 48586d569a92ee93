package emulator_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/smithy-go/eventstream"
	"github.com/fxamacker/cbor/v2"
	"github.com/google/go-cmp/cmp"

	"clickstream/emulator"
)

const (
	clicksARN = "arn:aws:kinesis:eu-west-1:000000000000:stream/clicks"
	heartbeat = 5 * time.Second
)

// register makes a consumer of the stream clicks and returns its ARN.
func register(t *testing.T, client *kinesis.Client, name string) *string {
	t.Helper()
	out, err := client.RegisterStreamConsumer(t.Context(), &kinesis.RegisterStreamConsumerInput{StreamARN: aws.String(clicksARN), ConsumerName: &name})
	if err != nil {
		t.Fatal(err)
	}
	return out.Consumer.ConsumerARN
}

// subscribe opens a subscription, which ends with the test, by a client of its own: those of one client share a decoder, which the race
// detector reports.
func subscribe(t *testing.T, e *emulator.Emulator, consumer *string, shard int, from types.StartingPosition) *kinesis.SubscribeToShardEventStream {
	t.Helper()
	out, err := kinesis.NewFromConfig(config(e)).SubscribeToShard(t.Context(), &kinesis.SubscribeToShardInput{
		ConsumerARN: consumer, ShardId: aws.String(fmt.Sprintf("shardId-%012d", shard)), StartingPosition: &from,
	})
	if err != nil {
		t.Fatal(err)
	}
	stream := out.GetStream()
	t.Cleanup(func() { _ = stream.Close() })
	return stream
}

// event waits for the next one.
func event(t *testing.T, stream *kinesis.SubscribeToShardEventStream) types.SubscribeToShardEvent {
	t.Helper()
	got, open := <-stream.Events()
	if !open {
		t.Fatalf("the subscription ended: %v", stream.Err())
	}
	member, ok := got.(*types.SubscribeToShardEventStreamMemberSubscribeToShardEvent)
	if !ok {
		t.Fatalf("an event of type %T", got)
	}
	return member.Value
}

func data(event types.SubscribeToShardEvent) []string {
	var all []string
	for _, record := range event.Records {
		all = append(all, string(record.Data))
	}
	return all
}

func putOne(t *testing.T, client *kinesis.Client, content string) string {
	t.Helper()
	out, err := client.PutRecord(t.Context(), &kinesis.PutRecordInput{StreamName: aws.String("clicks"), Data: []byte(content), PartitionKey: aws.String("k")})
	if err != nil {
		t.Fatal(err)
	}
	return *out.SequenceNumber
}

// inBubble runs a test with a stream of one shard in virtual time.
func inBubble(t *testing.T, options emulator.Options, test func(*testing.T, *emulator.Emulator, *kinesis.Client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		e, err := emulator.New(options)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := e.Close(); err != nil {
				t.Error(err)
			}
		})
		client := kinesis.NewFromConfig(config(e))
		create(t, client, "clicks", 1)
		test(t, e, client)
	})
}

func horizon() types.StartingPosition {
	return types.StartingPosition{Type: types.ShardIteratorTypeTrimHorizon}
}

func TestSubscriptionPushesRecords(t *testing.T) {
	t.Parallel()
	inBubble(t, emulator.Options{}, func(t *testing.T, e *emulator.Emulator, client *kinesis.Client) {
		t.Helper()
		first := putOne(t, client, "first")
		consumer := register(t, client, "fan")
		stream := subscribe(t, e, consumer, 0, horizon())
		got := event(t, stream)
		if !cmp.Equal(data(got), []string{"first"}) || *got.ContinuationSequenceNumber != first || *got.MillisBehindLatest != 0 {
			t.Errorf("first event %q, continues at %s", data(got), *got.ContinuationSequenceNumber)
		}
		began := time.Now()
		quiet := event(t, stream)
		if took := time.Since(began); len(quiet.Records) != 0 || took != 5*time.Second || *quiet.MillisBehindLatest != 0 {
			t.Errorf("a quiet shard's event after %v has %d records", took, len(quiet.Records))
		}
		time.Sleep(time.Second)
		began = time.Now()
		second := putOne(t, client, "second")
		got = event(t, stream)
		if took := time.Since(began); !cmp.Equal(data(got), []string{"second"}) || took != 0 || *got.ContinuationSequenceNumber != second {
			t.Errorf("%q was pushed after %v", data(got), took)
		}
		if *quiet.ContinuationSequenceNumber <= first || *quiet.ContinuationSequenceNumber >= second {
			t.Errorf("the number %s of an empty event is not between %s and %s", *quiet.ContinuationSequenceNumber, first, second)
		}
		time.Sleep(5 * time.Second)
		for _, kind := range []types.ShardIteratorType{types.ShardIteratorTypeAtSequenceNumber, types.ShardIteratorTypeAfterSequenceNumber} {
			from := iterator(t, client, kinesis.GetShardIteratorInput{
				StreamName: aws.String("clicks"), ShardId: aws.String("shardId-000000000000"), ShardIteratorType: kind, StartingSequenceNumber: quiet.ContinuationSequenceNumber,
			})
			if read := drain(t, client, from); !cmp.Equal(read, []string{"second"}) {
				t.Errorf("%s the number of an empty event: %q", kind, read)
			}
		}
	})
}

func TestSubscriptionStartsAnywhere(t *testing.T) {
	t.Parallel()
	inBubble(t, emulator.Options{}, func(t *testing.T, e *emulator.Emulator, client *kinesis.Client) {
		t.Helper()
		putOne(t, client, "a")
		time.Sleep(time.Minute)
		middle := time.Now()
		number := putOne(t, client, "b")
		time.Sleep(time.Minute)
		putOne(t, client, "c")
		for i, test := range []struct {
			from types.StartingPosition
			want []string
		}{
			{horizon(), []string{"a", "b", "c"}},
			{types.StartingPosition{Type: types.ShardIteratorTypeLatest}, nil},
			{types.StartingPosition{Type: types.ShardIteratorTypeAtSequenceNumber, SequenceNumber: &number}, []string{"b", "c"}},
			{types.StartingPosition{Type: types.ShardIteratorTypeAfterSequenceNumber, SequenceNumber: &number}, []string{"c"}},
			{types.StartingPosition{Type: types.ShardIteratorTypeAtTimestamp, Timestamp: &middle}, []string{"b", "c"}},
		} {
			stream := subscribe(t, e, register(t, client, fmt.Sprintf("fan-%d", i)), 0, test.from)
			if got := data(event(t, stream)); !cmp.Equal(got, test.want) {
				t.Errorf("%s: %q", test.from.Type, got)
			}
		}
	})
}

func TestSubscriptionIsTakenOver(t *testing.T) {
	t.Parallel()
	inBubble(t, emulator.Options{}, func(t *testing.T, e *emulator.Emulator, client *kinesis.Client) {
		t.Helper()
		consumer := register(t, client, "fan")
		first := subscribe(t, e, consumer, 0, horizon())
		event(t, first)
		again := func() error {
			from := horizon()
			_, err := client.SubscribeToShard(t.Context(), &kinesis.SubscribeToShardInput{
				ConsumerARN: consumer, ShardId: aws.String("shardId-000000000000"), StartingPosition: &from,
			})
			return err
		}
		time.Sleep(4 * time.Second)
		err := again()
		if inUse, ok := errors.AsType[*types.ResourceInUseException](err); !ok ||
			*inUse.Message != "Another active subscription exists for this consumer: 000000000000:clicks:shardId-000000000000:fan" {
			t.Errorf("a second subscription within five seconds: %v", err)
		}
		time.Sleep(2 * time.Second)
		second := subscribe(t, e, consumer, 0, horizon())
		event(t, second)
		event(t, first) // the first was told at five seconds that there is nothing
		if _, open := <-first.Events(); open {
			t.Error("the first subscription goes on")
		}
		if _, ok := errors.AsType[*types.ResourceInUseException](first.Err()); !ok {
			t.Errorf("the first subscription ended with %v", first.Err())
		}
		began := time.Now()
		number := putOne(t, client, "a")
		if got := event(t, second); *got.ContinuationSequenceNumber != number || time.Since(began) != 0 {
			t.Errorf("the second subscription got %q", data(got))
		}
		other := subscribe(t, e, register(t, client, "other"), 0, horizon())
		if got := data(event(t, other)); !cmp.Equal(got, []string{"a"}) {
			t.Errorf("another consumer got %q", got)
		}
	})
}

func TestSubscriptionLivesFiveMinutes(t *testing.T) {
	t.Parallel()
	inBubble(t, emulator.Options{}, func(t *testing.T, e *emulator.Emulator, client *kinesis.Client) {
		t.Helper()
		began := time.Now()
		stream := subscribe(t, e, register(t, client, "fan"), 0, horizon())
		events := 0
		for range stream.Events() {
			events++
		}
		if took := time.Since(began); took != 5*time.Minute || stream.Err() != nil {
			t.Errorf("ended after %v with %v", took, stream.Err())
		}
		if events != 60 {
			t.Errorf("%d events, want one each five seconds", events)
		}
	})
}

func TestSubscriptionEndsWithItsShard(t *testing.T) {
	t.Parallel()
	inBubble(t, emulator.Options{}, func(t *testing.T, e *emulator.Emulator, client *kinesis.Client) {
		t.Helper()
		consumer := register(t, client, "fan")
		stream := subscribe(t, e, consumer, 0, horizon())
		event(t, stream)
		putOne(t, client, "last")
		if _, err := client.SplitShard(t.Context(), &kinesis.SplitShardInput{
			StreamName: aws.String("clicks"), ShardToSplit: aws.String("shardId-000000000000"), NewStartingHashKey: aws.String("1000"),
		}); err != nil {
			t.Fatal(err)
		}
		if got := data(event(t, stream)); !cmp.Equal(got, []string{"last"}) {
			t.Errorf("before the end: %q", got)
		}
		check := func(end types.SubscribeToShardEvent) {
			t.Helper()
			if len(end.Records) != 0 || end.ContinuationSequenceNumber != nil || len(end.ChildShards) != 2 {
				t.Fatalf("the end is %+v", end)
			}
			for i, child := range end.ChildShards {
				if *child.ShardId != fmt.Sprintf("shardId-%012d", i+1) || !cmp.Equal(child.ParentShards, []string{"shardId-000000000000"}) {
					t.Errorf("child %d: %s of %q", i, *child.ShardId, child.ParentShards)
				}
			}
		}
		check(event(t, stream))
		if _, open := <-stream.Events(); open || stream.Err() != nil {
			t.Errorf("after the end: %v", stream.Err())
		}
		time.Sleep(5 * time.Second)
		closed := subscribe(t, e, consumer, 0, types.StartingPosition{Type: types.ShardIteratorTypeLatest})
		check(event(t, closed))
	})
}

func TestSubscriptionEndsWithConsumerStreamAndEmulator(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		end  func(*testing.T, *emulator.Emulator, *kinesis.Client, *string)
		want string
	}{
		{"consumer", func(t *testing.T, _ *emulator.Emulator, client *kinesis.Client, consumer *string) {
			t.Helper()
			if _, err := client.DeregisterStreamConsumer(t.Context(), &kinesis.DeregisterStreamConsumerInput{ConsumerARN: consumer}); err != nil {
				t.Fatal(err)
			}
		}, "ResourceNotFoundException"},
		{"stream", func(t *testing.T, _ *emulator.Emulator, client *kinesis.Client, _ *string) {
			t.Helper()
			in := &kinesis.DeleteStreamInput{StreamName: aws.String("clicks"), EnforceConsumerDeletion: aws.Bool(true)}
			if _, err := client.DeleteStream(t.Context(), in); err != nil {
				t.Fatal(err)
			}
		}, "ResourceNotFoundException"},
		{"emulator", func(t *testing.T, e *emulator.Emulator, _ *kinesis.Client, _ *string) {
			t.Helper()
			if err := e.Close(); err != nil {
				t.Fatal(err)
			}
		}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, emulator.Options{}, func(t *testing.T, e *emulator.Emulator, client *kinesis.Client) {
				t.Helper()
				consumer := register(t, client, "fan")
				stream := subscribe(t, e, consumer, 0, horizon())
				event(t, stream)
				began := time.Now()
				test.end(t, e, client, consumer)
				for range stream.Events() {
					t.Error("another event")
				}
				if took := time.Since(began); took >= heartbeat {
					t.Errorf("ended after %v", took)
				}
				if err := stream.Err(); (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
					t.Errorf("ended with %v", err)
				}
			})
		})
	}
}

// TestSubscriptionInCBOR pushes CBOR to a client that asks in CBOR.
func TestSubscriptionInCBOR(t *testing.T) {
	t.Parallel()
	inBubble(t, emulator.Options{}, func(t *testing.T, e *emulator.Emulator, client *kinesis.Client) {
		t.Helper()
		putOne(t, client, "a")
		body, err := cbor.Marshal(map[string]any{
			"ConsumerARN": *register(t, client, "fan"), "ShardId": "shardId-000000000000", "StartingPosition": map[string]any{"Type": "TRIM_HORIZON"},
		})
		if err != nil {
			t.Fatal(err)
		}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, e.URL, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/x-amz-cbor-1.1")
		request.Header.Set("X-Amz-Target", "Kinesis_20131202.SubscribeToShard")
		response, err := e.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = response.Body.Close() }()
		for _, want := range []string{"initial-response", "SubscribeToShardEvent"} {
			message, err := eventstream.NewDecoder().Decode(response.Body, nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := message.Headers.Get(":event-type"); got.String() != want || message.Headers.Get(":content-type").String() != "application/x-amz-cbor-1.1" {
				t.Errorf("headers %v", message.Headers)
			}
			var event struct{ Records []struct{ Data []byte } }
			if err := cbor.Unmarshal(message.Payload, &event); err != nil {
				t.Fatal(err)
			}
			if want == "SubscribeToShardEvent" && (len(event.Records) != 1 || string(event.Records[0].Data) != "a") {
				t.Errorf("event %v", event)
			}
		}
	})
}

// TestSubscriptionIsPaced pushes no more than 2 MiB a second where limits hold, and as much as there is where they do not.
func TestSubscriptionIsPaced(t *testing.T) {
	t.Parallel()
	for throttle, want := range map[bool]time.Duration{false: 0, true: time.Second} {
		inBubble(t, emulator.Options{Throttle: throttle}, func(t *testing.T, e *emulator.Emulator, client *kinesis.Client) {
			t.Helper()
			for range 4 { // of 1 MiB each, a second apart, for the shard's own limit
				putOne(t, client, strings.Repeat("x", 1<<20-1))
				time.Sleep(time.Second)
			}
			stream := subscribe(t, e, register(t, client, "fan"), 0, horizon())
			began := time.Now()
			for count := 0; count < 4; {
				got := event(t, stream)
				if len(got.Records) > 2 {
					t.Errorf("an event of %d MiB", len(got.Records))
				}
				count += len(got.Records)
			}
			if took := time.Since(began); took < want-time.Millisecond || took > want+time.Millisecond {
				t.Errorf("4 MiB took %v, want %v", took, want)
			}
		})
	}
}

// TestSubscriptionFails makes a subscription fail as a test wants it.
func TestSubscriptionFails(t *testing.T) {
	t.Parallel()
	inBubble(t, emulator.Options{}, func(t *testing.T, e *emulator.Emulator, client *kinesis.Client) {
		t.Helper()
		consumer := register(t, client, "fan")
		e.Fail("Kinesis.SubscribeToShard", 1, &emulator.Error{Code: "LimitExceededException", Message: "once"})
		from := horizon()
		in := &kinesis.SubscribeToShardInput{ConsumerARN: consumer, ShardId: aws.String("shardId-000000000000"), StartingPosition: &from}
		_, err := client.SubscribeToShard(t.Context(), in, func(o *kinesis.Options) { o.RetryMaxAttempts = 1 })
		if _, ok := errors.AsType[*types.LimitExceededException](err); !ok {
			t.Errorf("the call that has to fail: %v", err)
		}
		event(t, subscribe(t, e, consumer, 0, from))
	})
}
