package kinesis

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"clickstream/emulator/internal/memory"
	"clickstream/emulator/internal/wire"
)

const (
	defaultRetention = 24 * time.Hour
	longestRetention = 8760 * time.Hour
)

// stream is one data stream. Nothing in it waits for a timer: its state is computed from the time when it is read.
type stream struct {
	scope   wire.Scope
	name    string
	id      uint64 // tells it from a stream of the same name that was deleted
	created time.Time

	mu sync.Mutex
	lifecycle
	mode      string // PROVISIONED or ON_DEMAND
	retention time.Duration
	shards    []*shard // by number
	open      []*shard // by hash key; together they span the whole space
	changed   time.Time
	consumers []*consumer // by number; some may be gone
	arrived   int64       // of the newest record, in milliseconds since 1970

	tags         map[string]string
	policy       string
	keyID        string   // of the KMS key that records are encrypted by; "" is unencrypted
	metrics      []string // that are switched on for each shard
	maxRecordKiB int      // largest record
	auto         bool     // records are spread evenly, whatever their keys
	turn         uint64   // counts the records that were spread
	traffic      traffic  // what on-demand scaling goes by
	warmMiB      int64    // throughput a second that an on-demand stream is kept ready for
	channels     []*channel

	modeChanges, countChanges rolling // what limits allow a few of in a day

	memory  *memory.Budget // of records
	kept    []byte         // what was last written down of it; nil where nothing is
	scratch []byte         // for what is written down next
}

func newStream(scope wire.Scope, name string, id uint64, shards int, now time.Time) *stream {
	st := &stream{scope: scope, name: name, id: id, created: now, retention: defaultRetention, changed: now, maxRecordKiB: defaultRecordKiB}
	starts := evenStarts(shards)
	for i, start := range starts {
		end := lastHashKey()
		if i+1 < len(starts) {
			end = starts[i+1].previous()
		}
		st.open = append(st.open, st.addShard(start, end, now))
	}
	return st
}

// addShard makes a shard that is not yet among the open ones.
func (st *stream) addShard(start, end hashKey, now time.Time, parents ...*shard) *shard {
	number := uint32(len(st.shards))
	made := &shard{number: number, id: shardID(number), parents: parents, start: start, end: end, second: now.Unix(), opened: now}
	made.records.first, made.records.memory = firstIndex, st.memory
	for _, parent := range parents {
		made.second = max(made.second, parent.second+1)
		parent.children = append(parent.children, made)
	}
	st.shards = append(st.shards, made)
	return made
}

// arn returns the stream's resource name.
func (st *stream) arn() string {
	return fmt.Sprintf("arn:aws:kinesis:%s:%s:stream/%s", st.scope.Region, st.scope.Account, st.name)
}

// shardFor returns the open shard that holds a hash key.
func (st *stream) shardFor(h hashKey) *shard { return st.open[st.place(h)] }

// place returns where among the open shards that is which holds a hash key.
func (st *stream) place(h hashKey) int {
	low, high := 0, len(st.open)
	for high-low > 1 {
		if middle := (low + high) / 2; h.less(st.open[middle].start) {
			high = middle
		} else {
			low = middle
		}
	}
	return low
}

// horizon returns since when the stream keeps records.
func (st *stream) horizon(now time.Time) time.Time { return now.Add(-st.retention) }

// listed returns the shards, by number, that a client can still see: all but those that closed before the horizon, whose records
// nobody can reach any more.
func (st *stream) listed(now time.Time) []*shard {
	horizon := st.horizon(now)
	shards := make([]*shard, 0, len(st.shards))
	for _, one := range st.shards {
		if one.isOpen() || one.closed.After(horizon) {
			shards = append(shards, one)
		} else {
			one.records.clear()
		}
	}
	return shards
}

// shardNamed returns a listed shard by its name.
func (st *stream) shardNamed(id string, now time.Time) (*shard, error) {
	number, ok := parseShardID(id)
	if ok && int(number) < len(st.shards) {
		if one := st.shards[number]; one.isOpen() || one.closed.After(st.horizon(now)) {
			return one, nil
		}
	}
	return nil, wire.Errorf("ResourceNotFoundException", "Could not find shard %s in stream %s under account %s.", id, st.name, st.scope.Account)
}

// replace closes open shards, one or two that follow each other, and opens others in their stead. Changes of one stream happen at times that differ, so that at
// every instant its open shards span the space once.
func (st *stream) replace(now time.Time, parents []*shard, ranges ...[2]hashKey) {
	if !now.After(st.changed) {
		now = st.changed.Add(time.Nanosecond)
	}
	st.changed = now
	at := st.place(parents[0].start)
	for _, parent := range parents {
		parent.closed = now
		parent.wake()
	}
	made := make([]*shard, len(ranges))
	for i, bounds := range ranges {
		made[i] = st.addShard(bounds[0], bounds[1], now, parents...)
	}
	st.open = slices.Replace(st.open, at, at+len(parents), made...)
}

// split replaces a shard by two, the second of which begins at a hash key.
func (st *stream) split(one *shard, at hashKey, now time.Time) {
	st.replace(now, []*shard{one}, [2]hashKey{one.start, at.previous()}, [2]hashKey{at, one.end})
}

// merge replaces two shards, the second of which follows the first, by one.
func (st *stream) merge(left, right *shard, now time.Time) {
	st.replace(now, []*shard{left, right}, [2]hashKey{left.start, right.end})
}

// Trim lets go of the records that are older than their streams keep them. Else that waits until somebody reads or puts. What channels were to
// deliver by now is delivered before.
func (s *Service) Trim() {
	now := s.now()
	for _, st := range s.all() {
		st.mu.Lock()
		s.settle(st, now)
		for _, one := range st.listed(now) {
			one.horizon(st.horizon(now))
		}
		st.mu.Unlock()
	}
}

// all returns the streams there are, in no order.
func (s *Service) all() []*stream {
	s.mu.RLock()
	defer s.mu.RUnlock()
	all := make([]*stream, 0, len(s.streams))
	for _, st := range s.streams {
		all = append(all, st)
	}
	return all
}
