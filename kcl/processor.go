package kcl

import (
	"context"

	"clickstream/kcl/multilang"
)

// Record is one record of the stream, or one sub-record of a KPL aggregate.
type Record = multilang.Record

// Where a shard may begin, instead of a sequence number, in [InitializeInput].
const (
	TrimHorizon = "TRIM_HORIZON" // the oldest record that the stream keeps
	Latest      = "LATEST"       // the records after the start of the application
	AtTimestamp = "AT_TIMESTAMP" // the records after a time that the daemon was given
)

// Processor takes in one shard. [Run] calls its methods one at a time, in the order of the daemon's messages:
// Initialize first, then any number of ProcessRecords, then LeaseLost or ShardEnded.
//
// A method that returns nil tells the daemon to go on. An error ends Run, and with it the child process, before the
// daemon has got an answer; the daemon then starts again at the last checkpoint (the Java daemon by exiting: it is to be
// started again from outside). So an error that may pass is better waited out in the method.
//
// The context is cancelled when the daemon goes away, also while the method runs: return soon then. It is the same for all calls, so work
// that a method leaves running may use it; a checkpoint has to wait for the next call.
type Processor interface {
	// Initialize tells the shard and where the delivery begins. No checkpoint is possible.
	Initialize(ctx context.Context, in *InitializeInput) error
	// ProcessRecords delivers records, in order of their sequence and sub-sequence numbers.
	ProcessRecords(ctx context.Context, in *ProcessRecordsInput) error
	// LeaseLost: another worker has the shard now. No checkpoint is possible: forget what is not checkpointed.
	LeaseLost(ctx context.Context, in *LeaseLostInput) error
	// ShardEnded: the shard was split or merged and all its records are delivered. Call Checkpoint before returning nil:
	// without it the daemon never begins with the shards that follow.
	ShardEnded(ctx context.Context, in *ShardEndedInput) error
}

// ShutdownRequester is a [Processor] that wants to know when the daemon is about to stop, to store and checkpoint what it
// holds. Without it the request is answered and nothing done. What follows is LeaseLost, or the end of input.
type ShutdownRequester interface {
	ShutdownRequested(ctx context.Context, in *ShutdownRequestedInput) error
}

// Borrower is a [Processor] that keeps nothing of the records that it is given, when BorrowsRecords is true: once ProcessRecords has
// returned, it uses none of their data, sequence numbers and partition keys any more, but for copies of its own (a string by
// [strings.Clone]). [Run] then gives it the records of each call in the memory of the call before, which makes the program a good deal
// smaller, and hardly ever in need of a garbage collection.
type Borrower interface {
	BorrowsRecords() bool
}

// InitializeInput says which shard this process serves, and from where on.
type InitializeInput struct {
	// ShardID is the shard, such as shardId-000000000000.
	ShardID string
	// SequenceNumber is the last checkpoint, delivery begins after it, or TrimHorizon, Latest or AtTimestamp when there is none.
	SequenceNumber string
	// SubSequenceNumber goes with SequenceNumber: the sub-records of that aggregate up to this one are checkpointed.
	SubSequenceNumber int64
}

// ProcessRecordsInput is a batch of records.
type ProcessRecordsInput struct {
	// Records may be kept after the method returns, except by a Borrower; they are not used again. It may be empty.
	Records []Record
	// MillisBehindLatest is how far the batch lies behind the newest record of the shard, in milliseconds; nil when not known.
	MillisBehindLatest *int64
	// Checkpointer is valid until the method returns.
	Checkpointer *Checkpointer
}

// LeaseLostInput is empty: there is nothing to be done with a lost lease.
type LeaseLostInput struct{}

// ShardEndedInput comes after the last record of a shard.
type ShardEndedInput struct {
	// Checkpointer is valid until the method returns.
	Checkpointer *EndCheckpointer
}

// ShutdownRequestedInput comes before a planned stop.
type ShutdownRequestedInput struct {
	// Checkpointer is valid until the method returns.
	Checkpointer *Checkpointer
}
