package daemon_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamotypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/google/go-cmp/cmp"

	"clickstream/emulator"
	"clickstream/internal/exit"
	"clickstream/internal/leases"
	"clickstream/kcl/deaggregate"
	"clickstream/kcl/multilang"
)

// steal takes a lease away from whoever has it.
func (w *world) steal(t *testing.T, key, worker string) leases.Lease {
	t.Helper()
	var stolen leases.Lease
	w.lease(t, key, func(l *leases.Lease) bool {
		var err error
		stolen, err = w.table.Take(t.Context(), *l, worker)
		return err == nil
	})
	return stolen
}

// A lost lease shows in the next checkpoint, or in a renewal; the child is told. When its new owner falls silent the shard comes back.
func TestLostLease(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	w.put(t, 0, 0, 2)
	d := w.start(t)
	p := w.stage.ready(t)
	p.records(t)
	w.steal(t, shard0, "thief")
	if refused := p.checkpoint(t, ""); refused != "ShutdownException" {
		t.Errorf("answered with %q", refused)
	}
	p.status(t, multilang.ActionProcessRecords)
	p.expect(t, multilang.ActionLeaseLost)
	p.status(t, multilang.ActionLeaseLost)
	p.eof(t)
	p.exit(t, 0)

	p = w.stage.ready(t) // the thief is silent
	d.out.waitFor(t, "taken over from worker thief")
	p.process(t, 2)
	w.steal(t, shard0, "thief") // seen by a renewal
	p.expect(t, multilang.ActionLeaseLost)
	p.status(t, multilang.ActionLeaseLost)
	p.eof(t)
	p.exit(t, 0)
	d.stop()
	_ = d.end(t)
}

// A lease that its holder renews is left alone, for as long as it does.
func TestLiveWorkerKeepsItsLease(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds; left out with -short")
	}
	t.Parallel()
	w := newWorld(t, 1)
	w.settings["failoverTimeMillis"] = "1000"
	one := w.start(t)
	p := w.stage.ready(t)
	two := w.start(t)
	two.out.waitFor(t, shard0+": held by worker ")
	lease := w.lease(t, shard0, func(*leases.Lease) bool { return true })
	w.lease(t, shard0, func(l *leases.Lease) bool { return l.Counter > lease.Counter+4 }) // renewed for more than failoverTimeMillis
	if strings.Contains(two.out.String(), "started") {
		t.Error("the second daemon took the lease of the first")
	}
	one.finish(t, p)
	// Nothing released it; it is the second's when it has stood still.
	p = w.stage.ready(t)
	if now := w.lease(t, shard0, func(*leases.Lease) bool { return true }); now.Owner == lease.Owner || now.OwnerSwitches != 1 {
		t.Errorf("got %+v", now)
	}
	two.finish(t, p)
}

// The next daemon on the machine has the same worker id and need not wait.
func TestRestartIsTheSameWorker(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	sequences := w.put(t, 0, 0, 2)
	d := w.start(t, "failoverTimeMillis", "3600000")
	p := w.stage.ready(t)
	p.records(t)
	if refused := p.checkpoint(t, sequences[0]); refused != "" {
		t.Error(refused)
	}
	p.status(t, multilang.ActionProcessRecords)
	d.finish(t, p)
	d = w.start(t, "failoverTimeMillis", "3600000")
	p = w.stage.ready(t)
	if *p.init.SequenceNumber != sequences[0] {
		t.Errorf("got %+v", p.init)
	}
	if got := p.process(t, 1); got[0] != "1" {
		t.Errorf("got %v", got)
	}
	d.finish(t, p)
}

func TestWorkerIDOfTheSettings(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	d := w.start(t, "workerId", "named")
	p := w.stage.ready(t)
	if lease := w.lease(t, shard0, func(*leases.Lease) bool { return true }); lease.Owner != "named" {
		t.Errorf("got %+v", lease)
	}
	if err := w.start(t, "workerId", "named").end(t); exit.Code(err) != exit.Usage {
		t.Errorf("a second daemon of the same id: %v", err)
	}
	d.finish(t, p)
}

// Two machines may have been given the same worker id, which no lock can see.
func TestWorkerIDOfAnotherMachine(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	d := w.start(t, "workerId", "same", "failoverTimeMillis", "600")
	p := w.stage.ready(t)
	w.lease(t, shard0, func(l *leases.Lease) bool {
		taken, err := w.table.Take(t.Context(), *l, "same")
		if err == nil {
			_, err = w.table.Renew(t.Context(), taken) // two steps: one alone looks like the daemon's own renewal
		}
		return err == nil
	})
	p.expect(t, multilang.ActionLeaseLost)
	p.status(t, multilang.ActionLeaseLost)
	p.eof(t)
	p.exit(t, 0)
	d.out.waitFor(t, "held by worker same, but by another daemon: give each daemon a workerId of its own")
	d.finish(t, w.stage.ready(t))
}

