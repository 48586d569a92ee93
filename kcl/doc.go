// Package kcl is the Kinesis Client Library for programs in Go: record processors that a MultiLangDaemon runs, the Java one
// of the KCL (1.x to 3.x) or `clickstream daemon`. It needs nothing but the standard library.
//
// A program implements [Processor] and hands it to [Main], or to [Run] with an input and an output of its choice:
//
//	func main() { os.Exit(kcl.Main(&processor{})) }
//
// Package kcltest plays the daemon for tests.
//
// # The protocol
//
// The daemon holds the leases, reads the shards and starts one child process for each shard that it serves. It writes
// one JSON object a line to the child's standard input and reads such lines from its standard output; standard error goes
// to the daemon's log. Each message of the daemon is answered before the next one comes:
//
//	daemon   {"action":"initialize","shardId":"shardId-000000000000","sequenceNumber":"TRIM_HORIZON","subSequenceNumber":0}
//	child    {"action":"status","responseFor":"initialize"}
//	daemon   {"action":"processRecords","records":[{"data":"eyJ9","partitionKey":"resource-0","sequenceNumber":"4968…",
//	         "approximateArrivalTimestamp":1795378421916,"subSequenceNumber":0,"action":"record"},…],"millisBehindLatest":0}
//	child    {"action":"checkpoint","sequenceNumber":"4968…","subSequenceNumber":0}
//	daemon   {"action":"checkpoint","sequenceNumber":"4968…","subSequenceNumber":0,"error":null}
//	child    {"action":"status","responseFor":"processRecords"}
//	daemon   {"action":"shardEnded"}                 also: leaseLost, shutdownRequested; KCL 1.x: shutdown, with a reason
//	child    {"action":"checkpoint","sequenceNumber":null}
//	daemon   {"action":"checkpoint","sequenceNumber":null,"subSequenceNumber":null,"error":null}
//	child    {"action":"status","responseFor":"shardEnded"}
//	daemon   closes the child's input; the child ends, and the daemon waits for that
//
// Between a message and its status the child may checkpoint as often as it likes. A checkpoint without a number stands
// for the last record delivered, after shardEnded for the end of the shard. The reply's error is null or the name of a
// Java exception; see [CheckpointError].
//
// Delivery begins after the last checkpoint, so records that were delivered and not checkpointed come again, in another
// process or on another machine: at least once. Sub-records of a KPL aggregate share a sequence number and are told
// apart by their sub-sequence number; they arrive in one call, and a checkpoint in their midst needs both numbers.
//
// What this package takes care of, because the Java daemon forgives none of it:
//
//   - A line that the daemon does not understand, or a status with one field too many, is skipped, and the daemon waits
//     for ever. So nothing else may print on standard output; see [GuardStdout].
//   - A child that dies ends the Java daemon with all its shards; a child that neither answers nor ends stops its shard
//     without a word. So an error of a processor ends the program, and the end of input cancels what it waits for.
//   - A shard that ended and is not checkpointed keeps its successors from starting. So that is an error too.
package kcl
