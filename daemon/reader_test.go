package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/google/go-cmp/cmp"
	"github.com/sirupsen/logrus"

	"clickstream/internal/leases"
)

// script answers one Kinesis call after the other: "Operation request-must-contain => answer or ErrorCode".
type script struct {
	t     *testing.T
	lines []string
}

func (s *script) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if len(s.lines) == 0 {
		<-r.Context().Done() // the test has what it wants
		return nil, r.Context().Err()
	}
	want, answer, _ := strings.Cut(s.lines[0], " => ")
	s.lines = s.lines[1:]
	if name, part, _ := strings.Cut(want, " "); name != operation || !strings.Contains(string(body), part) {
		s.t.Errorf("got %s %s, want %s", operation, body, want)
	}
	status := http.StatusOK
	if !strings.HasPrefix(answer, "{") {
		status, answer = http.StatusBadRequest, `{"__type":"`+answer+`"}`
	}
	return &http.Response{
		StatusCode: status, Header: http.Header{"Date": {time.Now().UTC().Format(http.TimeFormat)}},
		Body: io.NopCloser(strings.NewReader(answer)),
	}, nil
}

// play runs a reader against a script and returns its first batches.
func play(t *testing.T, start position, latest *latestStart, batches int, lines ...string) []batch {
	t.Helper()
	client := kinesis.New(kinesis.Options{
		Region: "us-east-1", Credentials: aws.AnonymousCredentials{}, HTTPClient: &script{t, lines}, Retryer: aws.NopRetryer{},
	})
	log := logrus.New()
	log.SetOutput(io.Discard)
	at := &place{
		stream:  &stream{client: client, name: aws.String("clicks"), initial: leases.Latest},
		shardID: "shard-0", start: start, latest: latest,
	}
	entry := logrus.NewEntry(log)
	r := &reader{
		place: at, source: &polling{place: at, idle: time.Second, call: recordsCall{client: client, limit: 10}, log: entry}, log: entry,
		lines: testLines(start), batches: make(chan batch), free: make(chan []byte, 1),
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- r.read(ctx) }()
	var got []batch
	for range batches {
		select {
		case b, more := <-r.batches:
			if !more {
				t.Fatalf("the reader ended: %v", <-done)
			}
			got = append(got, b)
		case <-time.After(time.Hour):
			t.Fatal("no batch")
		}
	}
	cancel()
	for range r.batches { // until it is closed
		continue
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	return got
}

func record(sequence string) string {
	return `{"Records":[{"Data":"eA==","PartitionKey":"k","SequenceNumber":"` + sequence + `"}],"NextShardIterator":"n","MillisBehindLatest":0}`
}

func TestIterators(t *testing.T) {
	for name, test := range map[string]struct {
		start   position
		latest  latestStart
		batches int
		lines   []string
	}{
		"the checkpoint itself": {position{sequence: "77"}, latestStart{}, 1, []string{
			`GetShardIterator "ShardIteratorType":"AT_SEQUENCE_NUMBER" => {"ShardIterator":"i"}`,
			`GetRecords "ShardIterator":"i" => ` + record("77"),
		}},
		"after the last record read, when it expires": {position{sequence: "77"}, latestStart{}, 2, []string{
			`GetShardIterator "StartingSequenceNumber":"77" => {"ShardIterator":"i"}`,
			`GetRecords i => ` + record("78"),
			`GetRecords "ShardIterator":"n" => ExpiredIteratorException`,
			`GetShardIterator "ShardIteratorType":"AFTER_SEQUENCE_NUMBER","StartingSequenceNumber":"78" => {"ShardIterator":"i"}`,
			`GetRecords i => ` + record("79"),
		}},
		"where LATEST was, when nothing came": {position{sequence: leases.Latest}, latestStart{}, 2, []string{
			`GetShardIterator "ShardIteratorType":"LATEST" => {"ShardIterator":"i"}`,
			`GetRecords i => {"Records":[],"NextShardIterator":"n","MillisBehindLatest":0}`,
			`GetRecords n => ExpiredIteratorException`,
			`GetShardIterator "ShardIteratorType":"AT_TIMESTAMP" => {"ShardIterator":"i"}`,
			`GetRecords i => ` + record("79"),
		}},
		"the first record since LATEST, for the next child": {position{sequence: leases.Latest}, latestStart{first: "5"}, 1, []string{
			`GetShardIterator "ShardIteratorType":"AT_SEQUENCE_NUMBER","StartingSequenceNumber":"5" => {"ShardIterator":"i"}`,
			`GetRecords i => ` + record("5"),
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { play(t, test.start, &test.latest, test.batches, test.lines...) })
		})
	}
}

