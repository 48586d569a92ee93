package daemon

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/sirupsen/logrus"

	"clickstream/internal/awsclient"
	"clickstream/internal/exit"
	"clickstream/internal/leases"
	"clickstream/kcl/deaggregate"
)

const (
	// maxFailures is how often in a row a shard's children may fail without progress before the daemon gives up.
	maxFailures = 5
	// maxRestartBackoff bounds the wait before a child is started again.
	maxRestartBackoff = 15 * time.Second
)

// shard is one lease that this daemon works on.
type shard struct {
	daemon *daemon
	id     string
	keys   deaggregate.HashKeyRange
	lease  *heldLease
	latest latestStart
	log    *logrus.Entry
}

// run starts children for the shard, one after the other, until the shard is done with. An error ends the daemon.
func (s *shard) run(ctx context.Context) error {
	renewing, cancel := context.WithCancel(ctx)
	var renewal sync.WaitGroup
	renewal.Go(func() { s.lease.renew(renewing, s.daemon.settings.FailoverTime()/3) })
	defer renewal.Wait()
	defer cancel()

	wait := backoff{first: s.daemon.settings.TaskBackoffTime(), most: maxRestartBackoff}
	for s.daemon.stopping.Err() == nil {
		outcome, progress, err := s.session(ctx)
		switch {
		case err == nil:
			s.report(outcome)
			return nil
		case s.daemon.stopping.Err() != nil:
			s.log.WithError(err).Warn("the record processor did not stop as asked; what it held is read again at the next start")
			return nil
		case exit.Code(err) == exit.Usage:
			return err
		}
		if progress {
			wait.reset()
		}
		if wait.times >= maxFailures-1 {
			return fmt.Errorf("shard %s: the record processor failed %d times in a row without progress; the last time: %w",
				s.id, maxFailures, err)
		}
		pause := wait.next()
		s.log.WithError(err).Warnf("the record processor failed; starting it again in %s", pause.Round(time.Millisecond))
		s.daemon.tell("%s: the record processor failed (%v); starting it again", s.id, err)
		if !s.pause(pause) {
			return nil
		}
	}
	return nil
}

// pause waits before the next child, and reports whether there is to be one.
func (s *shard) pause(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-s.daemon.stopping.Done():
		return false
	case <-s.lease.lost:
		s.report(leaseLost)
		return false
	case <-timer.C:
		return true
	}
}

// session runs one child to its end. It reports whether that brought the shard forward.
func (s *shard) session(ctx context.Context) (result outcome, progress bool, err error) {
	start, started := s.lease.position(), time.Now()
	child, err := startChild(s.daemon.command, s.daemon.extra, s.daemon.stderr(s.id), s.log)
	if err != nil {
		return 0, false, err
	}
	s.daemon.tell("%s: record processor started (process %d) at %s", s.id, child.process.PID(), start)
	reading, cancel := context.WithCancel(ctx)
	work := &session{
		shard: s, child: child, reader: s.newReader(start), log: child.log,
		checkpoints: &checkpointer{lease: s.lease, last: start, largest: start},
	}
	var readErr error
	var reader sync.WaitGroup
	reader.Go(func() { readErr = work.reader.read(reading) })
	result, err = work.run(ctx)
	cancel()
	reader.Wait()
	endErr := child.end(ctx, endPatience)
	if err != nil {
		err = s.failure(child, err, readErr, endErr)
	} else if endErr != nil {
		s.log.WithError(endErr).Warn("the record processor had done its work, but did not end well")
	}
	return result, work.progressed(started, start), err
}

