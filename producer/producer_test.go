package producer_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"clickstream/emulator"
	"clickstream/producer"
)

// bubble runs a test in virtual time with a stream of so many shards.
func bubble(t *testing.T, shards int32, test func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(newWorld(t, shards, emulator.Options{})) })
}

func mustNew(t *testing.T, w *world, options producer.Options) *producer.Producer {
	t.Helper()
	options.Client, options.Stream = w, stream
	p, err := producer.New(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func mustPut(t *testing.T, p *producer.Producer, r producer.Record, done func(producer.Result)) {
	t.Helper()
	if err := p.Put(t.Context(), r, done); err != nil {
		t.Fatal(err)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	ok := producer.Options{Client: &kinesis.Client{}, Stream: "s"}
	for want, change := range map[string]func(o *producer.Options){
		"no client":                         func(o *producer.Options) { o.Client = nil },
		"neither name nor ARN":              func(o *producer.Options) { o.Stream = "" },
		"RequestRecords is 501":             func(o *producer.Options) { o.RequestRecords = 501 },
		"RequestBytes is 10485761":          func(o *producer.Options) { o.RequestBytes = 10<<20 + 1 },
		"MaxRecordBytes is -1":              func(o *producer.Options) { o.MaxRecordBytes = -1 },
		"InFlight is -1":                    func(o *producer.Options) { o.InFlight = -1 },
		"a limit of the buffer is negative": func(o *producer.Options) { o.BufferedBytes = -1 },
		"AggregateBytes is -1":              func(o *producer.Options) { o.AggregateBytes = -1 },
		"TimeToLive is -1s":                 func(o *producer.Options) { o.TimeToLive = -time.Second },
		"RequestTimeout is -1s":             func(o *producer.Options) { o.RequestTimeout = -time.Second },
		"RequestsPerSecond is -1":           func(o *producer.Options) { o.RequestsPerSecond = -1 },
	} {
		o := ok
		change(&o)
		if _, err := producer.New(t.Context(), o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want one that says %q", err, want)
		}
	}
}

func TestNoSuchStream(t *testing.T) {
	bubble(t, 1, func(w *world) {
		t := w.t
		_, err := producer.New(t.Context(), producer.Options{Client: w, Stream: "another"})
		if answer, ok := errors.AsType[smithy.APIError](err); !ok || answer.ErrorCode() != "ResourceNotFoundException" {
			t.Errorf("the error is %v", err)
		}
	})
}

func TestRecordsThatKinesisDoesNotTake(t *testing.T) {
	bubble(t, 1, func(w *world) {
		t := w.t
		p := mustNew(t, w, producer.Options{})
		for want, r := range map[string]producer.Record{
			"the record has 1048577 bytes with its partition key, the stream takes 1048576": {PartitionKey: "k", Data: make([]byte, 1<<20)},
			"the record has no partition key":                                               {Data: []byte("x")},
			"the partition key is not UTF-8":                                                {PartitionKey: "\xff"},
			"the partition key has more than 256 characters":                                {PartitionKey: strings.Repeat("😀", 129)},
			"the explicit hash key is not a number from 0 to 2^128-1":                       {PartitionKey: "k", ExplicitHashKey: "340282366920938463463374607431768211456"},
		} {
			err := p.Put(t.Context(), r, func(producer.Result) { t.Error("a result of a record that was not taken") })
			if bad, ok := errors.AsType[*producer.RecordError](err); !ok || bad.Reason != want {
				t.Errorf("the error is %v, want %s", err, want)
			}
		}
		for _, r := range []producer.Record{
			{PartitionKey: strings.Repeat("é", 256), Data: []byte{}},
			{PartitionKey: "k", ExplicitHashKey: "340282366920938463463374607431768211455"},
			{PartitionKey: "k", Data: make([]byte, 1<<20-1)},
		} {
			if result, err := p.PutSync(t.Context(), r); err != nil || result.Attempts != 1 || result.SequenceNumber == "" {
				t.Errorf("%+v, %v", result, err)
			}
		}
		mustClose(t, p)
		if err := p.Put(t.Context(), producer.Record{PartitionKey: "k"}, nil); !errors.Is(err, producer.ErrClosed) {
			t.Errorf("after Close the error is %v", err)
		}
		if err := p.Close(t.Context()); err != nil {
			t.Errorf("the second Close: %v", err)
		}
	})
}

// TestResultsSayWhereRecordsAre compares each result with what is in the stream.
func TestResultsSayWhereRecordsAre(t *testing.T) {
	for _, aggregate := range []bool{false, true} {
		bubble(t, 3, func(w *world) {
			t := w.t
			p := mustNew(t, w, producer.Options{Aggregate: aggregate, AggregateBytes: 300})
			type place struct {
				Shard, Sequence string
				Sub             int64
			}
			told := map[string]place{}
			results := make(chan producer.Result, 100)
			for i := range 100 {
				mustPut(t, p, producer.Record{PartitionKey: fmt.Sprint("key-", i), Data: number(i)}, func(r producer.Result) { results <- r })
			}
			mustClose(t, p)
			close(results)
			for r := range results {
				told[r.Record.PartitionKey] = place{r.ShardID, r.SequenceNumber, r.SubSequenceNumber}
				if r.Err != nil || r.Attempts != 1 || r.MaybeTwice {
					t.Errorf("%+v", r)
				}
			}
			found := map[string]place{}
			shards := map[string]string{}
			stored, err := w.emulator.Kinesis().Records(stream)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range stored {
				shards[r.SequenceNumber] = r.ShardID
			}
			for _, r := range w.read(t) {
				found[r.PartitionKey] = place{shards[r.SequenceNumber], r.SequenceNumber, r.SubSequenceNumber}
			}
			if diff := cmp.Diff(found, told); diff != "" || len(found) != 100 {
				t.Errorf("%d records (-found +told):\n%s", len(found), diff)
			}
			if packed := int64(len(stored)) < 50; packed != aggregate || p.Stats().KinesisRecords != int64(len(stored)) {
				t.Errorf("%d Kinesis records, stats %+v", len(stored), p.Stats())
			}
		})
	}
}

func TestPutWaitsForRoom(t *testing.T) {
	for name, options := range map[string]producer.Options{
		"records": {BufferedRecords: 10, Linger: time.Hour}, "bytes": {BufferedBytes: 90, Linger: time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, 1, func(w *world) {
				t := w.t
				release := make(chan struct{})
				w.during = func(int) { <-release }
				p := mustNew(t, w, options)
				for i := range 10 {
					mustPut(t, p, producer.Record{PartitionKey: "k", Data: number(i)}, nil)
				}
				short, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				if err := p.Put(short, producer.Record{PartitionKey: "k"}, nil); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("the eleventh record: %v", err)
				}
				close(release)
				mustPut(t, p, producer.Record{PartitionKey: "k", Data: number(11)}, nil)
				mustClose(t, p)
				if n := len(w.read(t)); n != 11 {
					t.Errorf("%d records, want 11", n)
				}
			})
		})
	}
}

