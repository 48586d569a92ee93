package daemon

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/sirupsen/logrus"

	"clickstream/internal/leases"
	"clickstream/kcl/multilang"
)

// session is one child process at work on a shard, from initialize to the end of its input.
type session struct {
	shard       *shard
	child       *child
	reader      *reader
	checkpoints *checkpointer
	log         *logrus.Entry

	// initialized is set when the child has answered initialize.
	initialized bool

	quiet  alarm  // rings when the child is to be called although there is nothing new
	behind *int64 // of the last batch
}

// outcome is how a session came to its end without an error.
type outcome int

const (
	stopped   outcome = iota // the daemon is being stopped
	leaseLost                // another worker has the shard
	ended                    // the shard is processed to its end
)

// run speaks with the child until it is done with the shard, the daemon is being stopped, or something fails. An error means that the child is to
// be started again from the last checkpoint. Whatever comes out, the child's input is still open.
func (s *session) run(ctx context.Context) (outcome, error) {
	start := s.checkpoints.last
	initialize := multilang.DaemonMessage{
		Action: multilang.ActionInitialize, ShardID: s.shard.id, SequenceNumber: &start.sequence, SubSequenceNumber: &start.sub,
	}
	if err := s.say(ctx, &initialize, nil); err != nil {
		return 0, err
	}
	s.initialized = true
	defer s.quiet.stop()
	for !s.stopping() {
		if result, done, err := s.next(ctx); done || err != nil {
			return result, err
		}
	}
	return stopped, s.shutDown(ctx)
}

// next does the next thing that there is to do, and reports whether the session is done with that.
func (s *session) next(ctx context.Context) (result outcome, done bool, err error) {
	select {
	case <-s.shard.daemon.stopping.Done():
	case <-s.shard.lease.lost:
		return leaseLost, true, s.loseLease(ctx)
	case <-s.shard.lease.handOver:
		return leaseLost, true, s.handOver(ctx)
	case message, alive := <-s.child.messages:
		if !alive {
			return 0, false, errChildGone
		}
		s.log.Warnf("the record processor said %q although nothing was asked; ignoring it", message.Action)
	case b, more := <-s.reader.batches:
		if !more {
			return 0, false, errReaderGone
		}
		if err := s.process(ctx, b); err != nil || !b.ended {
			return 0, false, err
		}
		result, err = s.finish(ctx, b.children)
		return result, true, err
	case <-s.quiet.c:
		return 0, false, s.processNothing(ctx)
	}
	return 0, false, nil
}

func (s *session) stopping() bool { return s.shard.daemon.stopping.Err() != nil }

// errReaderGone says that there will be no more batches; the reader knows why.
var errReaderGone = errors.New("the shard cannot be read")

// process gives the child a batch and waits until it is done with it.
func (s *session) process(ctx context.Context, b batch) error {
	if b.records > 0 && b.last.compare(s.checkpoints.largest) > 0 {
		s.checkpoints.largest = b.last
	}
	if len(b.line) > 0 {
		if err := s.call(ctx, multilang.ActionProcessRecords, b.line, s.checkpoints); err != nil {
			return err // the child may still be reading the line: its memory must not be used again
		}
	}
	s.reader.recycle(b)
	s.behind = b.behind
	s.quiet.stop()
	s.quiet = newAlarm(s.shard.emptyCalls())
	return nil
}

// processNothing calls the child although there is nothing new.
func (s *session) processNothing(ctx context.Context) error {
	nothing := &multilang.DaemonMessage{Action: multilang.ActionProcessRecords, MillisBehindLatest: s.behind}
	defer s.quiet.restart()
	return s.say(ctx, nothing, s.checkpoints)
}

// finish brings a shard that has ended to the lease's SHARD_END: the children's leases first, so that no crash can leave them out,
// then the record processor's last checkpoint.
func (s *session) finish(ctx context.Context, children []types.ChildShard) (outcome, error) {
	if err := s.shard.createChildren(ctx, children); err != nil {
		if s.stopping() {
			return stopped, s.shutDown(ctx)
		}
		return 0, err
	}
	s.checkpoints.endShard()
	if err := s.say(ctx, &multilang.DaemonMessage{Action: multilang.ActionShardEnded}, s.checkpoints); err != nil {
		return 0, err
	}
	if s.lost() {
		return leaseLost, nil
	}
	if s.checkpoints.last.sequence != leases.ShardEnd {
		return 0, errors.New("the record processor did not checkpoint at the end of the shard (without a sequence number), as it must: " +
			"the shards that follow cannot start")
	}
	return ended, nil
}

// shutDown lets the child store what it holds and ends it as KCL does, with leaseLost, although the lease is still held.
func (s *session) shutDown(ctx context.Context) error {
	if err := s.say(ctx, &multilang.DaemonMessage{Action: multilang.ActionShutdownRequested}, s.checkpoints); err != nil {
		return err
	}
	return s.loseLease(ctx)
}

// handOver is shutDown for one shard that another worker waits for.
func (s *session) handOver(ctx context.Context) error {
	s.log.Info("another worker was told to take the shard over; handing the lease to it")
	if err := s.say(ctx, &multilang.DaemonMessage{Action: multilang.ActionShutdownRequested}, s.checkpoints); err != nil {
		return err
	}
	s.shard.lease.giveUp(ctx)
	return s.loseLease(ctx)
}

func (s *session) loseLease(ctx context.Context) error {
	return s.say(ctx, &multilang.DaemonMessage{Action: multilang.ActionLeaseLost}, nil)
}

func (s *session) lost() bool {
	select {
	case <-s.shard.lease.lost:
		return true
	default:
		return false
	}
}

// say sends a short message and waits for its status. Without checkpoints the child may not checkpoint.
func (s *session) say(ctx context.Context, m *multilang.DaemonMessage, checkpoints *checkpointer) error {
	return s.call(ctx, m.Action, m.AppendLine(nil), checkpoints)
}

func (s *session) call(ctx context.Context, action string, line []byte, checkpoints *checkpointer) error {
	err := s.child.call(ctx, action, line, s.shard.daemon.settings.Timeout(), func(m *multilang.ChildMessage) []byte {
		name, err := invalidState, fmt.Errorf("a checkpoint is not possible during %s", action)
		if checkpoints != nil {
			name, err = checkpoints.checkpoint(ctx, m.SequenceNumber, m.SubSequenceNumber)
		}
		if name != "" {
			s.log.WithError(err).Warnf("the record processor's checkpoint is answered with %s", name)
		}
		reply := multilang.DaemonMessage{
			Action: multilang.ActionCheckpoint, SequenceNumber: m.SequenceNumber, SubSequenceNumber: m.SubSequenceNumber, Error: name,
		}
		return reply.AppendLine(nil)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", action, err)
	}
	return nil
}

// idleLife is how long a child must have lived, with nothing undone, for its death not to count as a failure in a row.
const idleLife = time.Minute

// progressed reports whether the child has brought the shard forward: since started a checkpoint was stored, or all was done for long.
func (s *session) progressed(started time.Time, from position) bool {
	if s.checkpoints.last != from {
		return true
	}
	idle := s.initialized && s.checkpoints.largest == s.checkpoints.last
	return idle && time.Since(started) >= idleLife
}
