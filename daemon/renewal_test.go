package daemon

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/google/go-cmp/cmp"
	"github.com/sirupsen/logrus"

	"clickstream/emulator"
	"clickstream/internal/leases"
	"clickstream/properties"
)

// counting counts the calls of an operation.
type counting struct {
	http.RoundTripper
	operation string
	at        []int // seconds
	began     time.Time
}

func (c *counting) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.Header.Get("X-Amz-Target"), "."+c.operation) {
		c.at = append(c.at, int(time.Since(c.began).Seconds()))
	}
	return c.RoundTripper.RoundTrip(r)
}

// Half an hour of one shard against the emulator, which takes a second to register the consumer and ends each subscription after five
// minutes: a record every 7 s, and none is lost or comes twice.
func TestSubscriptionsAreRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := emulator.RunT(t)
		calls := &counting{RoundTripper: e.Client().Transport, operation: "SubscribeToShard", began: time.Now()}
		client := kinesis.New(kinesis.Options{
			Region: "us-east-1", BaseEndpoint: &e.URL, HTTPClient: &http.Client{Transport: calls},
			Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		})
		name := aws.String("clicks")
		if _, err := client.CreateStream(t.Context(), &kinesis.CreateStreamInput{StreamName: name, ShardCount: aws.Int32(1)}); err != nil {
			t.Fatal(err)
		}
		log := logrus.New()
		log.SetOutput(t.Output())
		stream := &stream{client: client, name: name, initial: leases.TrimHorizon}
		at := &place{stream: stream, shardID: "shardId-000000000000", start: position{sequence: leases.TrimHorizon}, latest: &latestStart{}}
		r := &reader{
			place: at, log: logrus.NewEntry(log), lines: testLines(at.start), batches: make(chan batch), free: make(chan []byte, 1),
			source: &fanOut{
				place: at, log: logrus.NewEntry(log),
				consumer: newConsumer(stream, &properties.Config{ApplicationName: "app"}, func(string, ...any) {}),
			},
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- r.read(ctx) }()
		put := make(chan []string)
		go func() {
			var sequences []string
			for n := range 258 {
				time.Sleep(7 * time.Second)
				out, err := client.PutRecord(ctx, &kinesis.PutRecordInput{StreamName: name, PartitionKey: aws.String("k"), Data: fmt.Append(nil, n)})
				if err != nil {
					t.Error(err)
					break
				}
				sequences = append(sequences, *out.SequenceNumber)
			}
			time.Sleep(time.Second)
			cancel()
			put <- sequences
		}()
		var got []string
		for b := range r.batches {
			if b.records > 1 {
				t.Errorf("%d records at once", b.records)
			}
			if b.records > 0 {
				got = append(got, b.last.sequence)
			}
		}
		if diff := cmp.Diff(<-put, got); diff != "" {
			t.Error(diff)
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff([]int{1, 301, 601, 901, 1201, 1501, 1801}, calls.at); diff != "" {
			t.Errorf("subscribed at these seconds: %s", diff)
		}
	})
}