func TestLingerAndFlush(t *testing.T) {
	bubble(t, 1, func(w *world) {
		t := w.t
		p := mustNew(t, w, producer.Options{Linger: time.Minute})
		start := time.Now()
		r, err := p.PutSync(t.Context(), producer.Record{PartitionKey: "k"})
		if err != nil || time.Since(start) != time.Minute {
			t.Errorf("alone, a record took %v: %+v, %v", time.Since(start), r, err)
		}
		start = time.Now()
		mustPut(t, p, producer.Record{PartitionKey: "k"}, nil)
		if err := p.Flush(t.Context()); err != nil || time.Since(start) != 0 || p.Stats().Delivered != 2 {
			t.Errorf("Flush took %v: %v, %+v", time.Since(start), err, p.Stats())
		}
		for range 501 { // one request is full, the other waits
			mustPut(t, p, producer.Record{PartitionKey: "k"}, nil)
		}
		synctest.Wait()
		if n := p.Stats().Delivered; n != 502 {
			t.Errorf("%d records are delivered, want 502", n)
		}
		mustClose(t, p)
	})
}

func TestRequestsStayWithinTheLimits(t *testing.T) {
	bubble(t, 1, func(w *world) {
		t := w.t
		var sizes []int
		w.request = func(in *kinesis.PutRecordsInput) {
			size := 0
			for _, r := range in.Records {
				size += len(r.Data) + len(*r.PartitionKey)
			}
			sizes = append(sizes, size)
		}
		p := mustNew(t, w, producer.Options{RequestBytes: 1 << 20, RequestRecords: 100, InFlight: 1})
		for i := range 300 {
			size := 10
			if i%10 == 0 {
				size = 300 << 10
			}
			mustPut(t, p, producer.Record{PartitionKey: "k", Data: make([]byte, size)}, nil)
		}
		mustClose(t, p)
		for _, size := range sizes {
			if size > 1<<20 {
				t.Errorf("a request has %d bytes", size)
			}
		}
		if n := len(sizes); n < 10 || n > 12 {
			t.Errorf("%d requests", n)
		}
	})
}

