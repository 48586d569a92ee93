package deaggregate

import (
	"crypto/md5"
	"encoding/binary"
)

// UserRecord is a record to be packed with others.
type UserRecord struct {
	// PartitionKey decides about the shard, unless ExplicitHashKey does.
	PartitionKey string
	// ExplicitHashKey is a hash key in decimal digits, or "".
	ExplicitHashKey string
	// Data is the payload.
	Data []byte
}

// Aggregate packs records, in order, into the data of one Kinesis record, as the KPL does. To be delivered they must all
// belong to the shard that the Kinesis record's own keys lead to. That its data may have 1 MiB at most (10 MiB, where
// the stream is set so) is the caller's business.
func Aggregate(records []UserRecord) []byte {
	var partitionKeys, explicitHashKeys keyTable
	var parts []byte
	for i := range records {
		parts = appendPart(parts, &records[i], &partitionKeys, &explicitHashKeys)
	}
	out := []byte(magic)
	out = partitionKeys.appendTo(out, aggregatePartitionKeys)
	out = explicitHashKeys.appendTo(out, aggregateExplicitHashKeys)
	out = append(out, parts...)
	sum := md5.Sum(out[len(magic):])
	return append(out, sum[:]...)
}

func appendPart(b []byte, r *UserRecord, partitionKeys, explicitHashKeys *keyTable) []byte {
	p := appendVarintField(nil, recordPartitionKey, partitionKeys.place(r.PartitionKey))
	if r.ExplicitHashKey != "" {
		p = appendVarintField(p, recordExplicitHashKey, explicitHashKeys.place(r.ExplicitHashKey))
	}
	p = appendBytesField(p, recordData, r.Data)
	return appendBytesField(b, aggregateRecords, p)
}

// keyTable holds each key once.
type keyTable struct {
	keys   []string
	places map[string]int
}

func (t *keyTable) place(key string) uint64 {
	place, ok := t.places[key]
	if !ok {
		if t.places == nil {
			t.places = map[string]int{}
		}
		place = len(t.keys)
		t.keys, t.places[key] = append(t.keys, key), place
	}
	return uint64(place)
}

func (t *keyTable) appendTo(b []byte, number uint64) []byte {
	for _, key := range t.keys {
		b = appendBytesField(b, number, []byte(key))
	}
	return b
}

func appendVarintField(b []byte, number, value uint64) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(b, number<<3|wireVarint), value)
}

func appendBytesField(b []byte, number uint64, value []byte) []byte {
	b = binary.AppendUvarint(binary.AppendUvarint(b, number<<3|wireBytes), uint64(len(value)))
	return append(b, value...)
}
