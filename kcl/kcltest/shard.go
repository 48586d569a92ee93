// Package kcltest plays the daemon's end of the protocol, to test record processors: a [Shard] keeps records and a lease,
// its [Worker] delivers them to a [kcl.Processor] through [kcl.Run], or to any program that speaks the protocol, and
// answers checkpoints as the Java daemon does, with throttling, lost leases and second deliveries when the test wants
// them. [Play] runs a conversation from a script.
//
// Nothing here reads real time or opens a socket: tests may run in a testing/synctest bubble, where a throttled
// checkpoint's pauses take no time.
package kcltest

import (
	"fmt"
	"io"
	"time"

	"clickstream/kcl"
)

// Shard is a shard of a stream that nobody else sees, and its row in the lease table. It is for one goroutine at a time.
type Shard struct {
	// Log gets each line of the conversation, those to the child after "> ", those from it after "< ". Nil is no log.
	Log io.Writer

	id       string
	records  []kcl.Record
	minted   int
	stored   position // the checkpoint in the lease table
	owner    *Worker
	refusals []string
}

// NewShard returns an empty shard whose lease says TRIM_HORIZON. The usual id is shardId- and 12 digits.
func NewShard(id string) *Shard {
	return &Shard{id: id, stored: position{sequence: kcl.TrimHorizon}}
}

// Put adds an ordinary record with a sequence number like the service's, of 56 digits, and returns it.
func (s *Shard) Put(partitionKey string, data []byte) kcl.Record {
	return s.PutAggregate(partitionKey, data)[0]
}

// PutAggregate adds the sub-records of one KPL aggregate: they share a sequence number, count their sub-sequence numbers
// from 0 and are always delivered together.
func (s *Shard) PutAggregate(partitionKey string, data ...[]byte) []kcl.Record {
	s.minted++
	first := len(s.records)
	for i, d := range data {
		s.records = append(s.records, kcl.Record{
			Data:              d,
			PartitionKey:      partitionKey,
			SequenceNumber:    fmt.Sprintf("4968046973457821141142655821674570363693586%013d", s.minted),
			SubSequenceNumber: int64(i),

			ApproximateArrivalTimestamp: time.Now().Truncate(time.Millisecond),
		})
	}
	return s.records[first:len(s.records):len(s.records)]
}

// Records returns all that was put, in order.
func (s *Shard) Records() []kcl.Record { return s.records }

// Checkpoint returns what the lease says: TRIM_HORIZON, a sequence number with its sub-sequence number, or SHARD_END.
func (s *Shard) Checkpoint() (sequenceNumber string, subSequenceNumber int64) {
	return s.stored.sequence, s.stored.sub
}

// Throttle answers the next n checkpoints that would be written with ThrottlingException.
func (s *Shard) Throttle(n int) { s.Refuse("ThrottlingException", n) }

// Refuse answers the next n checkpoints that would be written with the exception of that simple class name.
func (s *Shard) Refuse(class string, n int) {
	for range n {
		s.refusals = append(s.refusals, class)
	}
}
