// Package deaggregate takes apart the records into which the Kinesis Producer Library (KPL) packs several of its user's
// records. Behind a MultiLangDaemon nobody needs it: the daemon delivers the parts. It is for the daemon itself and for
// programs that read Kinesis without one.
//
// An aggregate is the bytes F3 89 9A C2, a protocol buffers message (AggregatedRecord of the KPL's messages.proto) and the
// message's MD5. What does not fit that in any way is an ordinary record, as in AggregatorUtil of the KCL for Java, which
// this package follows in everything that decides which records are delivered under which sub-sequence numbers.
package deaggregate

import (
	"bytes"
	"crypto/md5"
	"errors"

	"clickstream/kcl/multilang"
)

// Why parts of an aggregate are not delivered.
var (
	// ErrForeignHashKey: a part belongs to another shard, which happens when the shard was split between the producer's
	// choice and the service's. The KPL sees where its aggregate arrived and sends all parts of it again, so none of
	// them is delivered.
	ErrForeignHashKey = errors.New("a hash key outside the shard's range")
	// ErrBrokenReference: a part names a partition key or an explicit hash key that is not in the aggregate's tables, or
	// the explicit hash key is no number. The parts before it are delivered, it and those after it are not. No KPL
	// writes that.
	ErrBrokenReference = errors.New("a reference to a key that is not there")
)

// Dropped tells of parts of an aggregate that are not delivered.
type Dropped struct {
	// SequenceNumber is the aggregate's.
	SequenceNumber string
	// Parts is how many of its parts are dropped, from the last one backwards.
	Parts int
	// Reason is ErrForeignHashKey or ErrBrokenReference.
	Reason error
}

// Records replaces each aggregate among records by its parts, in order, numbered from sub-sequence number 0. They have the
// sequence number and the arrival time of the aggregate, their own partition keys, and data that shares memory with the
// aggregate's. When there is no aggregate, records itself is returned.
//
// hashKeys is the range of the shard that the records were read from; see ErrForeignHashKey. dropped lists what was left
// out, to be logged.
func Records(records []multilang.Record, hashKeys HashKeyRange) (parts []multilang.Record, dropped []Dropped) {
	first := 0
	for first < len(records) && !isAggregate(records[first].Data) {
		first++
	}
	if first == len(records) {
		return records, nil
	}
	parts = append(make([]multilang.Record, 0, 2*len(records)), records[:first]...)
	for i := first; i < len(records); i++ {
		message, ok := parseAggregate(records[i].Data)
		if !ok {
			parts = append(parts, records[i])
			continue
		}
		before := len(parts)
		var reason error
		parts, reason = appendParts(parts, &records[i], message, hashKeys)
		if reason != nil {
			missing := len(message.parts) - (len(parts) - before)
			dropped = append(dropped, Dropped{SequenceNumber: records[i].SequenceNumber, Parts: missing, Reason: reason})
		}
	}
	return parts, dropped
}

func appendParts(
	parts []multilang.Record, aggregate *multilang.Record, m *message, hashKeys HashKeyRange,
) ([]multilang.Record, error) {
	before := len(parts)
	for i, p := range m.parts {
		key, explicit, ok := m.keys(p)
		if !ok {
			return parts, ErrBrokenReference
		}
		inside, err := hashKeys.contains(key, explicit)
		if err != nil {
			return parts, ErrBrokenReference
		}
		if !inside {
			return parts[:before], ErrForeignHashKey
		}
		parts = append(parts, multilang.Record{
			Data:              p.data,
			PartitionKey:      key,
			SequenceNumber:    aggregate.SequenceNumber,
			SubSequenceNumber: int64(i),

			ApproximateArrivalTimestamp: aggregate.ApproximateArrivalTimestamp,
		})
	}
	return parts, nil
}

// isAggregate looks at the frame only; the message may still turn out not to be one.
func isAggregate(data []byte) bool {
	if len(data) <= len(magic)+md5.Size || string(data[:len(magic)]) != magic {
		return false
	}
	body, tail := data[len(magic):len(data)-md5.Size], data[len(data)-md5.Size:]
	sum := md5.Sum(body)
	return bytes.Equal(sum[:], tail)
}

func parseAggregate(data []byte) (*message, bool) {
	if !isAggregate(data) {
		return nil, false
	}
	return parseMessage(data[len(magic) : len(data)-md5.Size])
}
