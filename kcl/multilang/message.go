// Package multilang holds the messages that a MultiLangDaemon and its child processes exchange, one JSON object a line,
// for both ends: [DaemonMessage] goes from the daemon to the child's standard input, [ChildMessage] comes back on its
// standard output. Nothing in it reads the clock, starts a goroutine or writes anywhere.
//
// The shapes are those of the Java daemon (package software.amazon.kinesis.multilang.messages of the KCL), versions 1.x
// to 3.x. Encoding and decoding are written by hand: a processRecords line holds up to 10,000 records, and a reflecting
// decoder would cost more than everything else that a child does.
package multilang

import "time"

// Actions of the protocol: the field "action" of each message, and what a status repeats in "responseFor".
const (
	ActionInitialize        = "initialize"
	ActionProcessRecords    = "processRecords"
	ActionLeaseLost         = "leaseLost"
	ActionShardEnded        = "shardEnded"
	ActionShutdownRequested = "shutdownRequested"
	ActionShutdown          = "shutdown" // KCL 1.x; its reason tells a lost lease from the end of the shard
	ActionCheckpoint        = "checkpoint"
	ActionStatus            = "status"
)

// Reasons of the action shutdown of KCL 1.x.
const (
	ReasonTerminate = "TERMINATE" // the shard has ended: a checkpoint is expected
	ReasonZombie    = "ZOMBIE"    // the lease is lost: no checkpoint is possible
)

// Record is one Kinesis record, or one sub-record of a KPL aggregate, as the daemon delivers it.
type Record struct {
	// Data is the payload: nil where the daemon wrote null, empty but not nil where it wrote "".
	Data []byte
	// PartitionKey is the producer's key, 1 to 256 characters.
	PartitionKey string
	// SequenceNumber is a decimal number of up to 129 digits; compare as a number, not as text.
	SequenceNumber string
	// SubSequenceNumber is the place within a KPL aggregate, 0 for an ordinary record.
	SubSequenceNumber int64
	// ApproximateArrivalTimestamp is when Kinesis took the record in, to the millisecond; zero when the daemon left it out.
	ApproximateArrivalTimestamp time.Time
}

// DaemonMessage is a message of the daemon. Action says which fields count:
// initialize: ShardID, SequenceNumber, SubSequenceNumber; processRecords: Records, MillisBehindLatest;
// checkpoint (the reply to one): SequenceNumber, SubSequenceNumber, Error; shutdown: Reason; the others: none.
type DaemonMessage struct {
	Action string
	// ShardID is the shard (KCL: the lease key) that this child process serves.
	ShardID string
	// SequenceNumber is nil where the daemon wrote null. In initialize it is TRIM_HORIZON, LATEST, AT_TIMESTAMP or the
	// number of the last checkpoint.
	SequenceNumber *string
	// SubSequenceNumber is nil where the daemon wrote null.
	SubSequenceNumber *int64
	// Records may be empty: the daemon can be told to call with empty lists.
	Records []Record
	// MillisBehindLatest is how far behind the shard's tip this batch is, in milliseconds; nil when not known.
	MillisBehindLatest *int64
	// Error is the simple class name of the Java exception that a checkpoint met, "" when it was stored.
	Error string
	// Reason is ReasonTerminate or ReasonZombie.
	Reason string
}

// ChildMessage is a message of the child: a status, which ends an action, or a checkpoint within one.
type ChildMessage struct {
	// Action is ActionStatus or ActionCheckpoint.
	Action string
	// ResponseFor is the action that a status answers.
	ResponseFor string
	// SequenceNumber is where to checkpoint; nil stands for the last record delivered, or the shard's end after it ended.
	SequenceNumber *string
	// SubSequenceNumber goes with SequenceNumber; nil stands for 0.
	SubSequenceNumber *int64
}
