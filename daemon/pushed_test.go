package daemon_test

import (
	"crypto/x509"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/google/go-cmp/cmp"

	"clickstream/emulator"
	"clickstream/internal/leases"
)

// pushed are the settings of a daemon that reads by fan-out.
var pushed = []string{"retrievalMode", "FANOUT"}

// consumers returns the stream's consumers.
func (w *world) consumers(t *testing.T) []types.Consumer {
	t.Helper()
	out, err := w.kinesis.ListStreamConsumers(t.Context(), &kinesis.ListStreamConsumersInput{StreamARN: w.arn(t)})
	if err != nil {
		t.Fatal(err)
	}
	return out.Consumers
}

func (w *world) arn(t *testing.T) *string {
	t.Helper()
	out, err := w.kinesis.DescribeStreamSummary(t.Context(), &kinesis.DescribeStreamSummaryInput{StreamName: aws.String(streamName)})
	if err != nil {
		t.Fatal(err)
	}
	return out.StreamDescriptionSummary.StreamARN
}

func TestFanOutSplitAndMerge(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	w.put(t, 0, 0, 3)
	d := w.start(t, pushed...)
	parent := w.stage.ready(t)
	if diff := cmp.Diff(numbers(0, 3), parent.process(t, 3)); diff != "" {
		t.Error(diff)
	}
	last := w.put(t, 0, 3, 2)
	if diff := cmp.Diff(numbers(3, 2), parent.process(t, 2)); diff != "" {
		t.Error(diff)
	}
	if all := w.consumers(t); len(all) != 1 || *all[0].ConsumerName != "app" {
		t.Errorf("consumers %+v", all)
	}
	w.split(t, shard0)
	w.put(t, 1, 10, 1)
	w.put(t, 2, 20, 1)
	parent.expect(t, "shardEnded")
	if refused := parent.checkpoint(t, last[1]); refused != "" {
		t.Error(refused)
	}
	w.lease(t, shard0, checkpointAt(leases.ShardEnd))
	parent.status(t, "shardEnded")
	parent.eof(t)
	parent.exit(t, 0)

	left, right := w.stage.ready(t), w.stage.ready(t)
	if left.shard > right.shard {
		left, right = right, left
	}
	if diff := cmp.Diff([]string{"10", "20"}, append(left.process(t, 1), right.process(t, 1)...)); diff != "" {
		t.Error(diff)
	}
	if _, err := w.kinesis.MergeShards(t.Context(), &kinesis.MergeShardsInput{
		StreamName: aws.String(streamName), ShardToMerge: aws.String(shard1), AdjacentShardToMerge: aws.String(shard2),
	}); err != nil {
		t.Fatal(err)
	}
	left.end(t)
	right.end(t)
	merged := w.stage.ready(t)
	w.put(t, 3, 30, 2)
	if diff := cmp.Diff(numbers(30, 2), merged.process(t, 2)); merged.shard != shard3 || diff != "" {
		t.Error(merged.shard, diff)
	}
	d.finish(t, merged)
}

// A consumer that somebody deregisters is registered anew, and reading goes on where it was.
func TestFanOutWithoutItsConsumer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2)
	d := w.start(t, append(pushed, "fanoutConfig.consumerName", "mine")...)
	one, other := w.stage.ready(t), w.stage.ready(t)
	if one.shard != shard0 {
		one, other = other, one
	}
	w.put(t, 0, 0, 2)
	w.put(t, 1, 0, 2)
	one.process(t, 2)
	other.process(t, 2)
	before := w.consumers(t)
	if _, err := w.kinesis.DeregisterStreamConsumer(t.Context(), &kinesis.DeregisterStreamConsumerInput{ConsumerARN: before[0].ConsumerARN}); err != nil {
		t.Fatal(err)
	}
	w.put(t, 0, 2, 3)
	w.put(t, 1, 2, 3)
	for _, p := range []*puppet{one, other} {
		if diff := cmp.Diff(numbers(2, 3), p.process(t, 3)); diff != "" {
			t.Error(p.shard, diff)
		}
	}
	if after := w.consumers(t); len(after) != 1 || *after[0].ConsumerName != "mine" || *after[0].ConsumerARN == *before[0].ConsumerARN {
		t.Errorf("the consumers were %v, are %v", before, after)
	}
	d.finish(t, one, other)
}

