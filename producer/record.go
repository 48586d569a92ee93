package producer

import (
	"fmt"
	"unicode/utf8"
)

// Record is what is to be sent.
type Record struct {
	PartitionKey    string // 1 to 256 characters; its MD5 decides about the shard
	ExplicitHashKey string // decides instead of it: a number from 0 to 2^128-1 in decimal digits; "" for none
	Data            []byte // not copied: it must stay as it is until the record's result is there
}

// size is what the record counts against Kinesis' limits, in bytes.
func (r *Record) size() int { return len(r.Data) + len(r.PartitionKey) }

// check returns what is wrong with a record, as a *RecordError.
func (r *Record) check(maxBytes int) error {
	switch {
	case r.size() > maxBytes:
		return &RecordError{fmt.Sprintf("the record has %d bytes with its partition key, the stream takes %d", r.size(), maxBytes)}
	case r.PartitionKey == "":
		return &RecordError{"the record has no partition key"}
	case !utf8.ValidString(r.PartitionKey):
		return &RecordError{"the partition key is not UTF-8"}
	case len(r.PartitionKey) > MaxKeyLength && keyLength(r.PartitionKey) > MaxKeyLength:
		return &RecordError{fmt.Sprintf("the partition key has more than %d characters", MaxKeyLength)}
	case r.ExplicitHashKey != "" && !isHashKey(r.ExplicitHashKey):
		return &RecordError{"the explicit hash key is not a number from 0 to 2^128-1"}
	}
	return nil
}

// keyLength counts characters as UTF-16 does, which never counts fewer than any other way of counting.
func keyLength(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xffff {
			n++
		}
	}
	return n
}

// Result is what became of a record.
type Result struct {
	Record         Record
	ShardID        string // where it is; "" when Err is not nil
	SequenceNumber string
	// SubSequenceNumber is the record's place in its aggregate, from 0; 0 too when Aggregated is false.
	SubSequenceNumber int64
	Attempts          int // requests that the record was in
	Aggregated        bool
	// MaybeTwice: at least one earlier request with the record had no answer. It may have been carried out, and the record be in the
	// stream once more than this result says. With Err it means that the record may be in the stream all the same.
	MaybeTwice bool
	// Err is nil when Kinesis has the record. Else it wraps ErrExpired or ErrUndelivered, or is the error of the request that failed for good.
	Err error
}
