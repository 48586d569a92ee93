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
}

// outcome is how a session came to its end without an error.
type outcome int

const (
	stopped   outcome = iota // the daemon is being stopped
	leaseLost                // another worker has the shard
	ended                    // the shard is processed to its end
)

// run speaks with the child until it is done with the shard, ctx is done, or something fails. An error means that the child is to
// be started again from the last checkpoint. Whatever comes out, the child's input is still open.
func (s *session) run(ctx context.Context) (outcome, error) {
	start := s.checkpoints.last
	initialize := multilang.DaemonMessage{
		Action: multilang.ActionInitialize, ShardID: s.shard.id, SequenceNumber: &start.sequence, SubSequenceNumber: &start.sub,
	}
	if err := s.say(&initialize, nil); err != nil {
		return 0, err
	}
	s.initialized = true
	for {
		// Whatever else is there to do: a stop comes first.
		if ctx.Err() != nil {
			return stopped, s.shutDown()
		}
		select {
		case <-ctx.Done():
		case <-s.shard.lease.lost:
			return leaseLost, s.loseLease()
		case <-s.shard.lease.handOver:
			return leaseLost, s.handOver()
		case message, alive := <-s.child.messages:
			if !alive {
				return 0, errChildGone
			}
			s.log.Warnf("the record processor said %q although nothing was asked; ignoring it", message.Action)
		case b, more := <-s.reader.batches:
			if !more && ctx.Err() == nil {
				return 0, errReaderGone
			}
			if err := s.process(b); err != nil || b.ended {
				return s.finish(ctx, b.children, err)
			}
		}
	}
}

// errReaderGone says that there will be no more batches; the reader knows why.
var errReaderGone = errors.New("the shard cannot be read")

// process gives the child a batch and waits until it is done with it.
func (s *session) process(b batch) error {
	defer s.reader.recycle(b)
	if b.records > 0 && b.last.compare(s.checkpoints.largest) > 0 {
		s.checkpoints.largest = b.last
	}
	if len(b.line) == 0 {
		return nil
	}
	return s.call(multilang.ActionProcessRecords, b.line, s.checkpoints)
}

// finish brings a shard that has ended to the lease's SHARD_END: the children's leases first, so that no crash can leave them out,
// then the record processor's last checkpoint.
func (s *session) finish(ctx context.Context, children []types.ChildShard, err error) (outcome, error) {
	if err != nil {
		return 0, err
	}
	if err := s.shard.createChildren(ctx, children); err != nil {
		if ctx.Err() != nil {
			return stopped, s.shutDown()
		}
		return 0, err
	}
	s.checkpoints.endShard()
	if err := s.say(&multilang.DaemonMessage{Action: multilang.ActionShardEnded}, s.checkpoints); err != nil {
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
func (s *session) shutDown() error {
	if err := s.say(&multilang.DaemonMessage{Action: multilang.ActionShutdownRequested}, s.checkpoints); err != nil {
		return err
	}
	return s.loseLease()
}

// handOver is shutDown for one shard that another worker waits for.
func (s *session) handOver() error {
	s.log.Info("another worker was told to take the shard over; handing the lease to it")
	if err := s.say(&multilang.DaemonMessage{Action: multilang.ActionShutdownRequested}, s.checkpoints); err != nil {
		return err
	}
	s.shard.lease.giveUp(s.shard.daemon.hard)
	return s.loseLease()
}

func (s *session) loseLease() error {
	return s.say(&multilang.DaemonMessage{Action: multilang.ActionLeaseLost}, nil)
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
func (s *session) say(m *multilang.DaemonMessage, checkpoints *checkpointer) error {
	return s.call(m.Action, m.AppendLine(nil), checkpoints)
}

func (s *session) call(action string, line []byte, checkpoints *checkpointer) error {
	ctx := s.shard.daemon.hard
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
