package kinesis

import (
	"fmt"
	"slices"
	"time"
)

// Stored is a record as tests and progress displays look at it.
type Stored struct {
	ShardID        string
	SequenceNumber string
	PartitionKey   string
	Data           []byte // must not be changed
	Arrived        time.Time
}

// Streams returns the names of all streams, of whatever region and account, in order.
func (s *Service) Streams() []string {
	now := s.now()
	s.mu.RLock()
	defer s.mu.RUnlock()
	names := make([]string, 0, len(s.streams))
	for key, st := range s.streams {
		st.mu.Lock()
		if st.status(now) != "" {
			names = append(names, key.name)
		}
		st.mu.Unlock()
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Shards describes a stream's shards, open and closed, by number. Streams of one name in several regions are told apart by
// their ARN, which every method here takes as well.
func (s *Service) Shards(stream string) ([]Shard, error) {
	st, err := s.inspect(stream)
	if err != nil {
		return nil, err
	}
	defer st.mu.Unlock()
	return describeShards(st.listed(s.now())), nil
}

// Records returns the records that a stream keeps, shard by shard, each in order.
func (s *Service) Records(stream string) ([]Stored, error) {
	st, err := s.inspect(stream)
	if err != nil {
		return nil, err
	}
	defer st.mu.Unlock()
	var stored []Stored
	for _, one := range st.listed(s.now()) {
		index := one.horizon(st.horizon(s.now()))
		for ; index < one.records.next(); index++ {
			found := one.records.at(index)
			stored = append(stored, Stored{
				ShardID: one.id, SequenceNumber: one.sequence(index, found.arrived).String(),
				PartitionKey: found.key(), Data: found.data(), Arrived: time.UnixMilli(found.arrived).UTC(),
			})
		}
	}
	return stored, nil
}

// LastSequenceNumber returns the number of the last record that a shard ever took; false if it never took one, or if that record
// is no longer kept.
func (s *Service) LastSequenceNumber(stream, shard string) (string, bool, error) {
	st, err := s.inspect(stream)
	if err != nil {
		return "", false, err
	}
	defer st.mu.Unlock()
	one, err := st.shardNamed(shard, s.now())
	if err != nil {
		return "", false, err
	}
	next := one.records.next()
	if next == one.horizon(st.horizon(s.now())) {
		return "", false, nil
	}
	return one.sequence(next-1, one.records.arrived(next-1)).String(), true, nil
}

// inspect finds a stream by name or ARN and locks it; the caller unlocks it.
func (s *Service) inspect(name string) (*stream, error) {
	now := s.now()
	s.mu.RLock()
	defer s.mu.RUnlock()
	for key, st := range s.streams {
		if key.name != name && st.arn() != name {
			continue
		}
		st.mu.Lock()
		if st.status(now) != "" {
			s.settle(st, now)
			return st, nil
		}
		st.mu.Unlock()
	}
	return nil, fmt.Errorf("the emulator has no stream %s", name)
}

// IteratorOf returns the names of the stream and the shard that a shard iterator reads; both are empty when it is none of this
// service's.
func (s *Service) IteratorOf(iterator string) (stream, shard string) {
	content, ok := s.tokens.open(iteratorKind, iterator)
	if !ok {
		return "", ""
	}
	c := decodeCursor(content)
	return c.key.name, shardID(c.shard)
}
