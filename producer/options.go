package producer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
)

// API is what a Producer calls; *kinesis.Client is one. Its retries should stay the SDK's: the Producer switches them off for
// PutRecords, which it repeats itself. An implementation must not keep a request's records after it has returned.
type API interface {
	DescribeStreamSummary(context.Context, *kinesis.DescribeStreamSummaryInput, ...func(*kinesis.Options)) (*kinesis.DescribeStreamSummaryOutput, error)
	ListShards(context.Context, *kinesis.ListShardsInput, ...func(*kinesis.Options)) (*kinesis.ListShardsOutput, error)
	PutRecords(context.Context, *kinesis.PutRecordsInput, ...func(*kinesis.Options)) (*kinesis.PutRecordsOutput, error)
}

// Limits of PutRecords: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html
const (
	MaxRequestRecords = 500
	MaxRequestBytes   = 10 << 20 // data and partition keys
	MaxKeyLength      = 256      // characters of a partition key

	mostRecordBytes = 10 << 20 // data and partition key, where the stream is set so
	usualRecord     = 1 << 20  // where it is not
)

// Defaults of Options.
const (
	DefaultRequestBytes    = 5 << 20  // what the service took before 2025, and some emulators still do
	DefaultAggregateBytes  = 50 << 10 // the KPL's
	DefaultBufferedRecords = 200_000
	DefaultBufferedBytes   = 64 << 20
	DefaultInFlight        = 8
	DefaultLinger          = 100 * time.Millisecond // the KPL's
)

// Options say where a Producer sends records, and how. Client and Stream or StreamARN are needed, a zero in any other field means
// what stands beside it.
type Options struct {
	Client    API
	Stream    string // the stream's name
	StreamARN string // where set, requests name the stream by it, which alone reaches a stream of another account

	// RequestRecords and RequestBytes are how many records a request has at most (0: 500), and how many bytes of data and partition
	// keys (0: 5 MiB, at most 10 MiB). A record larger than that goes alone.
	RequestRecords int
	RequestBytes   int
	// Linger is how long a record waits for others to fill its request or aggregate (0: 100 ms; less than 0: not at all).
	Linger time.Duration
	// InFlight is how many requests are under way at once (0: 8). With 1 and without Aggregate, a request's records are all stored before the
	// next request is made, so that records keep their order from request to request; inside one Kinesis promises none.
	InFlight int
	// BufferedRecords and BufferedBytes bound what the Producer holds: Put waits while there is more (0: 200,000 records; 0: 64 MiB of
	// data and keys). A record larger than that goes through when there is no other.
	BufferedRecords int
	BufferedBytes   int64

	// OrderByKey sends no record of a partition key before the one before it is stored or given up.
	OrderByKey bool
	// TimeToLive is how long a record is worth sending, from Put on (0: for ever). What is in a request then stays in it.
	TimeToLive time.Duration
	// RequestTimeout is how long a request may take before it counts as lost and is made again (0: one minute).
	RequestTimeout time.Duration

	// RequestsPerSecond spreads requests evenly over time (0: as they come).
	RequestsPerSecond float64
	// ShardLimits holds records back that their shard would refuse: 1 MiB and 1,000 records a second, less after refusals, for they mean
	// that others write to the shard too. A stream in on-demand mode has no limits here until one of its shards refuses something.
	ShardLimits bool

	// Aggregate packs records of one shard into one Kinesis record, in the KPL's format: the KCL takes them apart again.
	Aggregate bool
	// AggregateBytes is how large an aggregate becomes (0: 50 KiB; at most what the stream takes). Larger records go unpacked.
	AggregateBytes int
	// FollowShards keeps Shards up to date although neither Aggregate nor ShardLimits need it.
	FollowShards bool

	// JSON makes requests in JSON. Otherwise they are in CBOR, as the SDK for Java makes them, which is cheaper for both ends, unless the endpoint
	// refuses that before it has understood any, and takes the same request in JSON.
	JSON bool

	// MaxRecordBytes is how large a record may be, data and partition key (0: what DescribeStreamSummary says of the stream).
	MaxRecordBytes int

	// Warn is told of trouble that passes, which may be often: kind is "request", "record" or "shards". It must return soon, and not use the Producer.
	Warn func(kind string, err error)
	// Seed makes pauses repeatable.
	Seed uint64
}

// withDefaults returns the options with their defaults, or what is wrong with them.
func (o Options) withDefaults() (Options, error) {
	for _, wrong := range []struct {
		is   bool
		text string
	}{
		{o.Client == nil, "no client"},
		{o.Stream == "" && o.StreamARN == "", "the stream has neither name nor ARN"},
		{o.RequestRecords < 0 || o.RequestRecords > MaxRequestRecords, fmt.Sprintf("RequestRecords is %d, it has to be from 1 to %d", o.RequestRecords, MaxRequestRecords)},
		{o.RequestBytes < 0 || o.RequestBytes > MaxRequestBytes, fmt.Sprintf("RequestBytes is %d, it has to be from 1 to %d", o.RequestBytes, MaxRequestBytes)},
		{o.MaxRecordBytes < 0 || o.MaxRecordBytes > mostRecordBytes, fmt.Sprintf("MaxRecordBytes is %d, it has to be from 1 to %d", o.MaxRecordBytes, mostRecordBytes)},
		{o.InFlight < 0, fmt.Sprintf("InFlight is %d", o.InFlight)},
		{o.BufferedRecords < 0 || o.BufferedBytes < 0, "a limit of the buffer is negative"},
		{o.AggregateBytes < 0, fmt.Sprintf("AggregateBytes is %d", o.AggregateBytes)},
		{o.TimeToLive < 0, fmt.Sprintf("TimeToLive is %v", o.TimeToLive)},
		{o.RequestTimeout < 0, fmt.Sprintf("RequestTimeout is %v", o.RequestTimeout)},
		{o.RequestsPerSecond < 0, fmt.Sprintf("RequestsPerSecond is %v", o.RequestsPerSecond)},
	} {
		if wrong.is {
			return o, errors.New("producer: " + wrong.text)
		}
	}
	o.RequestRecords = or(o.RequestRecords, MaxRequestRecords)
	o.RequestBytes = or(o.RequestBytes, DefaultRequestBytes)
	o.Linger = max(0, or(o.Linger, DefaultLinger))
	o.InFlight = or(o.InFlight, DefaultInFlight)
	o.BufferedRecords = or(o.BufferedRecords, DefaultBufferedRecords)
	o.BufferedBytes = or(o.BufferedBytes, DefaultBufferedBytes)
	o.RequestTimeout = or(o.RequestTimeout, time.Minute)
	o.AggregateBytes = or(o.AggregateBytes, DefaultAggregateBytes)
	if o.Warn == nil {
		o.Warn = func(string, error) {}
	}
	return o, nil
}

func or[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}

// ids are the stream's names as requests have them.
func (o *Options) ids() (name, arn *string) {
	if o.StreamARN != "" {
		return nil, &o.StreamARN
	}
	return &o.Stream, nil
}

// needsShards reports whether the shards have to be known.
func (o *Options) needsShards() bool { return o.Aggregate || o.ShardLimits || o.FollowShards }
