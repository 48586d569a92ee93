package produce

import (
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// Limits of PutRecords: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html
const (
	maxBatchRecords = 500
	maxBatchBytes   = 5 << 20 // data and partition keys; the service takes 10 MiB since 2025, older emulators 5
	maxRecordBytes  = 1 << 20 // data and partition key, unless the stream says otherwise
	maxKeyLength    = 256     // characters of a partition key
)

// record is a record to be sent.
type record struct {
	data    []byte // shared, never changed
	key     string // partition key
	hashKey string // explicit hash key; empty where the partition key decides
}

// size is what the record counts against Kinesis' limits, in bytes.
func (r *record) size() int { return len(r.data) + len(r.key) }

// batch is the content of one request.
type batch struct {
	records []record
	bytes   int
	limit   int // records

	entries []types.PutRecordsRequestEntry // the request's, kept to be used again
}

// newBatch returns an empty batch of at most limit records.
func newBatch(limit int) *batch {
	return &batch{limit: limit, records: make([]record, 0, limit), entries: make([]types.PutRecordsRequestEntry, 0, limit)}
}

// fits reports whether one more record may be added. One record always fits in an empty batch, whatever its size.
func (b *batch) fits(r *record) bool {
	return len(b.records) == 0 || len(b.records) < b.limit && b.bytes+r.size() <= maxBatchBytes
}

// add adds a record that fits.
func (b *batch) add(r record) {
	b.records = append(b.records, r)
	b.bytes += r.size()
}

// full reports whether the batch has as many records as it may have.
func (b *batch) full() bool { return len(b.records) >= b.limit }

// reset empties the batch.
func (b *batch) reset() {
	clear(b.records)
	b.records, b.bytes = b.records[:0], 0
}

// request returns the entries for PutRecords. They point into the batch: they are good until it changes.
func (b *batch) request() []types.PutRecordsRequestEntry {
	b.entries = b.entries[:0]
	for i := range b.records {
		r := &b.records[i]
		entry := types.PutRecordsRequestEntry{Data: r.data, PartitionKey: &r.key}
		if r.hashKey != "" {
			entry.ExplicitHashKey = &r.hashKey
		}
		b.entries = append(b.entries, entry)
	}
	return b.entries
}

// keepRefused leaves the records that PutRecords refused, in their order, and calls stored for each other one.
func (b *batch) keepRefused(results []types.PutRecordsResultEntry, stored func(shard string, r *record)) {
	kept := 0
	b.bytes = 0
	for i := range results {
		if refused(results[i]) {
			b.records[kept] = b.records[i]
			b.bytes += b.records[kept].size()
			kept++
			continue
		}
		shard := ""
		if results[i].ShardId != nil {
			shard = *results[i].ShardId
		}
		stored(shard, &b.records[i])
	}
	b.records = b.records[:kept]
}

// refused reports whether a record was not stored: only a stored one has a sequence number.
func refused(r types.PutRecordsResultEntry) bool {
	return r.SequenceNumber == nil || *r.SequenceNumber == "" || r.ErrorCode != nil && *r.ErrorCode != ""
}
