package kcltest

import (
	"errors"
	"fmt"
	"io"

	"clickstream/kcl"
	"clickstream/kcl/multilang"
)

// Worker is the daemon's side of one child: each method sends one message, answers the child's checkpoints and returns
// when the child has sent its status. An error says that the child ended or answered wrongly; then only Close is left.
//
// The newest worker of a shard holds its lease. The checkpoints of older ones, zombies, are answered ShutdownException.
type Worker struct {
	shard *Shard
	in    io.WriteCloser // the child's standard input
	out   io.Reader      // the child's standard output
	lines *multilang.LineReader
	wait  func() error // waits for the child and returns how it ended

	skipped []string
	next    int      // the first record not yet delivered
	last    position // the last checkpoint, as this worker knows it
	largest position // the largest that the child may checkpoint
	end     *position
}

// Initialize sends initialize with the position that the lease says. What was delivered to another worker and not
// checkpointed will be delivered again.
func (w *Worker) Initialize() error {
	w.last, w.largest = w.shard.stored, w.shard.stored
	for w.next = 0; w.next < len(w.shard.records); w.next++ {
		if at(w.shard.records[w.next]).compare(w.last) > 0 {
			break
		}
	}
	m := &multilang.DaemonMessage{Action: multilang.ActionInitialize, ShardID: w.shard.id}
	m.SequenceNumber, m.SubSequenceNumber = &w.last.sequence, &w.last.sub
	return w.act(m, false)
}

// Deliver sends processRecords with the next records, limit of them at most, or 10,000, as the daemon does, if limit is 0;
// an aggregate is never divided. It returns how many it sent. With none left it sends an empty list.
func (w *Worker) Deliver(limit int) (int, error) {
	if limit <= 0 {
		limit = 10_000
	}
	all := w.shard.records
	end := min(w.next+limit, len(all))
	for end > w.next && end < len(all) && all[end].SequenceNumber == all[end-1].SequenceNumber {
		end++
	}
	records := all[w.next:end]
	if len(records) > 0 {
		w.largest = at(records[len(records)-1])
	}
	w.next = end
	behind := int64(len(all) - end)
	return len(records), w.act(&multilang.DaemonMessage{
		Action: multilang.ActionProcessRecords, Records: records, MillisBehindLatest: &behind,
	}, true)
}

// DeliverAll calls Deliver until nothing is left.
func (w *Worker) DeliverAll(limit int) error {
	for w.next < len(w.shard.records) {
		if _, err := w.Deliver(limit); err != nil {
			return err
		}
	}
	return nil
}

// RequestShutdown sends shutdownRequested: the daemon is about to stop.
func (w *Worker) RequestShutdown() error {
	return w.act(&multilang.DaemonMessage{Action: multilang.ActionShutdownRequested}, true)
}

// StealLease gives the lease to somebody else. The child is not told: it learns by ShutdownException, or by LoseLease.
func (w *Worker) StealLease() {
	if w.shard.owner == w {
		w.shard.owner = nil
	}
}

// LoseLease sends leaseLost, after the lease was given to somebody else.
func (w *Worker) LoseLease() error {
	w.StealLease()
	return w.act(&multilang.DaemonMessage{Action: multilang.ActionLeaseLost}, false)
}

// EndShard sends shardEnded. It is an error of the child if the lease does not say SHARD_END afterwards: the daemon would
// not begin with the shards that follow.
func (w *Worker) EndShard() error {
	end := w.largest
	w.end, w.largest = &end, position{sequence: shardEnd}
	if err := w.act(&multilang.DaemonMessage{Action: multilang.ActionShardEnded}, true); err != nil {
		return err
	}
	if got := w.shard.stored.sequence; got != shardEnd && w.shard.owner == w {
		return fmt.Errorf("kcltest: shard %s has ended and its checkpoint is %s, not %s", w.shard.id, got, shardEnd)
	}
	return nil
}

// Skipped returns the lines of the child that a daemon does not understand and skips.
func (w *Worker) Skipped() []string { return w.skipped }

// Close closes the child's input, waits for the child's end and returns its error: what Run returned, or the process.
func (w *Worker) Close() error {
	if err := w.in.Close(); err != nil {
		return fmt.Errorf("kcltest: closing the input of the child: %w", err)
	}
	_, _ = io.Copy(io.Discard, w.out)
	return w.wait()
}

// act sends m and serves the child until its status.
func (w *Worker) act(m *multilang.DaemonMessage, mayCheckpoint bool) error {
	if err := w.send(m); err != nil {
		return err
	}
	for {
		line, err := w.lines.ReadLine()
		if err != nil {
			return w.ended(m.Action, err)
		}
		w.log("< ", line)
		answer, err := multilang.ParseChildMessage(line)
		switch {
		case err != nil && len(line) > 0:
			w.skipped = append(w.skipped, string(line))
		case err != nil:
		case answer.Action == multilang.ActionCheckpoint:
			err = w.reply(answer, mayCheckpoint)
			if err != nil {
				return err
			}
		case answer.ResponseFor != m.Action:
			return fmt.Errorf("kcltest: the child answered %s with a status for %q", m.Action, answer.ResponseFor)
		default:
			return nil
		}
	}
}

func (w *Worker) ended(action string, err error) error {
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("kcltest: the child ended without answering %s", action)
	}
	return fmt.Errorf("kcltest: waiting for the answer to %s: %w", action, err)
}

func (w *Worker) send(m *multilang.DaemonMessage) error {
	line := m.AppendLine(nil)
	w.log("> ", line[:len(line)-1])
	if _, err := w.in.Write(line); err != nil {
		return fmt.Errorf("kcltest: sending %s: %w", m.Action, err)
	}
	return nil
}

func (w *Worker) log(direction string, line []byte) {
	if w.shard.Log != nil {
		_, _ = fmt.Fprintf(w.shard.Log, "%s%s\n", direction, line)
	}
}

func (w *Worker) reply(m *multilang.ChildMessage, mayCheckpoint bool) error {
	class := "InvalidStateException"
	if mayCheckpoint {
		class = w.checkpoint(m)
	}
	return w.send(&multilang.DaemonMessage{
		Action:            multilang.ActionCheckpoint,
		SequenceNumber:    m.SequenceNumber,
		SubSequenceNumber: m.SubSequenceNumber,
		Error:             class,
	})
}

// checkpoint does what the KCL's ShardRecordProcessorCheckpointer does and returns the class of its exception.
func (w *Worker) checkpoint(m *multilang.ChildMessage) (class string) {
	target := w.largest
	if m.SequenceNumber != nil {
		target = position{sequence: *m.SequenceNumber}
		if m.SubSequenceNumber != nil {
			target.sub = *m.SubSequenceNumber
		}
		if target.sub < 0 || !target.valid() || w.last.compare(target) > 0 || target.compare(w.largest) > 0 {
			return "IllegalArgumentException"
		}
	}
	if target == w.last {
		return "" // nothing is written, and so nobody notices a lost lease
	}
	if w.end != nil && target == *w.end {
		target = position{sequence: shardEnd}
	}
	if len(w.shard.refusals) > 0 {
		class, w.shard.refusals = w.shard.refusals[0], w.shard.refusals[1:]
		return class
	}
	if w.shard.owner != w {
		return "ShutdownException"
	}
	w.last, w.shard.stored = target, target
	return ""
}

func at(r kcl.Record) position { return position{r.SequenceNumber, r.SubSequenceNumber} }
