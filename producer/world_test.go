package producer_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math/big"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"clickstream/emulator"
	"clickstream/kcl/deaggregate"
	"clickstream/kcl/multilang"
	"clickstream/producer"
)

const stream = "clicks"

// client returns the SDK's client for an emulator.
func client(e *emulator.Emulator, transport http.RoundTripper) *kinesis.Client {
	return kinesis.New(kinesis.Options{
		Region: "us-east-1", BaseEndpoint: &e.URL, HTTPClient: &http.Client{Transport: transport},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	})
}

// world is an emulated stream behind a service and a network that fail.
type world struct {
	*kinesis.Client
	t        *testing.T
	emulator *emulator.Emulator

	resharding sync.Mutex

	mu     sync.Mutex
	random *rand.Rand
	calls  int
	resets int

	refuse   float64        // part of the records that is refused
	code     string         // with this code
	reset    float64        // part of the requests whose connection breaks, every other one after they were carried out
	jsonOnly bool           // the endpoint does not know CBOR
	unlisted bool           // ListShards fails
	during   func(call int) // called before a request is carried out
	request  func(*kinesis.PutRecordsInput)
	failure  error // of every PutRecords, while it is set
}

// newWorld makes a stream of so many shards.
func newWorld(t *testing.T, shards int32, options emulator.Options) *world {
	t.Helper()
	e, err := emulator.New(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	w := &world{t: t, emulator: e, random: rand.New(rand.NewPCG(1, 2)), code: "ProvisionedThroughputExceededException"}
	w.Client = client(e, &network{world: w, RoundTripper: e.Client().Transport})
	if _, err := w.CreateStream(t.Context(), &kinesis.CreateStreamInput{StreamName: new(stream), ShardCount: &shards}); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) chance(part float64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return part > 0 && w.random.Float64() < part
}

// fail has every PutRecords fail, or none, from now on.
func (w *world) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failure = err
}

// ListShards lists them, unless that is to fail.
func (w *world) ListShards(ctx context.Context, in *kinesis.ListShardsInput, options ...func(*kinesis.Options)) (*kinesis.ListShardsOutput, error) {
	w.mu.Lock()
	unlisted := w.unlisted
	w.mu.Unlock()
	if unlisted {
		return nil, errors.New("ListShards fails")
	}
	return w.Client.ListShards(ctx, in, options...)
}

// alternate reports false and true by turns.
func (w *world) alternate() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.resets++
	return w.resets%2 == 0
}

// network breaks connections.
type network struct {
	*world
	http.RoundTripper
}

func (n *network) RoundTrip(r *http.Request) (*http.Response, error) {
	broken := &net.OpError{Op: "read", Err: syscall.ECONNRESET}
	put := r.Header.Get("X-Amz-Target") == "Kinesis_20131202.PutRecords"
	if put && n.jsonOnly && r.Header.Get("Content-Type") != "application/x-amz-json-1.1" {
		_ = r.Body.Close()
		return &http.Response{
			Status: "400 Bad Request", StatusCode: http.StatusBadRequest, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
			Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}}, Request: r,
			Body: io.NopCloser(strings.NewReader(`{"__type":"SerializationException","message":"not JSON"}`)),
		}, nil
	}
	breaks := put && n.chance(n.reset)
	if breaks && n.alternate() {
		return nil, broken
	}
	answer, err := n.RoundTripper.RoundTrip(r)
	if err == nil && breaks {
		_ = answer.Body.Close()
		return nil, broken
	}
	return answer, err
}

// PutRecords refuses some of the records and stores the others.
func (w *world) PutRecords(ctx context.Context, in *kinesis.PutRecordsInput, options ...func(*kinesis.Options)) (*kinesis.PutRecordsOutput, error) {
	w.mu.Lock()
	w.calls++
	call, failure := w.calls, w.failure
	if w.request != nil {
		w.request(in)
	}
	w.mu.Unlock()
	if failure != nil {
		return nil, failure
	}
	if w.during != nil {
		w.during(call)
	}
	taken := *in
	taken.Records = nil
	results := make([]types.PutRecordsResultEntry, len(in.Records))
	var places []int
	for i := range in.Records {
		if w.chance(w.refuse) {
			results[i] = types.PutRecordsResultEntry{ErrorCode: &w.code, ErrorMessage: new("not now")}
			continue
		}
		taken.Records = append(taken.Records, in.Records[i])
		places = append(places, i)
	}
	if len(places) == 0 {
		return &kinesis.PutRecordsOutput{Records: results}, nil
	}
	out, err := w.Client.PutRecords(ctx, &taken, options...)
	if err != nil {
		return nil, err
	}
	for i, place := range places {
		results[place] = out.Records[i]
	}
	return &kinesis.PutRecordsOutput{Records: results}, nil
}