// failure tells what ended a session, with the exit code that goes with it: what cannot pass ends the daemon.
func (s *shard) failure(child *child, err, readErr, end error) error {
	if errors.Is(err, errReaderGone) && readErr != nil {
		if errors.Is(readErr, leases.ErrForeign) || errors.Is(readErr, errNoConsumer) {
			return exit.With(exit.Usage, readErr)
		}
		return exit.With(exit.Usage, awsclient.Explain(readErr, "read shard "+s.id))
	}
	if end == nil {
		return err
	}
	if code := child.process.ExitCode(); code == exit.Usage {
		return exit.With(exit.Usage, fmt.Errorf("shard %s: the record processor ended with exit code %d, "+
			"which says that trying again is no use; its messages and its log say why", s.id, code))
	}
	return fmt.Errorf("%w (%w)", err, end)
}

func (s *shard) newReader(start position) *reader {
	settings := s.daemon.settings
	place := &place{stream: s.daemon.stream, shardID: s.id, start: start, latest: &s.latest}
	return &reader{
		place: place, source: s.newSource(place), log: s.log,
		lines:   newLineBuilder(start, s.keys, settings.CallProcessRecordsEvenForEmptyRecordList, s.dropped),
		batches: make(chan batch, readAhead),
		free:    make(chan []byte, readAhead+2),
	}
}

func (s *shard) newSource(at *place) source {
	if s.daemon.consumer != nil {
		return &fanOut{place: at, consumer: s.daemon.consumer, log: s.log}
	}
	settings := s.daemon.settings
	return &polling{
		place: at, idle: settings.IdleTimeBetweenReads(), log: s.log,
		call: recordsCall{client: at.stream.client, limit: int32(settings.MaxRecords), stream: at.stream.arn},
	}
}

// emptyCalls is how often a child is called while there is nothing new, so that it can close a batch by its age; 0 for never. Who polls
// calls it with what was polled anyway; subscriptions say that there is nothing every five seconds only.
func (s *shard) emptyCalls() time.Duration {
	if s.daemon.consumer == nil || !s.daemon.settings.CallProcessRecordsEvenForEmptyRecordList {
		return 0
	}
	return max(s.daemon.settings.IdleTimeBetweenReads(), emptyPause)
}

func (s *shard) dropped(d deaggregate.Dropped) {
	s.log.Warnf("%d parts of the KPL aggregate %s are left out, as KCL leaves them out: %v", d.Parts, d.SequenceNumber, d.Reason)
}

func (s *shard) report(result outcome) {
	switch result {
	case ended:
		s.log.Info("the shard is processed to its end")
		s.daemon.tell("%s: processed to its end", s.id)
	case leaseLost:
		reason := s.lease.reason()
		if loss, ok := errors.AsType[*leases.LostError](reason); ok && loss.Now != nil && loss.Now.Holder() == s.daemon.worker {
			reason = fmt.Errorf("%w, but by another daemon: give each daemon a workerId of its own", reason)
		}
		s.log.Warnf("lost the lease: %v", reason)
		s.daemon.tell("%s: %v", s.id, reason)
	case stopped:
		s.log.Infof("stopped at %s", s.lease.position())
	}
}

// createChildren creates the leases of the shards that follow this one, with no owner, and notes them on this one's lease. Those that
// are there stay as they are.
func (s *shard) createChildren(ctx context.Context, children []types.ChildShard) error {
	wait := backoff{first: 200 * time.Millisecond, most: 5 * time.Second}
	for {
		err := s.tryCreateChildren(ctx, children)
		if _, gone := errors.AsType[*leases.LostError](err); err == nil || gone || awsclient.Permanent(err) {
			return err
		}
		s.log.WithError(err).Warn("cannot create the leases of the shards that follow; trying again")
		if !wait.pause(s.daemon.stopping.Done()) {
			return err
		}
	}
}

func (s *shard) tryCreateChildren(ctx context.Context, children []types.ChildShard) error {
	ids := make([]string, 0, len(children))
	for i := range children {
		id := aws.ToString(children[i].ShardId)
		created, err := s.daemon.table.Create(ctx, newChildLease(&children[i]))
		if err != nil {
			return err
		}
		if created {
			s.log.Infof("created the lease of shard %s, which follows", id)
		}
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		return nil
	}
	return s.daemon.table.SetChildren(ctx, s.id, ids)
}
