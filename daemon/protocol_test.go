package daemon_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"clickstream/internal/exit"
	"clickstream/internal/leases"
	"clickstream/kcl/multilang"
)

const shard0, shard1 = "shardId-000000000000", "shardId-000000000001"

func numbers(first, n int) []string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprint(first+i))
	}
	return all
}

func TestRecordsCheckpointAndStop(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	sequences := w.put(t, 0, 0, 3)
	d := w.start(t)
	p := w.stage.ready(t)
	if p.shard != shard0 || *p.init.SequenceNumber != leases.TrimHorizon || *p.init.SubSequenceNumber != 0 {
		t.Errorf("got %+v", p.init)
	}
	records := p.records(t)
	if len(records) != 3 || records[2].SequenceNumber != sequences[2] || records[0].PartitionKey != "key" || string(records[1].Data) != "1" {
		t.Errorf("got %+v", records)
	}
	if refused := p.checkpoint(t, sequences[1]); refused != "" {
		t.Error(refused)
	}
	w.lease(t, shard0, checkpointAt(sequences[1]))
	p.status(t, multilang.ActionProcessRecords)
	w.put(t, 0, 3, 1)
	if got := p.process(t, 1); got[0] != "3" {
		t.Errorf("got %v", got)
	}
	// The last words: what was not stored may be checkpointed now.
	d.stop()
	p.expect(t, multilang.ActionShutdownRequested)
	if refused := p.checkpoint(t, ""); refused != "" {
		t.Error(refused)
	}
	p.status(t, multilang.ActionShutdownRequested)
	p.expect(t, multilang.ActionLeaseLost)
	p.status(t, multilang.ActionLeaseLost)
	p.eof(t)
	p.exit(t, 0)
	if err := d.end(t); exit.Code(err) != exit.Failed { // a plain context.Canceled
		t.Error(err)
	}
	// The lease stays its owner's, as KCL leaves it.
	if lease := w.lease(t, shard0, func(l *leases.Lease) bool { return l != nil }); lease.Owner == "" || lease.Checkpoint == sequences[2] {
		t.Errorf("got %+v", lease)
	}
}

// The answers that the Java daemon gave in the same situations.
func TestCheckpointAnswers(t *testing.T) {
	t.Parallel()
	const huge = "99999999999999999999999999999999999999999999999999999999999999"
	w := newWorld(t, 1)
	sequences := w.put(t, 0, 0, 3)
	d := w.start(t)
	p := w.stage.next(t)
	answer := func(want, sequence string, sub ...int64) {
		t.Helper()
		if got := p.checkpoint(t, sequence, sub...); got != want {
			t.Errorf("checkpoint at %q %v is answered with %q, want %q", sequence, sub, got, want)
		}
	}
	p.expect(t, multilang.ActionInitialize)
	answer("InvalidStateException", "")
	p.status(t, multilang.ActionInitialize)

	p.records(t)
	answer("", "1")
	answer("IllegalArgumentException", huge)
	answer("IllegalArgumentException", "abc")
	answer("IllegalArgumentException", leases.TrimHorizon)
	answer("IllegalArgumentException", leases.Latest)
	answer("IllegalArgumentException", leases.ShardEnd)
	answer("IllegalArgumentException", sequences[0], -1)
	answer("", sequences[1])
	answer("", sequences[1])
	answer("IllegalArgumentException", sequences[0])
	answer("IllegalArgumentException", sequences[2], 1)
	answer("", "")
	answer("IllegalArgumentException", sequences[1])
	answer("", sequences[2], 0)
	p.status(t, multilang.ActionProcessRecords)

	d.stop()
	p.expect(t, multilang.ActionShutdownRequested)
	p.status(t, multilang.ActionShutdownRequested)
	p.expect(t, multilang.ActionLeaseLost)
	answer("InvalidStateException", "")
	p.status(t, multilang.ActionLeaseLost)
	p.eof(t)
	p.exit(t, 0)
	_ = d.end(t)
}

func TestNoiseIsSkipped(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	w.put(t, 0, 0, 1)
	d := w.start(t)
	p := w.stage.ready(t)
	p.records(t)
	p.say(t, "hello junk\n{\"x\":1}\n\n{\"action\":\"nope\"}\n{\"action\":\"status\",\"responseFor\":\"processRecords\",\"extra\":1}\n[1]\n")
	p.do(t, order{Err: "a message\nwithout end"})
	d.out.waitFor(t, shard0+": a message\n")
	w.put(t, 0, 1, 1)
	p.status(t, multilang.ActionProcessRecords)
	if got := p.process(t, 1); got[0] != "1" {
		t.Error(got)
	}
	d.finish(t, p)
	d.out.waitFor(t, shard0+": without end\n")
}

func TestEmptyLists(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	d := w.start(t, "callProcessRecordsEvenForEmptyRecordList", "true")
	p := w.stage.ready(t)
	for range 3 {
		message := p.expect(t, multilang.ActionProcessRecords)
		if len(message.Records) != 0 || message.MillisBehindLatest == nil || *message.MillisBehindLatest != 0 {
			t.Errorf("got %+v", message)
		}
		p.status(t, multilang.ActionProcessRecords)
	}
	d.stop()
	for p.expectEither(t) == multilang.ActionProcessRecords {
		p.status(t, multilang.ActionProcessRecords)
	}
	p.status(t, multilang.ActionShutdownRequested)
	p.expect(t, multilang.ActionLeaseLost)
	p.status(t, multilang.ActionLeaseLost)
	p.eof(t)
	p.exit(t, 0)
	_ = d.end(t)
}

