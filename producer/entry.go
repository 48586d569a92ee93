package producer

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// instant is a time, counted from the Producer's start: a third of the size of a [time.Time], of which there would be one in every record.
type instant = time.Duration

const never instant = -1

// pending is a record that the Producer has taken and not yet settled.
type pending struct {
	Record
	done     func(Result)
	deadline instant // 0: none
	attempts int32   // requests it was in, before those of its aggregate
	unsure   bool    // one of them had no answer
	alone    bool    // not to be packed into an aggregate again
}

// entry is one Kinesis record: a record of the user, or an aggregate of several.
type entry struct {
	one    pending // for an aggregate, deadline, attempts and unsure are those of the whole
	bundle *bundle
	shard  *shardRange // where it is expected; nil when nobody wants to know
	last   error       // why it was refused the last time
}

// records returns how many of the user's records the entry holds.
func (e *entry) records() int {
	if e.bundle != nil {
		return len(e.bundle.parts)
	}
	return 1
}

// size is what the entry counts against Kinesis' limits, in bytes.
func (e *entry) size() int {
	if e.bundle != nil {
		return e.bundle.size + len(bundleKey)
	}
	return e.one.size()
}

// sentBefore reports whether the records have been in a request.
func (e *entry) sentBefore() bool { return e.one.attempts > 0 }

// bundleKey is the partition key of aggregates, which go by their explicit hash key; the KPL's is the same.
//
//nolint:gochecknoglobals // requests need its address
var bundleKey = "a"

// request returns the entry as PutRecords takes it, with the aggregate if it is one. It points into the entry: it is good until that changes.
func (e *entry) request(aggregate []byte) types.PutRecordsRequestEntry {
	if e.bundle != nil {
		return types.PutRecordsRequestEntry{Data: aggregate, PartitionKey: &bundleKey, ExplicitHashKey: &e.bundle.hashKey}
	}
	r := types.PutRecordsRequestEntry{Data: e.one.Data, PartitionKey: &e.one.PartitionKey}
	if e.one.ExplicitHashKey != "" {
		r.ExplicitHashKey = &e.one.ExplicitHashKey
	}
	return r
}

// settle calls back for each of the user's records and returns what they count.
func (e *entry) settle(shard, sequence string, err error) tally {
	result := Result{
		ShardID: shard, SequenceNumber: sequence, Attempts: int(e.one.attempts), MaybeTwice: e.one.unsure, Aggregated: e.bundle != nil, Err: err,
	}
	if e.bundle != nil {
		return e.bundle.settle(&result)
	}
	result.Record = e.one.Record
	if e.one.done != nil {
		e.one.done(result)
	}
	t := tally{records: 1}
	t.add(&result)
	return t
}

// batch is the content of one request.
type batch struct {
	entries []entry
	bytes   int
	request []types.PutRecordsRequestEntry // kept to be used again
}

// fits reports whether one more entry may be added. One always fits in an empty batch, whatever its size.
func (b *batch) fits(e *entry, o *Options) bool {
	return len(b.entries) == 0 || len(b.entries) < o.RequestRecords && b.bytes+e.size() <= o.RequestBytes
}

// full reports whether there is no point in waiting for more.
func (b *batch) full(o *Options) bool {
	if len(b.entries) >= o.RequestRecords || b.bytes >= o.RequestBytes {
		return true
	}
	return o.Aggregate && b.bytes+o.AggregateBytes > o.RequestBytes
}

func (b *batch) add(e *entry) {
	b.entries = append(b.entries, *e)
	b.bytes += e.size()
}

// keep leaves the first n entries.
func (b *batch) keep(n int) {
	clear(b.entries[n:])
	b.entries, b.bytes = b.entries[:n], 0
	for i := range b.entries {
		b.bytes += b.entries[i].size()
	}
}