func TestErrorsThatCannotPass(t *testing.T) {
	bubble(t, 1, func(w *world) {
		t := w.t
		p := mustNew(t, w, producer.Options{})
		w.fail(&smithy.GenericAPIError{Code: "AccessDeniedException", Message: "no"})
		r, err := p.PutSync(t.Context(), producer.Record{PartitionKey: "k"})
		if answer, ok := errors.AsType[smithy.APIError](err); !ok || answer.ErrorCode() != "AccessDeniedException" || r.MaybeTwice {
			t.Errorf("%+v, %v", r, err)
		}
		w.fail(nil)
		if _, err := p.PutSync(t.Context(), producer.Record{PartitionKey: "k"}); err != nil {
			t.Errorf("the next record: %v", err)
		}
		mustClose(t, p)
		if s := p.Stats(); s.Failed != 1 || s.Delivered != 1 {
			t.Errorf("stats %+v", s)
		}
	})
}

// TestCloseGivesUp: whatever stage they are in, the records that are left when the context of Close ends have a result.
func TestCloseGivesUp(t *testing.T) {
	for name, options := range map[string]producer.Options{
		"plain": {}, "ordered": {OrderByKey: true}, "aggregated": {Aggregate: true, AggregateBytes: 200}, "limited": {ShardLimits: true},
		"aggregated ordered": {Aggregate: true, OrderByKey: true, AggregateBytes: 200}, "one at a time": {InFlight: 1},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, 2, func(w *world) {
				t := w.t
				w.refuse = 1
				w.during = func(call int) {
					if call%5 == 0 {
						time.Sleep(time.Hour)
					}
				}
				p := mustNew(t, w, options)
				results := make(chan error, 3000)
				for i := range 3000 {
					mustPut(t, p, producer.Record{PartitionKey: fmt.Sprint(i % 100), Data: number(i)}, func(r producer.Result) { results <- r.Err })
					if i%500 == 499 {
						time.Sleep(time.Second)
					}
				}
				short, cancel := context.WithTimeout(t.Context(), 2*time.Second)
				defer cancel()
				err := p.Close(short)
				left, ok := errors.AsType[*producer.UndeliveredError](err)
				if !ok || left.Records != 3000 || !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("Close: %v", err)
				}
				if again := p.Close(t.Context()); !errors.Is(again, context.DeadlineExceeded) || again.Error() != err.Error() {
					t.Errorf("the second Close: %v", again)
				}
				close(results)
				n := 0
				for err := range results {
					if n++; !errors.Is(err, producer.ErrUndelivered) {
						t.Fatalf("a result says %v", err)
					}
				}
				s := p.Stats()
				if n != 3000 || s.Undelivered != 3000 || s.Buffered != 0 || s.BufferedBytes != 0 {
					t.Errorf("%d results, stats %+v", n, s)
				}
			})
		})
	}
}

func ExampleProducer() {
	ctx := context.Background()
	e := emulator.RunT(&exampleT{}) // in place of AWS
	client := client(e, e.Client().Transport)
	_, _ = client.CreateStream(ctx, &kinesis.CreateStreamInput{StreamName: new("clicks"), ShardCount: new(int32(1))})

	p, err := producer.New(ctx, producer.Options{Client: client, Stream: "clicks"})
	if err != nil {
		fmt.Println(err)
		return
	}
	click := producer.Record{PartitionKey: "/index.html", Data: []byte(`{"resource":"/index.html"}`)}
	err = p.Put(ctx, click, func(r producer.Result) {
		if r.Err != nil {
			fmt.Println("lost:", r.Err)
			return
		}
		fmt.Println("stored in", r.ShardID)
	})
	if err != nil {
		fmt.Println("not taken:", err)
	}
	if err := p.Close(ctx); err != nil {
		fmt.Println(err)
	}
	fmt.Println(p.Stats().Delivered, "delivered")
	// Output:
	// stored in shardId-000000000000
	// 1 delivered
}

func ExampleProducer_PutSync() {
	ctx := context.Background()
	e := emulator.RunT(&exampleT{}) // in place of AWS
	client := client(e, e.Client().Transport)
	_, _ = client.CreateStream(ctx, &kinesis.CreateStreamInput{StreamName: new("clicks"), ShardCount: new(int32(1))})

	p, err := producer.New(ctx, producer.Options{Client: client, Stream: "clicks", Aggregate: true, OrderByKey: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = p.Close(ctx) }()
	r, err := p.PutSync(ctx, producer.Record{PartitionKey: "/index.html", Data: []byte(`{"resource":"/index.html"}`)})
	fmt.Println(r.ShardID, r.Attempts, err)
	// Output: shardId-000000000000 1 <nil>
}

// exampleT lets examples have what tests have.
type exampleT struct{}

func (*exampleT) Helper()                        {}
func (*exampleT) Cleanup(func())                 {}
func (*exampleT) Fatalf(format string, a ...any) { panic(fmt.Sprintf(format, a...)) }
