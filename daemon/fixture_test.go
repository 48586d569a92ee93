package daemon_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"clickstream/daemon"
	"clickstream/emulator"
	"clickstream/internal/leases"
	"clickstream/internal/logging"
	"clickstream/properties"
)

const streamName = "clicks"

// world is an emulator with a stream, and what the daemons of a test have in common.
type world struct {
	emulator *emulator.Emulator
	kinesis  *kinesis.Client
	dynamodb *dynamodb.Client
	table    *leases.Table
	stage    *stage
	settings map[string]string
	away     atomic.Bool // the endpoint does not answer
}

// RoundTrip carries a request to the emulator unless that is away.
func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	if w.away.Load() {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	return w.emulator.Client().Transport.RoundTrip(r)
}

// newWorld makes a stream with some shards, none for no stream.
func newWorld(tb testing.TB, shards int) *world {
	tb.Helper()
	e := emulator.RunT(tb)
	w := &world{emulator: e, stage: newStage(tb)}
	config := aws.Config{
		Region: "us-east-1", BaseEndpoint: &e.URL, HTTPClient: &http.Client{Transport: w},
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		Retryer:     func() aws.Retryer { return aws.NopRetryer{} }, // the daemon's own retries are tested
	}
	w.kinesis, w.dynamodb = kinesis.NewFromConfig(config), dynamodb.NewFromConfig(config)
	w.table = leases.NewTable(w.dynamodb, "app")
	w.settings = map[string]string{
		"streamName": streamName, "applicationName": "app", "executableName": w.stage.command(), "failoverTimeMillis": "300",
		"idleTimeBetweenReadsInMillis": "10", "shardSyncIntervalMillis": "100", "parentShardPollIntervalMillis": "50",
		"taskBackoffTimeMillis": "1", "shutdownGraceMillis": "10000", "callProcessRecordsEvenForEmptyRecordList": "false",
	}
	if shards > 0 {
		w.createStream(tb, shards)
	}
	return w
}

func (w *world) createStream(tb testing.TB, shards int) {
	tb.Helper()
	if _, err := w.kinesis.CreateStream(tb.Context(), &kinesis.CreateStreamInput{
		StreamName: aws.String(streamName), ShardCount: aws.Int32(int32(shards)),
	}); err != nil {
		tb.Fatal(err)
	}
}

// put puts records of one shard, data "first" to "first+n-1", and returns their sequence numbers.
func (w *world) put(t *testing.T, shard, first, n int) []string {
	t.Helper()
	shards, err := w.emulator.Kinesis().Shards(streamName)
	if err != nil {
		t.Fatal(err)
	}
	var sequences []string
	for i := range n {
		out, err := w.kinesis.PutRecord(t.Context(), &kinesis.PutRecordInput{
			StreamName: aws.String(streamName), Data: fmt.Append(nil, first+i), PartitionKey: aws.String("key"),
			ExplicitHashKey: &shards[shard].HashKeyRange.StartingHashKey,
		})
		if err != nil {
			t.Fatal(err)
		}
		sequences = append(sequences, *out.SequenceNumber)
	}
	return sequences
}

// putKey puts a record with a partition key of its own.
func (w *world) putKey(t *testing.T, key string) {
	t.Helper()
	if _, err := w.kinesis.PutRecord(t.Context(), &kinesis.PutRecordInput{
		StreamName: aws.String(streamName), Data: []byte("x"), PartitionKey: &key,
	}); err != nil {
		t.Fatal(err)
	}
}

// running is a daemon at work.
type running struct {
	stop context.CancelFunc
	done chan struct{}
	err  error
	out  buffer // its human lines, its children's standard error and its log
}