// A worker of KCL 3 whose leader wants the shard elsewhere is asked; it stores, hands over and stops.
func TestHandOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	w.put(t, 0, 0, 2)
	d := w.start(t, "workerId", "me", "failoverTimeMillis", "600")
	p := w.stage.ready(t)
	p.process(t, 2)
	w.assign(t, shard0, "java", "me")
	p.expect(t, multilang.ActionShutdownRequested)
	if refused := p.checkpoint(t, ""); refused != "" {
		t.Error(refused)
	}
	p.status(t, multilang.ActionShutdownRequested)
	p.expect(t, multilang.ActionLeaseLost)
	if lease := w.lease(t, shard0, func(*leases.Lease) bool { return true }); lease.Owner != "java" || lease.HandOverFrom != "" {
		t.Errorf("got %+v", lease)
	}
	p.status(t, multilang.ActionLeaseLost)
	p.eof(t)
	p.exit(t, 0)
	d.stop()
	_ = d.end(t)
}

// assign writes what a KCL 3 leader writes that gives a lease to another worker.
func (w *world) assign(t *testing.T, key, owner, from string) {
	t.Helper()
	if _, err := w.dynamodb.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName: aws.String("app"), Key: map[string]dynamotypes.AttributeValue{"leaseKey": &dynamotypes.AttributeValueMemberS{Value: key}},
		UpdateExpression: aws.String("SET leaseOwner = :owner, checkpointOwner = :from"),
		ExpressionAttributeValues: map[string]dynamotypes.AttributeValue{
			":owner": &dynamotypes.AttributeValueMemberS{Value: owner}, ":from": &dynamotypes.AttributeValueMemberS{Value: from},
		},
	}); err != nil {
		t.Fatal(err)
	}
}

// Of two Java workers, one handing a lease to the other, neither is there any more. Then the lease is free, when both have been silent, and
// the handover is off.
func TestHandOverThatNobodyEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	w.put(t, 0, 0, 2)
	if err := w.table.Ensure(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := w.table.Create(t.Context(), leases.Lease{Key: shard0, Checkpoint: leases.TrimHorizon, Counter: 7}); err != nil {
		t.Fatal(err)
	}
	w.assign(t, shard0, "java-2", "java-1")
	d := w.start(t, "workerId", "heir")
	p := w.stage.ready(t)
	if lease := w.lease(t, shard0, func(*leases.Lease) bool { return true }); lease.Owner != "heir" || lease.HandOverFrom != "" || lease.OwnerSwitches != 1 {
		t.Errorf("got %+v", lease)
	}
	p.process(t, 2)
	d.out.waitFor(t, "held by worker java-1; taken over when")
	d.finish(t, p)
}

// A checkpoint within an aggregate goes on within it.
func TestAggregates(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	for range 2 {
		if _, err := w.kinesis.PutRecord(t.Context(), &kinesis.PutRecordInput{
			StreamName: aws.String(streamName), PartitionKey: aws.String("k"), Data: deaggregate.Aggregate([]deaggregate.UserRecord{
				{PartitionKey: "a", Data: []byte("0")}, {PartitionKey: "b", Data: []byte("1")}, {PartitionKey: "c", Data: []byte("2")},
			}),
		}); err != nil {
			t.Fatal(err)
		}
	}
	d := w.start(t)
	p := w.stage.ready(t)
	records := p.records(t)
	if len(records) != 6 || records[1].SubSequenceNumber != 1 || records[1].PartitionKey != "b" {
		t.Fatalf("got %+v", records)
	}
	first := records[0].SequenceNumber
	for _, sub := range []int64{0, 1} { // sub 0 may come from a child that knows no sub-sequence numbers
		if refused := p.checkpoint(t, first, sub); refused != "" {
			t.Error(refused)
		}
		p.kill(t)
		p = w.stage.ready(t)
		if *p.init.SequenceNumber != first || *p.init.SubSequenceNumber != sub {
			t.Errorf("got %+v", p.init)
		}
		if rest := p.records(t); len(rest) != 5-int(sub) || rest[0].SubSequenceNumber != sub+1 {
			t.Errorf("after sub %d: got %+v", sub, rest)
		}
	}
	if refused := p.checkpoint(t, ""); refused != "" {
		t.Error(refused)
	}
	w.lease(t, shard0, func(l *leases.Lease) bool { return l.Checkpoint != first && l.CheckpointSub == 2 })
	p.status(t, multilang.ActionProcessRecords)
	d.finish(t, p)
}