// What a killed child was given and did not checkpoint is pushed again. The subscription of before is in the way for up to five seconds.
func TestFanOutAfterAKill(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for five seconds; left out with -short")
	}
	t.Parallel()
	w := newWorld(t, 1)
	sequences := w.put(t, 0, 0, 4)
	d := w.start(t, pushed...)
	p := w.stage.ready(t)
	p.process(t, 4)
	w.put(t, 0, 4, 1)
	p.records(t)
	if refused := p.checkpoint(t, sequences[1]); refused != "" {
		t.Error(refused)
	}
	p.kill(t)
	p = w.stage.ready(t)
	if *p.init.SequenceNumber != sequences[1] {
		t.Errorf("begins at %s", *p.init.SequenceNumber)
	}
	if diff := cmp.Diff(numbers(2, 3), p.process(t, 3)); diff != "" {
		t.Error(diff)
	}
	d.finish(t, p)
}

// Another worker that takes the lease ends the reading here: the child is told.
func TestFanOutLostToAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	w.put(t, 0, 0, 2)
	d := w.start(t, pushed...)
	p := w.stage.ready(t)
	p.process(t, 2)
	w.steal(t, shard0, "other")
	p.expect(t, "leaseLost")
	p.status(t, "leaseLost")
	p.eof(t)
	p.exit(t, 0)
	d.out.waitFor(t, "held by worker other")
	d.stop()
	_ = d.end(t)
}

// Without records the child is called nevertheless, as often as when it is polled for, so that it can close batches by age.
func TestFanOutEmptyCalls(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	w.put(t, 0, 0, 1)
	d := w.start(t, append(pushed, "callProcessRecordsEvenForEmptyRecordList", "true")...)
	p := w.stage.ready(t)
	for _, want := range []int{1, 0, 0, 0} {
		message := p.expect(t, "processRecords")
		if len(message.Records) != want || message.MillisBehindLatest == nil || *message.MillisBehindLatest != 0 {
			t.Errorf("got %+v", message)
		}
		p.status(t, "processRecords")
	}
	w.put(t, 0, 1, 2)
	if diff := cmp.Diff(numbers(1, 2), p.process(t, 2)); diff != "" {
		t.Error(diff)
	}
	p.kill(t)
	d.stop()
	_ = d.end(t)
}

// protocols remembers in which version of HTTP operations were answered.
type protocols struct {
	*awshttp.BuildableClient
	mu   sync.Mutex
	seen map[string]string
}

func (p *protocols) Do(r *http.Request) (*http.Response, error) {
	response, err := p.BuildableClient.Do(r)
	if err == nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		p.seen[operation] = response.Proto
	}
	return response, err
}

// Over TLS, as with AWS, subscriptions are streams of HTTP/2.
func TestFanOutByHTTP2(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	secure, err := emulator.New(emulator.Options{TLS: true, Listener: listener})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = secure.Close() })
	client := &protocols{seen: map[string]string{}, BuildableClient: awshttp.NewBuildableClient().WithTransportOptions(func(transport *http.Transport) {
		transport.TLSClientConfig.RootCAs = x509.NewCertPool()
		transport.TLSClientConfig.RootCAs.AppendCertsFromPEM(secure.CA())
	})}
	w.kinesis = kinesis.New(kinesis.Options{
		Region: "us-east-1", BaseEndpoint: &secure.URL, HTTPClient: client,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	w.createStream(t, 1)
	d := w.start(t, pushed...)
	p := w.stage.ready(t)
	for _, key := range []string{"a", "b"} {
		w.putKey(t, key)
		p.process(t, 1)
	}
	d.finish(t, p)
	if got := client.seen["SubscribeToShard"]; got != "HTTP/2.0" {
		t.Errorf("subscribed by %q", got)
	}
}
