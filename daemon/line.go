package daemon

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"clickstream/kcl/deaggregate"
	"clickstream/kcl/multilang"
)

// batch is what a child is given in one call, ready to be sent.
type batch struct {
	line     []byte   // the processRecords message; empty when there is nothing to say
	records  int      // in line
	behind   *int64   // milliseconds behind the tip
	last     position // the greatest of them
	ended    bool     // the shard ends after this batch
	children []types.ChildShard
}

// lineBuilder makes the processRecords lines of one shard out of answers.
type lineBuilder struct {
	after    []byte                   // records up to this sequence number are left out: they are processed; nil for none
	afterSub int64                    // its sub-sequence number
	shard    deaggregate.HashKeyRange // of an aggregate, user records that belong to another shard are left out
	sayAll   bool                     // make a line of no records, too
	dropped  func(deaggregate.Dropped)

	line     []byte
	records  int
	sequence []byte // the greatest in line, with its sub-sequence number
	sub      int64
}

// newLineBuilder returns a builder that leaves out what the checkpoint says is processed. dropped is told of the parts of an aggregate
// that KCL's rules leave out.
func newLineBuilder(checkpoint position, shard deaggregate.HashKeyRange, sayAll bool, dropped func(deaggregate.Dropped)) *lineBuilder {
	l := &lineBuilder{shard: shard, sayAll: sayAll, dropped: dropped}
	if !checkpoint.initial() {
		l.after, l.afterSub = []byte(checkpoint.sequence), checkpoint.sub
	}
	return l
}

// build returns the batch of an answer. Its line is written over what is in memory.
func (l *lineBuilder) build(memory []byte, a *answer) (batch, error) {
	l.line = append(slices.Grow(memory[:0], a.lineSize()), `{"action":"processRecords","records":[`...)
	l.records, l.sequence = 0, nil
	for i := range a.records {
		if err := l.add(&a.records[i]); err != nil {
			return batch{}, err
		}
	}
	b := batch{records: l.records, behind: a.behind, last: position{string(l.sequence), l.sub}, ended: a.ended(), children: a.children}
	if l.records == 0 && !l.sayAll {
		return b, nil
	}
	l.line = append(l.line, `],"millisBehindLatest":`...)
	if a.behind == nil {
		l.line = append(l.line, "null"...)
	} else {
		l.line = strconv.AppendInt(l.line, *a.behind, 10)
	}
	b.line = append(l.line, "}\n"...)
	return b, nil
}

// lineSize is how long the line of an answer is at most, unless there are aggregates in it.
func (a *answer) lineSize() int {
	const (
		frame  = 100 // around the records
		around = 160 // around the texts of one
	)
	size := frame
	for i := range a.records {
		r := &a.records[i]
		size += around + len(r.data) + len(r.key) + len(r.sequence)
	}
	return size
}

// add appends a record, or the user records of an aggregate.
func (l *lineBuilder) add(r *wireRecord) error {
	if !mayBeAggregate(r.data) {
		l.append(r, 0)
		return nil
	}
	record, err := r.decode()
	if err != nil {
		return err
	}
	users, dropped := deaggregate.Records([]multilang.Record{record}, l.shard)
	for _, d := range dropped {
		l.dropped(d)
	}
	for i := range users {
		wire, err := encode(&users[i])
		if err != nil {
			return err
		}
		l.append(&wire, users[i].SubSequenceNumber)
	}
	return nil
}

// append appends one user record unless it is processed already.
func (l *lineBuilder) append(r *wireRecord, sub int64) {
	if l.processed(r.sequence, sub) {
		return
	}
	if l.records++; l.records > 1 {
		l.line = append(l.line, ',')
	}
	l.line = append(append(l.line, `{"data":"`...), r.data...)
	l.line = append(append(l.line, `","partitionKey":"`...), r.key...)
	l.line = append(append(l.line, `","sequenceNumber":"`...), r.sequence...)
	l.line = append(l.line, `","approximateArrivalTimestamp":`...)
	if r.arrival == 0 {
		l.line = append(l.line, "null"...)
	} else {
		l.line = strconv.AppendInt(l.line, r.arrival, 10)
	}
	l.line = strconv.AppendInt(append(l.line, `,"subSequenceNumber":`...), sub, 10)
	l.line = append(l.line, `,"action":"record"}`...)
	if c := compareNumbers(l.sequence, r.sequence); c < 0 || c == 0 && l.sub < sub {
		l.sequence, l.sub = r.sequence, sub
	}
}

// processed reports whether a record lies at or before the checkpoint. Such records are read again when the checkpoint is where
// reading starts, which may be within an aggregate.
func (l *lineBuilder) processed(sequence []byte, sub int64) bool {
	if l.after == nil {
		return false
	}
	c := compareNumbers(sequence, l.after)
	return c < 0 || c == 0 && sub <= l.afterSub
}

// aggregatePrefix is how the base64 of a KPL aggregate begins: its four magic bytes are F3 89 9A C2.
const aggregatePrefix = "84ma"

// mayBeAggregate reports whether the payload with this base64 may be a KPL aggregate; only then is it worth decoding.
func mayBeAggregate(data []byte) bool {
	return len(data) > len(aggregatePrefix) && string(data[:len(aggregatePrefix)]) == aggregatePrefix
}

func (r *wireRecord) decode() (multilang.Record, error) {
	data, err := base64.StdEncoding.AppendDecode([]byte{}, r.data)
	if err != nil {
		return multilang.Record{}, fmt.Errorf("record %s: payload is not base64: %w", r.sequence, err)
	}
	key, err := r.partitionKey()
	if err != nil {
		return multilang.Record{}, fmt.Errorf("record %s: partition key: %w", r.sequence, err)
	}
	return multilang.Record{
		Data: data, PartitionKey: key, SequenceNumber: string(r.sequence), ApproximateArrivalTimestamp: r.arrivalTime(),
	}, nil
}

func encode(r *multilang.Record) (wireRecord, error) {
	key, err := json.Marshal(r.PartitionKey)
	if err != nil {
		return wireRecord{}, err
	}
	wire := wireRecord{
		data:     base64.StdEncoding.AppendEncode(make([]byte, 0, base64.StdEncoding.EncodedLen(len(r.Data))), r.Data),
		key:      key[1 : len(key)-1],
		sequence: []byte(r.SequenceNumber),
	}
	if !r.ApproximateArrivalTimestamp.IsZero() {
		wire.arrival = r.ApproximateArrivalTimestamp.UnixMilli()
	}
	return wire, nil
}
