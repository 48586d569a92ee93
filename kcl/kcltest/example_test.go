package kcltest_test

import (
	"context"
	"fmt"

	"clickstream/kcl"
	"clickstream/kcl/kcltest"
)

// words is the processor that is tested: it counts words and checkpoints after every batch.
type words map[string]int

func (w words) Initialize(context.Context, *kcl.InitializeInput) error { return nil }
func (w words) LeaseLost(context.Context, *kcl.LeaseLostInput) error   { return nil }

func (w words) ProcessRecords(ctx context.Context, in *kcl.ProcessRecordsInput) error {
	for _, r := range in.Records {
		w[string(r.Data)]++
	}
	return in.Checkpointer.Checkpoint(ctx)
}

func (w words) ShardEnded(ctx context.Context, in *kcl.ShardEndedInput) error {
	return in.Checkpointer.Checkpoint(ctx)
}

// A processor meets a whole shard, from its first record to its end.
func ExampleShard_Run() {
	shard := kcltest.NewShard("shardId-000000000000")
	shard.Put("a", []byte("apple"))
	shard.Put("b", []byte("pear"))
	shard.Put("c", []byte("apple"))

	counts := words{}
	err := shard.Run(context.Background(), counts, true)
	checkpoint, _ := shard.Checkpoint()
	fmt.Println(counts, checkpoint, err)
	// Output: map[apple:2 pear:1] SHARD_END <nil>
}

// A daemon that dies delivers again what was not checkpointed.
func ExampleWorker() {
	shard := kcltest.NewShard("shardId-000000000000")
	shard.Put("a", []byte("apple"))
	shard.Put("b", []byte("pear"))
	shard.Refuse("KinesisClientLibDependencyException", 1)

	counts := words{}
	w := shard.Start(context.Background(), counts)
	fmt.Println(w.Initialize())
	_, err := w.Deliver(1)
	fmt.Println(err)
	fmt.Println(w.Close())

	fmt.Println(shard.Run(context.Background(), counts, true))
	fmt.Println(counts)
	// Output:
	// <nil>
	// kcltest: the child ended without answering processRecords
	// kcl: processRecords: kcl: checkpoint at the last record delivered: KinesisClientLibDependencyException: a service behind the daemon fails
	// <nil>
	// map[apple:2 pear:1]
}

// A conversation, word by word.
func ExamplePlay() {
	lines, err := kcltest.Play(context.Background(), words{}, `
{"action":"initialize","shardId":"shardId-000000000000","sequenceNumber":"TRIM_HORIZON","subSequenceNumber":0}
{"action":"shardEnded"}
{"action":"checkpoint","sequenceNumber":null,"subSequenceNumber":null,"error":null}
`)
	fmt.Print(lines)
	fmt.Println(err)
	// Output:
	// {"action":"status","responseFor":"initialize"}
	// {"action":"checkpoint","sequenceNumber":null}
	// {"action":"status","responseFor":"shardEnded"}
	// <nil>
}

// A lease is stolen between two deliveries: the processor's next checkpoint is refused.
func ExampleWorker_StealLease() {
	ctx := context.Background()
	shard := kcltest.NewShard("shardId-000000000000")
	shard.Put("a", []byte("apple"))
	shard.Put("b", []byte("pear"))
	worker := shard.Start(ctx, words{})
	fmt.Println(worker.Initialize())
	fmt.Println(worker.Deliver(1))    // one record
	worker.StealLease()               // somebody else has the shard from here on
	fmt.Println(worker.DeliverAll(0)) // its checkpoint is answered ShutdownException
	fmt.Println(worker.Close())       // what Run returned
	// Output:
	// <nil>
	// 1 <nil>
	// kcltest: the child ended without answering processRecords
	// kcl: processRecords: kcl: checkpoint at the last record delivered: ShutdownException: the lease is lost
}
