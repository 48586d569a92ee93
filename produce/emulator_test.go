package produce_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"clickstream/emulator"
	"clickstream/produce"
)

// client returns the SDK's client for an emulator.
func client(url string, over *http.Client) *kinesis.Client {
	return kinesis.New(kinesis.Options{
		Region: "us-east-1", BaseEndpoint: &url, HTTPClient: over,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	})
}

// TestWithTheSDK sends through the SDK's client, the codecs of kinesiswire and an emulator whose stream takes a while to be
// created and which fails now and then.
func TestWithTheSDK(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, err := emulator.New(emulator.Options{CreateDelay: 12 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		e.Fail("Kinesis.PutRecords", 2, &emulator.Error{Code: "ProvisionedThroughputExceededException", Message: "later"})
		e.Fail("Kinesis.PutRecords", 1, io.ErrUnexpectedEOF)
		var out, log bytes.Buffer
		err = produce.Run(t.Context(), produce.Config{
			Kinesis: client(e.URL, e.Client()), Stream: "clicks", Shards: 3, DescribeWait: 5 * time.Second,
			Batch: 50, TPS: 20, InFlight: 3, Records: 3000, Out: &out, Err: &log,
		})
		if err != nil {
			t.Fatalf("%v\n%s%s", err, out.String(), log.String())
		}
		records, err := e.Kinesis().Records("clicks")
		if err != nil {
			t.Fatal(err)
		}
		shards := map[string]int{}
		for _, r := range records {
			shards[r.ShardID]++
		}
		for shard, n := range shards {
			if n != 1000 {
				t.Errorf("%s has %d records, want 1000", shard, n)
			}
		}
		if len(records) != 3000 {
			t.Errorf("%d records, want 3000", len(records))
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
}

// BenchmarkProduce sends full batches, four at once and unpaced, over a real connection to an emulator in the same process. The
// time for a record is both sides' together.
func BenchmarkProduce(b *testing.B) {
	e := emulator.ServeT(b)
	transport := &http.Transport{MaxIdleConnsPerHost: 16, ReadBufferSize: 64 << 10, WriteBufferSize: 64 << 10}
	defer transport.CloseIdleConnections()
	const records = 100_000
	b.ReportAllocs()
	for b.Loop() {
		err := produce.Run(b.Context(), produce.Config{
			Kinesis: client(e.URL, &http.Client{Transport: transport}), Stream: "clicks", Shards: 2, Batch: 500, InFlight: 4, Records: records,
			Out: io.Discard, Err: io.Discard,
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/records, "ns/record")
}

// BenchmarkEngine sends to a stream that stores nothing and costs nothing: the engine alone.
func BenchmarkEngine(b *testing.B) {
	f := active(2)
	const records = 100_000
	b.ReportAllocs()
	for b.Loop() {
		err := produce.Run(b.Context(), produce.Config{
			Kinesis: &nowhere{fake: f}, Stream: "clicks", Shards: 2, Batch: 500, InFlight: 1, Records: records, Out: io.Discard, Err: io.Discard,
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/records, "ns/record")
}

// nowhere says that it has stored what it was given.
type nowhere struct {
	*fake
	out *kinesis.PutRecordsOutput
}

func (n *nowhere) PutRecords(_ context.Context, in *kinesis.PutRecordsInput, _ ...func(*kinesis.Options)) (*kinesis.PutRecordsOutput, error) {
	if n.out == nil {
		n.out = n.store(0, in)
	}
	return n.out, nil
}
