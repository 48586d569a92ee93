package emulator_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"golang.org/x/sync/errgroup"

	"clickstream/emulator"
)

// expected returns the data of a record, which follows from its key: none, a few bytes, or more than a slab of the store takes.
func expected(key string) []byte {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(key)) // never fails
	sum := int(hash.Sum32() >> 8)
	size := []int{0, 1, 100, 1000, 20_000}[sum%5] * (1 + sum/5%3)
	return bytes.Repeat([]byte(key+"|"), size/len(key)+1)[:size]
}

// requester makes requests by hand, over HTTP/1.1 or HTTP/2, in JSON or CBOR.
type requester struct {
	url         string
	client      *http.Client
	contentType string
}

// requesters returns one of each kind.
func requesters(t *testing.T, url string) []requester {
	t.Helper()
	var all []requester
	for _, second := range []bool{false, true} {
		var protocols http.Protocols
		protocols.SetHTTP1(!second)
		protocols.SetUnencryptedHTTP2(second)
		transport := &http.Transport{Protocols: &protocols}
		t.Cleanup(transport.CloseIdleConnections)
		for _, contentType := range []string{"application/x-amz-json-1.1", "application/x-amz-cbor-1.1"} {
			all = append(all, requester{url, &http.Client{Transport: transport}, contentType})
		}
	}
	return all
}

func (r requester) send(ctx context.Context, operation string, in any) (*http.Response, error) {
	var body []byte
	var err error
	if strings.Contains(r.contentType, "cbor") {
		body, err = cbor.Marshal(in)
	} else {
		body, err = json.Marshal(in)
	}
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url, struct{ io.Reader }{bytes.NewReader(body)})
	if err != nil {
		return nil, err
	}
	request.ContentLength = int64(len(body))
	request.Header.Set("X-Amz-Target", "Kinesis_20131202."+operation)
	request.Header.Set("Content-Type", r.contentType)
	return r.client.Do(request)
}

// call reads an answer whole. An answer that does not come is none.
func (r requester) call(ctx context.Context, operation string, in, out any) (ok bool, err error) {
	response, err := r.send(ctx, operation, in)
	if err != nil {
		return false, ctx.Err()
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	switch {
	case err != nil:
		return false, ctx.Err()
	case response.StatusCode != http.StatusOK:
		return false, fmt.Errorf("%s: %s: %s", operation, response.Status, body)
	case len(body) == 0:
		return true, nil
	case strings.Contains(r.contentType, "cbor"):
		return true, cbor.Unmarshal(body, out)
	default:
		return true, json.Unmarshal(body, out)
	}
}

// breakOff reads some of an answer and leaves.
func (r requester) breakOff(ctx context.Context, operation string, in any, after int64) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if response, err := r.send(ctx, operation, in); err == nil {
		_, _ = io.CopyN(io.Discard, response.Body, after)
		cancel()
		_ = response.Body.Close()
	}
}

type reusePut struct {
	StreamName string
	Records    []reuseRecord
}

type reuseRecord struct {
	Data         []byte
	PartitionKey string
}

type reusePutOutput struct {
	Records []struct {
		SequenceNumber, ErrorCode string
		ShardId                   string //nolint:revive // the wire's name
	}
}

type reuseRead struct {
	Records           []reuseRecord
	NextShardIterator string
}

// putAll puts batches of which each record's data follows from its key, counts what was taken, and looks at the answers.
func (r requester) putAll(ctx context.Context, name string, batches, size int, stored *atomic.Int64) error {
	for batch := range batches {
		in := reusePut{StreamName: "clicks"}
		for i := range size {
			key := fmt.Sprintf("%s-%d-%d", name, batch, i)
			in.Records = append(in.Records, reuseRecord{expected(key), key})
		}
		var out reusePutOutput
		if ok, err := r.call(ctx, "PutRecords", in, &out); err != nil || !ok {
			return err
		}
		for i, record := range out.Records {
			if record.ErrorCode == "" {
				stored.Add(1)
			}
			if record.ErrorCode == "" && (len(record.SequenceNumber) != 56 || !strings.HasPrefix(record.ShardId, "shardId-")) {
				return fmt.Errorf("record %d of %d is answered by %+v", i, size, record)
			}
		}
		if len(out.Records) != size {
			return fmt.Errorf("%d of %d records were answered", len(out.Records), size)
		}
	}
	return nil
}

