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

// bundle is an aggregate that is ready to be sent.
type bundle struct {
	parts   []pending
	data    []byte
	memory  []byte // in which data is
	summed  bool   // data ends in its MD5 already
	hashKey string

	bytes     int64 // of the parts, as they count against the buffer
	dataBytes int64 // of their data
	asked     bool  // one of them at least has somebody to call back
	unsure    int64 // how many of them are

	from   *packer
	serial int // the packer's, when it was filled
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

// bufferBytes returns what the entry counts against the buffer.
func (e *entry) bufferBytes() int64 {
	if e.bundle != nil {
		return e.bundle.bytes
	}
	return int64(e.one.size())
}

// size is what the entry counts against Kinesis' limits, in bytes.
func (e *entry) size() int {
	if e.bundle != nil {
		return len(e.bundle.data) + 1
	}
	return e.one.size()
}

// sentBefore reports whether the records have been in a request.
func (e *entry) sentBefore() bool { return e.one.attempts > 0 }

// bundleKey is the partition key of aggregates, which go by their explicit hash key; the KPL's is the same.
//
//nolint:gochecknoglobals // requests need its address
var bundleKey = "a"

// request returns the entry as PutRecords takes it. It points into the entry: it is good until that changes.
func (e *entry) request() types.PutRecordsRequestEntry {
	if e.bundle != nil {
		return types.PutRecordsRequestEntry{Data: e.bundle.data, PartitionKey: &bundleKey, ExplicitHashKey: &e.bundle.hashKey}
	}
	r := types.PutRecordsRequestEntry{Data: e.one.Data, PartitionKey: &e.one.PartitionKey}
	if e.one.ExplicitHashKey != "" {
		r.ExplicitHashKey = &e.one.ExplicitHashKey
	}
	return r
}

// settle calls back for each of the user's records.
func (e *entry) settle(shard, sequence string, err error) {
	if e.bundle == nil {
		if e.one.done != nil {
			e.one.done(Result{
				Record: e.one.Record, ShardID: shard, SequenceNumber: sequence, Attempts: int(e.one.attempts), MaybeTwice: e.one.unsure, Err: err,
			})
		}
		return
	}
	if !e.bundle.asked {
		return
	}
	result := Result{ShardID: shard, SequenceNumber: sequence, Aggregated: true, Err: err}
	for i := range e.bundle.parts {
		part := &e.bundle.parts[i]
		if part.done == nil {
			continue
		}
		result.Record.PartitionKey, result.Record.ExplicitHashKey, result.Record.Data = part.PartitionKey, part.ExplicitHashKey, part.Data
		result.SubSequenceNumber = int64(i)
		result.Attempts, result.MaybeTwice = int(part.attempts+e.one.attempts), part.unsure || e.one.unsure
		part.done(result)
	}
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