// expectEither returns the action of the next message.
func (p *puppet) expectEither(t *testing.T) string {
	t.Helper()
	message := p.read(t)
	if message == nil {
		t.Fatal("the input ended")
	}
	return message.Action
}

// A child that is killed is started again where its checkpoint is; its neighbor does not notice.
func TestKilledChildIsStartedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2)
	first, second := w.put(t, 0, 0, 5), w.put(t, 1, 100, 5)
	d := w.start(t)
	puppets := map[string]*puppet{}
	for range 2 {
		p := w.stage.ready(t)
		puppets[p.shard] = p
	}
	victim, neighbor := puppets[shard0], puppets[shard1]
	victim.records(t)
	if refused := victim.checkpoint(t, first[2]); refused != "" {
		t.Fatal(refused)
	}
	victim.kill(t)

	again := w.stage.ready(t)
	if again.shard != shard0 || *again.init.SequenceNumber != first[2] {
		t.Errorf("got %+v", again.init)
	}
	if diff := cmp.Diff(numbers(3, 2), again.process(t, 2)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(numbers(100, 5), neighbor.process(t, 5)); diff != "" {
		t.Error(diff)
	}
	_ = second
	d.finish(t, again, neighbor)
}

// Each of these ends a child without progress; the fifth time ends the daemon, with the shard's name.
func TestFailingChildren(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(*testing.T, *puppet){
		"exits":  func(t *testing.T, p *puppet) { t.Helper(); p.exit(t, 3) },
		"killed": func(t *testing.T, p *puppet) { t.Helper(); p.kill(t) },
		"wrong status": func(t *testing.T, p *puppet) {
			t.Helper()
			p.status(t, multilang.ActionShardEnded)
			p.eof(t)
			p.exit(t, 0)
		},
		"silent": func(t *testing.T, p *puppet) { t.Helper(); p.eof(t); p.exit(t, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 1)
			w.put(t, 0, 0, 1)
			timeout := "20"
			if name == "silent" {
				timeout = "1"
			}
			d := w.start(t, "timeoutInSeconds", timeout)
			for i := range 5 {
				if name == "silent" && i == 1 {
					p := w.stage.next(t) // once is enough of waiting
					d.stop()
					p.exit(t, 0)
					_ = d.end(t)
					return
				}
				p := w.stage.ready(t)
				p.records(t)
				fail(t, p)
			}
			err := d.end(t)
			if exit.Code(err) != exit.Failed || !strings.Contains(err.Error(), shard0) || !strings.Contains(err.Error(), "5 times") {
				t.Errorf("exit code %d: %v", exit.Code(err), err)
			}
		})
	}
}

// A checkpoint is progress: such a child may fail as often as it likes.
func TestFailuresWithProgress(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	w.put(t, 0, 0, 8)
	d := w.start(t)
	for i := range 8 {
		p := w.stage.ready(t)
		records := p.records(t)
		if len(records) != 8-i {
			t.Fatalf("got %d records, want %d", len(records), 8-i)
		}
		if refused := p.checkpoint(t, records[0].SequenceNumber); refused != "" {
			t.Fatal(refused)
		}
		p.exit(t, 1)
	}
	d.finish(t, w.stage.ready(t))
}

func TestExitCodeTwoEndsTheDaemon(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2)
	d := w.start(t)
	one, other := w.stage.ready(t), w.stage.ready(t)
	one.exit(t, exit.Usage)
	other.finish(t)
	if err := d.end(t); exit.Code(err) != exit.Usage || !strings.Contains(err.Error(), one.shard) {
		t.Errorf("exit code %d: %v", exit.Code(err), err)
	}
}

func TestProgramThatIsNotThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	d := w.start(t, "executableName", "/no/such/program at all")
	if err := d.end(t); err == nil || !strings.Contains(err.Error(), "/no/such/program") {
		t.Error(err)
	}
}

// A child that does not end with its input is killed, and so is one that does not answer when all are to stop.
func TestStubbornChildren(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	w.put(t, 0, 0, 1)
	d := w.start(t, "shutdownGraceMillis", "1")
	p := w.stage.ready(t)
	p.records(t)
	d.stop()
	_ = d.end(t)
	if _, err := p.lines.ReadLine(); err == nil {
		_, err = p.lines.ReadLine()
		if err == nil {
			t.Error("the child is still there")
		}
	}
}

func TestPartitionKeysPassAsTheyAre(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	keys := []string{`"quoted\"`, "ü\u2028 <&>", "tab\t", strings.Repeat("k", 256)}
	for _, key := range keys {
		w.putKey(t, key)
	}
	d := w.start(t)
	p := w.stage.ready(t)
	var got []string
	for len(got) < len(keys) {
		for _, record := range p.records(t) {
			got = append(got, record.PartitionKey)
		}
		p.status(t, multilang.ActionProcessRecords)
	}
	if !slices.Equal(keys, got) {
		t.Error(cmp.Diff(keys, got))
	}
	d.finish(t, p)
}
