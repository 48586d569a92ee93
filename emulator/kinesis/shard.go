package kinesis

import (
	"time"

	"clickstream/emulator/internal/wire"
)

// shard is one shard of a stream, open or closed. Its stream's lock guards it.
type shard struct {
	number     uint32
	id         string
	parents    []*shard // none, the one that was split, or the two that were merged
	children   []*shard
	start, end hashKey // both belong to it
	second     int64   // in its sequence numbers: above every parent's
	opened     time.Time
	closed     time.Time // zero while open
	records    recordLog
	written    allowance
	read       readAllowance
	iterated   counter       // calls of GetShardIterator
	changed    chan struct{} // closed at the next change; nil while nobody waits for it
}

func (s *shard) isOpen() bool { return s.closed.IsZero() }

// change returns a channel that is closed when the shard takes a record, or is closed.
func (s *shard) change() <-chan struct{} {
	if s.changed == nil {
		s.changed = make(chan struct{})
	}
	return s.changed
}

// wake tells all who wait for a change.
func (s *shard) wake() {
	if s.changed != nil {
		close(s.changed)
		s.changed = nil
	}
}

// openAt says whether the shard took records at a time.
func (s *shard) openAt(t time.Time) bool {
	return !s.opened.After(t) && (s.isOpen() || s.closed.After(t))
}

// sequence returns the number of the record with an index, which arrived at a time in milliseconds.
func (s *shard) sequence(index uint64, millis int64) SequenceNumber {
	return newSequence(s.number, s.second, index, max(millis/1000, s.second))
}

// startingSequence lies below every record's number.
func (s *shard) startingSequence() SequenceNumber {
	return newSequence(s.number, s.second, 0, s.second)
}

// endingSequence lies above every record's number; nil while the shard is open.
func (s *shard) endingSequence() *SequenceNumber {
	if s.isOpen() {
		return nil
	}
	ending := s.sequence(lastIndex, s.closed.UnixMilli())
	return &ending
}

// horizon returns the index of the first record that was kept since a time, and lets go of what lies far before it.
func (s *shard) horizon(since time.Time) uint64 {
	millis := since.UnixMilli()
	s.records.trim(millis)
	return s.records.since(millis)
}

// allowance is what a shard took within a second, which lies ahead while a large record is paid for.
type allowance struct {
	second         int64
	records, bytes int
}

// The service's limits per shard and second.
const (
	writeRecords = 1000
	writeBytes   = 1 << 20
)

// take uses up the allowance of a second, or says that there is none left. A record that is larger than all that a second gives takes
// the seconds that follow too (https://docs.aws.amazon.com/streams/latest/dev/large-records.html). Seconds never go back.
func (a *allowance) take(second int64, bytes int) bool {
	if a.second < second {
		*a = allowance{second: second}
	}
	if a.second > second || a.records+1 > writeRecords || a.bytes+bytes > writeBytes && bytes <= writeBytes {
		return false
	}
	a.records++
	a.bytes += bytes
	if ahead := (a.bytes - 1) / writeBytes; ahead > 0 {
		*a = allowance{second: second + int64(ahead), bytes: a.bytes - ahead*writeBytes}
	}
	return true
}

const (
	readCalls = 5
	readBytes = 2 << 20
)

// readAllowance is what GetRecords may do with a shard: five calls a second, and 2 MiB a second, which a call may take in advance for
// up to five seconds.
type readAllowance struct {
	calls counter
	paid  time.Time // until when what was read is paid for
}

// take uses up a call, or says that there is none left.
func (a *readAllowance) take(now time.Time) bool {
	return a.calls.take(now.Unix(), readCalls) && !now.Before(a.paid)
}

// spend counts what a call reads: after as much as a second gives, the next call has to wait.
func (a *readAllowance) spend(pieces []block, limit int, now time.Time) {
	bytes := 0
	for _, piece := range pieces {
		for i := range piece.heads {
			if limit--; limit < 0 || bytes >= mostReadBytes {
				break
			}
			bytes += int(piece.heads[i].size)
		}
	}
	if bytes >= readBytes {
		a.paid = now.Add(time.Duration(min(bytes, mostReadBytes)) * time.Second / readBytes)
	}
}

// rateMessage is what the service says when a shard has no allowance left.
func (st *stream) rateMessage(one *shard) string {
	return "Rate exceeded for shard " + one.id + " in stream " + st.name + " under account " + st.scope.Account + "."
}

func (st *stream) rateExceeded(one *shard) error {
	return wire.Errorf("ProvisionedThroughputExceededException", "%s", st.rateMessage(one))
}
