package produce_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"clickstream/internal/exit"
	"clickstream/produce"
)

// fake is a stream in memory. Its hooks say what goes wrong. A call takes latency.
type fake struct {
	mu      sync.Mutex
	status  types.StreamStatus // "" is no stream
	activeA time.Time          // when CREATING becomes ACTIVE
	shards  []*shard
	calls   []call
	other   []string // the other calls, by operation

	latency    time.Duration
	creating   time.Duration                                                // how long a stream is CREATING
	maxRecord  int32                                                        // KiB
	refuse     func(call, index int, r types.PutRecordsRequestEntry) string // error code for a record
	fail       func(call int) error                                         // before anything is stored
	lose       func(call int) error                                         // after all of it is stored
	slow       func(call int) time.Duration                                 // instead of latency
	failOther  func(operation string, n int) error
	afterStore func(call int)
}

type shard struct {
	id         string
	start, end *big.Int
	closed     bool
	records    []stored
}

type stored struct{ Key, Hash, Data string }

type call struct {
	at      time.Time
	records []stored
}

func active(shards int) *fake {
	f := &fake{status: types.StreamStatusActive}
	f.cut(shards)
	return f
}

// cut makes shards of equal ranges.
func (f *fake) cut(n int) {
	f.shards = nil
	whole := new(big.Int).Lsh(big.NewInt(1), 128)
	at := func(i int) *big.Int {
		return new(big.Int).Div(new(big.Int).Mul(whole, big.NewInt(int64(i))), big.NewInt(int64(n)))
	}
	for i := range n {
		f.add(at(i), new(big.Int).Sub(at(i+1), big.NewInt(1)))
	}
}

func (f *fake) add(start, end *big.Int) {
	f.shards = append(f.shards, &shard{id: fmt.Sprintf("shardId-%012d", len(f.shards)), start: start, end: end})
}

// split closes a shard and opens two in its place.
func (f *fake) split(i int) {
	s := f.shards[i]
	s.closed = true
	middle := new(big.Int).Rsh(new(big.Int).Add(s.start, s.end), 1)
	f.add(s.start, middle)
	f.add(new(big.Int).Add(middle, big.NewInt(1)), s.end)
}

func (f *fake) enter(operation string) error {
	time.Sleep(f.latency)
	f.mu.Lock()
	f.other = append(f.other, operation)
	if f.failOther == nil {
		return nil
	}
	n := 0
	for _, o := range f.other {
		if o == operation {
			n++
		}
	}
	return f.failOther(operation, n)
}

func (f *fake) CreateStream(_ context.Context, in *kinesis.CreateStreamInput, _ ...func(*kinesis.Options)) (*kinesis.CreateStreamOutput, error) {
	defer f.mu.Unlock()
	if err := f.enter("CreateStream"); err != nil {
		return nil, err
	}
	if f.status != "" {
		return nil, &types.ResourceInUseException{}
	}
	f.status, f.activeA = types.StreamStatusCreating, time.Now().Add(f.creating)
	f.cut(int(*in.ShardCount))
	return &kinesis.CreateStreamOutput{}, nil
}

func (f *fake) DescribeStreamSummary(context.Context, *kinesis.DescribeStreamSummaryInput, ...func(*kinesis.Options)) (*kinesis.DescribeStreamSummaryOutput, error) {
	defer f.mu.Unlock()
	if err := f.enter("DescribeStreamSummary"); err != nil {
		return nil, err
	}
	switch {
	case f.status == "":
		return nil, &types.ResourceNotFoundException{}
	case f.status == types.StreamStatusCreating && !time.Now().Before(f.activeA):
		f.status = types.StreamStatusActive
	}
	summary := &types.StreamDescriptionSummary{StreamStatus: f.status}
	if f.maxRecord > 0 {
		summary.MaxRecordSizeInKiB = &f.maxRecord
	}
	return &kinesis.DescribeStreamSummaryOutput{StreamDescriptionSummary: summary}, nil
}

// ListShards gives two shards a page and knows no filter.
func (f *fake) ListShards(_ context.Context, in *kinesis.ListShardsInput, _ ...func(*kinesis.Options)) (*kinesis.ListShardsOutput, error) {
	defer f.mu.Unlock()
	if err := f.enter("ListShards"); err != nil {
		return nil, err
	}
	from := 0
	if in.NextToken != nil {
		if in.StreamName != nil || in.ShardFilter != nil {
			return nil, &types.InvalidArgumentException{}
		}
		if _, err := fmt.Sscan(*in.NextToken, &from); err != nil {
			return nil, err
		}
	}
	out := &kinesis.ListShardsOutput{}
	for _, s := range f.shards[from:min(from+2, len(f.shards))] {
		listed := types.Shard{
			ShardId:             &s.id,
			HashKeyRange:        &types.HashKeyRange{StartingHashKey: new(s.start.String()), EndingHashKey: new(s.end.String())},
			SequenceNumberRange: &types.SequenceNumberRange{StartingSequenceNumber: new("1")},
		}
		if s.closed {
			listed.SequenceNumberRange.EndingSequenceNumber = new("2")
		}
		out.Shards = append(out.Shards, listed)
	}
	if from+2 < len(f.shards) {
		out.NextToken = new(fmt.Sprint(from + 2))
	}
	return out, nil
}