// start starts a daemon with the world's settings changed by some: key, value, key, value…
func (w *world) start(tb testing.TB, changes ...string) *running {
	tb.Helper()
	settings := maps.Clone(w.settings)
	for i := 0; i < len(changes); i += 2 {
		settings[changes[i]] = changes[i+1]
	}
	config, err := properties.Load("", settings)
	if err != nil {
		tb.Fatal(err)
	}
	ctx, stop := context.WithCancel(tb.Context())
	r := &running{stop: stop, done: make(chan struct{})}
	log, err := logging.New(&r.out, "debug")
	if err != nil {
		tb.Fatal(err)
	}
	go func() {
		defer close(r.done)
		r.err = daemon.Run(ctx, daemon.Config{
			Settings: config, Kinesis: w.kinesis, DynamoDB: w.dynamodb, Log: log, Out: &r.out, Err: &r.out,
		})
	}()
	tb.Cleanup(func() {
		stop()
		<-r.done
		if tb.Failed() {
			tb.Logf("the daemon's output:\n%s", r.out.String())
		}
	})
	return r
}

// end waits until the daemon has ended and returns its error.
func (r *running) end(tb testing.TB) error {
	tb.Helper()
	select {
	case <-r.done:
		return r.err
	case <-time.After(patience):
		tb.Fatal("the daemon does not end")
		return nil
	}
}

// finish stops the daemon and a child of it that has nothing to store.
func (r *running) finish(t *testing.T, puppets ...*puppet) {
	t.Helper()
	r.stop()
	for _, p := range puppets {
		p.finish(t)
	}
	if err := r.end(t); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

// finish answers what a daemon says when it stops.
func (p *puppet) finish(t *testing.T) {
	t.Helper()
	p.expect(t, "shutdownRequested")
	p.status(t, "shutdownRequested")
	p.expect(t, "leaseLost")
	p.status(t, "leaseLost")
	p.eof(t)
	p.exit(t, 0)
}

// lease waits until a lease is as the test wants it.
func (w *world) lease(t *testing.T, key string, want func(*leases.Lease) bool) *leases.Lease {
	t.Helper()
	var lease *leases.Lease
	eventually(t, func() bool {
		var err error
		if lease, err = w.table.Get(t.Context(), key); err != nil {
			t.Fatal(err)
		}
		return want(lease)
	}, func() string { return fmt.Sprintf("lease %s is %+v", key, lease) })
	return lease
}

// eventually waits until a condition holds.
func eventually(tb testing.TB, condition func() bool, otherwise func() string) {
	tb.Helper()
	deadline := time.Now().Add(patience)
	ticker := time.NewTicker(2 * time.Millisecond)
	defer ticker.Stop()
	for !condition() {
		if time.Now().After(deadline) {
			tb.Fatal(otherwise())
		}
		<-ticker.C
	}
}

func checkpointAt(sequence string) func(*leases.Lease) bool {
	return func(l *leases.Lease) bool { return l != nil && l.Checkpoint == sequence }
}

// buffer is a bytes.Buffer for several goroutines.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// waitFor waits until the output holds text.
func (b *buffer) waitFor(t *testing.T, text string) {
	t.Helper()
	eventually(t, func() bool { return strings.Contains(b.String(), text) }, func() string { return text + " was not said" })
}

// split closes a shard of a stream and opens two in its place, each with half of its hash keys.
func (w *world) split(t *testing.T, shardID string) {
	t.Helper()
	shards, err := w.emulator.Kinesis().Shards(streamName)
	if err != nil {
		t.Fatal(err)
	}
	for _, shard := range shards {
		if shard.ShardId != shardID {
			continue
		}
		if _, err := w.kinesis.SplitShard(t.Context(), &kinesis.SplitShardInput{
			StreamName: aws.String(streamName), ShardToSplit: &shardID,
			NewStartingHashKey: aws.String(middle(shard.HashKeyRange.StartingHashKey, shard.HashKeyRange.EndingHashKey)),
		}); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Fatalf("there is no shard %s", shardID)
}

func middle(from, to string) string {
	a, _ := new(big.Int).SetString(from, 10)
	b, _ := new(big.Int).SetString(to, 10)
	return a.Add(a, b).Rsh(a, 1).String()
}