// hashes returns a shard's hash key range.
func hashes(t *testing.T, s *types.Shard) (start, end *big.Int) {
	t.Helper()
	start, ok := new(big.Int).SetString(*s.HashKeyRange.StartingHashKey, 10)
	end, also := new(big.Int).SetString(*s.HashKeyRange.EndingHashKey, 10)
	if !ok || !also {
		t.Fatalf("no hash key range: %+v", s.HashKeyRange)
	}
	return start, end
}

// split splits one of the open shards in the middle.
func (w *world) split(t *testing.T, call int) {
	t.Helper()
	w.resharding.Lock()
	defer w.resharding.Unlock()
	open := w.open(t)
	shard := &open[call%len(open)]
	start, end := hashes(t, shard)
	middle := new(big.Int).Rsh(new(big.Int).Add(start, end), 1).String()
	_, err := w.SplitShard(context.Background(), &kinesis.SplitShardInput{StreamName: new(stream), ShardToSplit: shard.ShardId, NewStartingHashKey: &middle})
	if err != nil {
		t.Error(err)
	}
}

// merge merges the first two open shards that lie side by side.
func (w *world) merge(t *testing.T) {
	t.Helper()
	w.resharding.Lock()
	defer w.resharding.Unlock()
	open := w.open(t)
	for i := range open {
		_, end := hashes(t, &open[i])
		next := end.Add(end, big.NewInt(1))
		for j := range open {
			if start, _ := hashes(t, &open[j]); start.Cmp(next) != 0 {
				continue
			}
			_, err := w.MergeShards(context.Background(), &kinesis.MergeShardsInput{StreamName: new(stream), ShardToMerge: open[i].ShardId, AdjacentShardToMerge: open[j].ShardId})
			if err != nil {
				t.Error(err)
			}
			return
		}
	}
	t.Error("no two shards lie side by side")
}

func (w *world) open(t *testing.T) (open []types.Shard) {
	t.Helper()
	out, err := w.ListShards(context.Background(), &kinesis.ListShardsInput{StreamName: new(stream), ShardFilter: &types.ShardFilter{Type: types.ShardFilterTypeAtLatest}})
	if err != nil {
		t.Fatal(err)
	}
	return out.Shards
}

// read returns what the KCL would deliver: shard by shard, parents before children, aggregates taken apart.
func (w *world) read(t *testing.T) (records []multilang.Record) {
	t.Helper()
	shards, err := w.emulator.Kinesis().Shards(stream)
	if err != nil {
		t.Fatal(err)
	}
	ranges := map[string]deaggregate.HashKeyRange{}
	for _, s := range shards {
		if ranges[s.ShardId], err = deaggregate.ParseHashKeyRange(s.HashKeyRange.StartingHashKey, s.HashKeyRange.EndingHashKey); err != nil {
			t.Fatal(err)
		}
	}
	stored, err := w.emulator.Kinesis().Records(stream)
	if err != nil {
		t.Fatal(err)
	}
	one := make([]multilang.Record, 1)
	for _, r := range stored {
		one[0] = multilang.Record{Data: r.Data, PartitionKey: r.PartitionKey, SequenceNumber: r.SequenceNumber}
		parts, dropped := deaggregate.Records(one, ranges[r.ShardID])
		for _, d := range dropped {
			if !errors.Is(d.Reason, deaggregate.ErrForeignHashKey) {
				t.Errorf("%+v", d)
			}
		}
		records = append(records, parts...)
	}
	return records
}

func number(n int) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }

func mustClose(t *testing.T, p *producer.Producer) {
	t.Helper()
	if err := p.Close(t.Context()); err != nil {
		t.Error(err)
	}
}