// readAll reads a shard until the writers are done, leaving in the midst of answers now and then, and compares all that it gets.
func (r requester) readAll(ctx context.Context, shard string, done *atomic.Bool) error {
	var place struct{ ShardIterator string }
	from := map[string]string{"StreamName": "clicks", "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"}
	if ok, err := r.call(ctx, "GetShardIterator", from, &place); err != nil || !ok {
		return err
	}
	next := place.ShardIterator
	for round := int64(0); ; round++ {
		last := done.Load()
		in := map[string]any{"ShardIterator": next, "Limit": 70}
		r.breakOff(ctx, "GetRecords", in, round%7*3000)
		var out reuseRead
		ok, err := r.call(ctx, "GetRecords", in, &out)
		if err != nil {
			return err
		}
		if !ok { // a fault took the answer
			continue
		}
		for _, record := range out.Records {
			if !bytes.Equal(record.Data, expected(record.PartitionKey)) {
				return fmt.Errorf("%s of %s has %d bytes that are not its own: %.50q", record.PartitionKey, shard, len(record.Data), record.Data)
			}
		}
		if last && len(out.Records) == 0 {
			return nil
		}
		next = out.NextShardIterator
	}
}

// leaveSubscriptions subscribes a few times and leaves in the midst of the events.
func (r requester) leaveSubscriptions(ctx context.Context, name, shard string) error {
	const times = 4
	for i := range int64(times) {
		in := map[string]any{"StreamARN": "arn:aws:kinesis:us-east-1:000000000000:stream/clicks", "ConsumerName": fmt.Sprintf("%s-%d", name, i)}
		var out struct{ Consumer struct{ ConsumerARN string } }
		if ok, err := r.call(ctx, "RegisterStreamConsumer", in, &out); err != nil || !ok {
			return err
		}
		r.breakOff(ctx, "SubscribeToShard", map[string]any{
			"ConsumerARN": out.Consumer.ConsumerARN, "ShardId": shard, "StartingPosition": map[string]string{"Type": "TRIM_HORIZON"},
		}, 1000+i*10_000)
	}
	return nil
}

// TestMemoryIsUsedAgainInPeace has clients of all kinds put and read at once, leave in the middle of answers, and lose some to faults, while the
// memory of requests and answers is used again and again. Whatever anybody reads must be what was put under its key.
func TestMemoryIsUsedAgainInPeace(t *testing.T) {
	t.Parallel()
	batches, size := 10, 60
	if testing.Short() {
		batches = 4
	}
	e := emulator.ServeT(t)
	const shards = 2
	ctx := t.Context()
	kinds := requesters(t, e.URL)
	if _, err := kinds[0].call(ctx, "CreateStream", map[string]any{"StreamName": "clicks", "ShardCount": shards}, nil); err != nil {
		t.Fatal(err)
	}
	inject(t, e, "kinesis:PutRecords every=3 duplicate", "kinesis:PutRecords every=5 throttle records=0.1", "kinesis:GetRecords every=7 drop-after")
	var done atomic.Bool
	var stored atomic.Int64
	var readers, writers errgroup.Group
	for i, kind := range kinds {
		writers.Go(func() error { return kind.putAll(ctx, fmt.Sprintf("writer-%d", i), batches, size, &stored) })
		readers.Go(func() error { return kind.readAll(ctx, *shardName(i % shards), &done) })
		readers.Go(func() error {
			return kind.leaveSubscriptions(ctx, fmt.Sprintf("consumer-%d", i), *shardName(i % shards))
		})
	}
	early, err := e.Kinesis().Records("clicks")
	if err != nil {
		t.Fatal(err)
	}
	err = writers.Wait()
	done.Store(true)
	if reading := readers.Wait(); err != nil || reading != nil {
		t.Fatal(err, reading)
	}
	late, err := e.Kinesis().Records("clicks")
	if err != nil {
		t.Fatal(err)
	}
	for _, record := range slices.Concat(early, late) {
		if !bytes.Equal(record.Data, expected(record.PartitionKey)) {
			t.Errorf("%s has %d bytes that are not its own", record.PartitionKey, len(record.Data))
		}
	}
	if int64(len(late)) <= stored.Load() { // some are there twice
		t.Errorf("%d records are kept, %d were answered for", len(late), stored.Load())
	}
}