// Errors of AWS that pass are waited out.
func TestPassingErrors(t *testing.T) {
	t.Parallel()
	broken := &emulator.Error{Code: "InternalFailure", Status: http.StatusInternalServerError}
	for operation, err := range map[string]*emulator.Error{
		"DynamoDB.DescribeTable":   broken,
		"DynamoDB.Scan":            broken,
		"DynamoDB.PutItem":         broken,
		"DynamoDB.UpdateItem":      broken,
		"Kinesis.ListShards":       broken,
		"Kinesis.GetShardIterator": {Code: "ProvisionedThroughputExceededException", Message: "slow down"},
		"Kinesis.GetRecords":       {Code: "ExpiredIteratorException", Message: "too old"},
	} {
		t.Run(operation, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 1)
			w.put(t, 0, 0, 3)
			w.emulator.Fail(operation, 2, err)
			d := w.start(t)
			p := w.stage.ready(t)
			if diff := cmp.Diff(numbers(0, 3), p.process(t, 3)); diff != "" {
				t.Error(diff)
			}
			d.finish(t, p)
		})
	}
}

// An iterator that expires in the middle of the shard is replaced by one after the last record read.
func TestExpiredIterator(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	w.put(t, 0, 0, 3)
	d := w.start(t)
	p := w.stage.ready(t)
	p.process(t, 3)
	w.emulator.Fail("Kinesis.GetRecords", 1, &emulator.Error{Code: "ExpiredIteratorException", Message: "too old"})
	d.out.waitFor(t, "iterator is no longer valid")
	w.put(t, 0, 3, 2)
	if diff := cmp.Diff(numbers(3, 2), p.process(t, 2)); diff != "" {
		t.Error(diff)
	}
	d.finish(t, p)
}

// An endpoint that is away for longer than failoverTimeMillis costs nothing: nobody took the lease in the meantime.
func TestEndpointAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	sequences := w.put(t, 0, 0, 3)
	d := w.start(t)
	p := w.stage.ready(t)
	p.records(t)
	w.away.Store(true)
	message := multilang.ChildMessage{Action: multilang.ActionCheckpoint}
	p.say(t, string(message.AppendLine(nil)))
	d.out.waitFor(t, "cannot store the checkpoint")
	d.out.waitFor(t, "cannot renew the lease")
	d.out.waitFor(t, "cannot read the shard")
	d.out.waitFor(t, "nothing listens at")
	w.away.Store(false)
	if answer := p.expect(t, multilang.ActionCheckpoint); answer.Error != "" {
		t.Errorf("answered with %q", answer.Error)
	}
	w.lease(t, shard0, checkpointAt(sequences[2]))
	p.status(t, multilang.ActionProcessRecords)
	w.put(t, 0, 3, 1)
	if got := p.process(t, 1); got[0] != "3" {
		t.Errorf("got %v", got)
	}
	d.finish(t, p)
}

func TestCheckpointsWhileDynamoDBFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	w.put(t, 0, 0, 2)
	d := w.start(t, "failoverTimeMillis", "3600000") // no renewals in between
	p := w.stage.ready(t)
	p.records(t)
	w.emulator.Fail("DynamoDB.UpdateItem", 1, &emulator.Error{Code: "ProvisionedThroughputExceededException"})
	if refused := p.checkpoint(t, ""); refused != "ThrottlingException" {
		t.Errorf("throttled: answered with %q", refused)
	}
	w.emulator.Fail("DynamoDB.UpdateItem", 2, &emulator.Error{Code: "InternalServerError", Status: http.StatusInternalServerError})
	if refused := p.checkpoint(t, ""); refused != "" {
		t.Errorf("failing for a while: answered with %q", refused)
	}
	p.status(t, multilang.ActionProcessRecords)
	d.finish(t, p)
}

func TestErrorsThatCannotPass(t *testing.T) {
	t.Parallel()
	denied := &emulator.Error{Code: "AccessDeniedException", Status: http.StatusForbidden, Message: "no"}
	for _, operation := range []string{"DynamoDB.Scan", "Kinesis.ListShards", "Kinesis.GetRecords"} {
		w := newWorld(t, 1)
		w.emulator.Fail(operation, 1, denied)
		d := w.start(t)
		if operation == "Kinesis.GetRecords" {
			p := w.stage.ready(t)
			p.eof(t)
			p.exit(t, 0)
		}
		if err := d.end(t); exit.Code(err) != exit.Usage {
			t.Errorf("%s: exit code %d: %v", operation, exit.Code(err), err)
		}
	}
}

// A stream of the same name that was made anew does not have the checkpoint's record.
func TestCheckpointOfAnotherStream(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	if err := w.table.Ensure(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := w.table.Create(t.Context(), leases.Lease{Key: shard0, Checkpoint: "1"}); err != nil {
		t.Fatal(err)
	}
	d := w.start(t)
	p := w.stage.ready(t)
	p.eof(t)
	p.exit(t, 0)
	if err := d.end(t); exit.Code(err) != exit.Usage || !strings.Contains(err.Error(), "created again") {
		t.Errorf("exit code %d: %v", exit.Code(err), err)
	}
}

func TestWaitsForTheStream(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	d := w.start(t)
	d.out.waitFor(t, "waiting for stream")
	w.createStream(t, 1)
	d.finish(t, w.stage.ready(t))
}