// children returns the ids of a batch's child shards.
func (b *batch) childIDs() []string {
	var ids []string
	for i := range b.children {
		ids = append(ids, *b.children[i].ShardId)
	}
	return ids
}

func shardList(shards string) string {
	body, err := json.Marshal(map[string]any{"Shards": shardsOf(shards)})
	if err != nil {
		panic(err)
	}
	return string(body)
}

func TestEndsOfShards(t *testing.T) {
	const first = `GetShardIterator TRIM_HORIZON => {"ShardIterator":"i"}`
	for name, lines := range map[string][]string{
		"named by Kinesis": {
			first, `GetRecords i => {"Records":[],"ChildShards":[{"ShardId":"shard-1"},{"ShardId":"shard-2"}]}`,
		},
		"named by the list of shards": {
			first, `GetRecords i => {"Records":[]}`, `ListShards  => ` + shardList("shard-0 shard-1<shard-0 shard-2<shard-0"),
		},
		"still open, says the list": {
			first, `GetRecords i => {"Records":[]}`, `ListShards  => ` + shardList("shard-0"), `GetRecords i => {"Records":[]}`,
			`ListShards  => ` + shardList("shard-0 shard-1<shard-0 shard-2<shard-0"),
		},
		"trimmed away": {
			first, `GetRecords i => ResourceNotFoundException`, `ListShards  => ` + shardList("shard-1<shard-0 shard-2<shard-0"),
		},
		"the stream is away, then back": {
			`GetShardIterator TRIM_HORIZON => ResourceNotFoundException`, `ListShards  => ResourceNotFoundException`,
			`GetShardIterator TRIM_HORIZON => ResourceNotFoundException`, `ListShards  => ` + shardList("shard-0"),
			first, `GetRecords i => {"Records":[],"ChildShards":[{"ShardId":"shard-1"},{"ShardId":"shard-2"}]}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got := play(t, position{sequence: leases.TrimHorizon}, &latestStart{}, 1, lines...)
				if diff := cmp.Diff([]string{"shard-1", "shard-2"}, got[0].childIDs()); !got[0].ended || diff != "" {
					t.Errorf("ended %t: %s", got[0].ended, diff)
				}
			})
		})
	}
}

// Reading does not wait while there is more, and waits idleTimeBetweenReadsInMillis when there is not.
func TestIdleTime(t *testing.T) {
	r := &polling{idle: 1500 * time.Millisecond, call: recordsCall{limit: 2}}
	none, one, two := []wireRecord{}, make([]wireRecord, 1), make([]wireRecord, 2)
	for _, test := range []struct {
		records []wireRecord
		behind  *int64
		want    time.Duration
	}{
		{two, aws.Int64(0), 0},
		{one, aws.Int64(1), 0},
		{one, aws.Int64(0), r.idle},
		{none, aws.Int64(0), r.idle},
		{none, nil, r.idle},
		{none, aws.Int64(1), emptyPause},
	} {
		if got := r.taken(&answer{records: test.records, behind: test.behind}); got != test.want {
			t.Errorf("%d records, %v behind: got %s, want %s", len(test.records), aws.ToInt64(test.behind), got, test.want)
		}
	}
}

func TestTimestampThatIsNotSet(t *testing.T) {
	p := &place{stream: &stream{}, start: position{sequence: leases.AtTimestamp}}
	if _, err := p.starting(); !errors.Is(err, leases.ErrForeign) {
		t.Error(err)
	}
}