func (f *fake) PutRecords(ctx context.Context, in *kinesis.PutRecordsInput, _ ...func(*kinesis.Options)) (*kinesis.PutRecordsOutput, error) {
	f.mu.Lock()
	n := len(f.calls)
	made := call{at: time.Now()}
	for _, r := range in.Records {
		hash := ""
		if r.ExplicitHashKey != nil {
			hash = *r.ExplicitHashKey
		}
		made.records = append(made.records, stored{*r.PartitionKey, hash, string(r.Data)})
	}
	f.calls = append(f.calls, made)
	latency := f.latency
	if f.slow != nil {
		latency = f.slow(n)
	}
	f.mu.Unlock()
	select {
	case <-time.After(latency):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fail != nil {
		if err := f.fail(n); err != nil {
			return nil, err
		}
	}
	out := f.store(n, in)
	if f.afterStore != nil {
		f.afterStore(n)
	}
	if f.lose != nil {
		if err := f.lose(n); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (f *fake) store(n int, in *kinesis.PutRecordsInput) *kinesis.PutRecordsOutput {
	out := &kinesis.PutRecordsOutput{FailedRecordCount: new(int32)}
	for i, r := range in.Records {
		if f.refuse != nil {
			if code := f.refuse(n, i, r); code != "" {
				out.Records = append(out.Records, types.PutRecordsResultEntry{ErrorCode: &code})
				*out.FailedRecordCount++
				continue
			}
		}
		s := f.route(r)
		s.records = append(s.records, stored{*r.PartitionKey, "", string(r.Data)})
		out.Records = append(out.Records, types.PutRecordsResultEntry{ShardId: &s.id, SequenceNumber: new(fmt.Sprint(n*1000 + i + 1))})
	}
	return out
}

func (f *fake) route(r types.PutRecordsRequestEntry) *shard {
	hash := new(big.Int)
	if r.ExplicitHashKey != nil {
		hash.SetString(*r.ExplicitHashKey, 10)
	} else {
		sum := md5.Sum([]byte(*r.PartitionKey))
		hash.SetBytes(sum[:])
	}
	for _, s := range f.shards {
		if !s.closed && s.start.Cmp(hash) <= 0 && hash.Cmp(s.end) <= 0 {
			return s
		}
	}
	panic("no shard for " + hash.String())
}

func (f *fake) all() (records []stored) {
	for _, s := range f.shards {
		records = append(records, s.records...)
	}
	return records
}

// result is what a run left behind.
type result struct {
	err      error
	out, log string
	summary  produce.Summary
}

// run runs produce in virtual time.
func run(t *testing.T, f *fake, change func(cfg *produce.Config, stop context.CancelCauseFunc)) (got result) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "summary.json")
	synctest.Test(t, func(t *testing.T) {
		var out, log bytes.Buffer
		cfg := produce.Config{
			Kinesis: f, Stream: "clicks", Shards: 2, DescribeWait: 5 * time.Second, Batch: 5, TPS: 20, InFlight: 1, Records: 20, Seed: 1,
			InputName: "the input", Out: &out, Err: &log, Summary: path,
		}
		ctx, stop := context.WithCancelCause(t.Context())
		defer stop(nil)
		change(&cfg, stop)
		got.err = produce.Run(ctx, cfg)
		got.out, got.log = out.String(), log.String()
		if pipe, ok := cfg.Input.(io.Closer); ok {
			_ = pipe.Close() // ends the read that Run cannot end
		}
	})
	if text, err := os.ReadFile(path); err == nil {
		if err := json.Unmarshal(text, &got.summary); err != nil {
			t.Fatal(err)
		}
	}
	s := got.summary
	if s.Sent != s.Stored+s.Failed+s.Expired+s.NotDelivered {
		t.Errorf("the summary does not add up: %+v", s)
	}
	return got
}

func (r result) must(t *testing.T) {
	t.Helper()
	if r.err != nil {
		t.Fatalf("produce: %v", r.err)
	}
}

func (r result) wantError(t *testing.T, code int, text string) {
	t.Helper()
	if r.err == nil || exit.Code(r.err) != code || !strings.Contains(r.err.Error(), text) {
		t.Errorf("the run ended with code %d, %v; want %d and an error that says %q", exit.Code(r.err), r.err, code, text)
	}
}

func asIs(*produce.Config, context.CancelCauseFunc) {}

var errReset = fmt.Errorf("write: %w", &netError{})

type netError struct{}

func (*netError) Error() string   { return "connection reset by peer" }
func (*netError) Timeout() bool   { return false }
func (*netError) Temporary() bool { return true }
