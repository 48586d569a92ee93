package kinesis

import (
	"fmt"
	"time"
)

// ShardProgress counts what a shard took, for progress displays.
type ShardProgress struct {
	ShardID     string
	Open        bool
	Records     int64     // taken since the shard was made, kept or trimmed
	FirstRecord time.Time // when the oldest kept record arrived; zero without one
}

// Progress returns a stream's shards, open and closed, by number, with what each took. Unlike Records it looks at no record but the
// first.
func (s *Service) Progress(stream string) ([]ShardProgress, error) {
	st, err := s.inspect(stream)
	if err != nil {
		return nil, err
	}
	defer st.mu.Unlock()
	now := s.now()
	var all []ShardProgress
	for _, one := range st.listed(now) {
		progress := ShardProgress{ShardID: one.id, Open: one.isOpen(), Records: int64(one.records.next()) - firstIndex}
		if index := one.horizon(st.horizon(now)); index < one.records.next() {
			progress.FirstRecord = time.UnixMilli(one.records.arrived(index))
		}
		all = append(all, progress)
	}
	return all, nil
}

// RecordsThrough returns how many records a shard took up to the one with a sequence number, that one included.
func (s *Service) RecordsThrough(stream, shard, sequenceNumber string) (int64, error) {
	st, err := s.inspect(stream)
	if err != nil {
		return 0, err
	}
	defer st.mu.Unlock()
	one, err := st.shardNamed(shard, s.now())
	if err != nil {
		return 0, err
	}
	number, ok := parseSequence(sequenceNumber)
	if !ok || number.shard() != one.number {
		return 0, fmt.Errorf("%s is no sequence number of shard %s of stream %s", sequenceNumber, shard, stream)
	}
	return min(int64(number.index()), int64(one.records.next())-firstIndex), nil
}
