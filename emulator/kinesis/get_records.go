package kinesis

import (
	"time"

	"clickstream/emulator/internal/wire"
)

// GetRecords: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetRecords.html
// Kept: Limit, 10,000 records and 10 MiB a call, retention, MillisBehindLatest, and at a closed shard's end ChildShards in
// place of NextShardIterator.
// With Options.Throttle, five calls and 2 MiB a second and shard.
// Left out: nothing.

// GetRecordsInput is what GetRecords takes.
type GetRecordsInput struct {
	ShardIterator string
	Limit         *int64 `json:",omitempty"`
	StreamARN     string `json:",omitempty"`
	StreamId      string `json:",omitempty"` //nolint:revive // the wire's name
	DryRun        bool   `json:",omitempty"`
}

// Plain says, at little cost, that nothing is wrong with the request.
func (in *GetRecordsInput) Plain() bool {
	return in.ShardIterator != "" && len(in.ShardIterator) <= mostIteratorLength &&
		(in.StreamARN == "" || len(in.StreamARN) <= mostARNLength && arnPattern.MatchString(in.StreamARN)) &&
		(in.Limit == nil || (*in.Limit >= 1 && *in.Limit <= mostReadRecords))
}

// GetRecordsOutput is what GetRecords answers.
type GetRecordsOutput struct {
	Records            []Record
	NextShardIterator  string `json:",omitempty"`
	MillisBehindLatest int64
	ChildShards        []ChildShard `json:",omitempty"`

	room *room // of Records
}

// Record is one record as it is read.
type Record struct {
	SequenceNumber              SequenceNumber
	ApproximateArrivalTimestamp wire.Timestamp
	Data                        wire.Blob
	PartitionKey                string  `json:",omitempty"`
	EncryptionType              *string `json:",omitempty"` // a pointer, as most have none and there are many
}

// ChildShard is a shard that goes on where a closed one ended.
type ChildShard struct {
	ShardId      string //nolint:revive // the wire's name
	ParentShards []string
	HashKeyRange HashKeyRange
}

const (
	mostReadRecords = 10000
	mostReadBytes   = 10 << 20

	mostIteratorLength = 512
)

func (s *Service) getRecords(_ wire.Scope, in *GetRecordsInput) (*GetRecordsOutput, error) {
	now := s.now()
	st, one, index, err := s.resolve(in.ShardIterator, now)
	if err != nil {
		return nil, err
	}
	if err := s.mayRead(st, one, in, now); err != nil {
		st.mu.Unlock()
		return nil, err
	}
	limit := orDefault(in.Limit, mostReadRecords)
	first := max(index, one.horizon(st.horizon(now)))
	pieces := one.records.view(first, limit+1) // one more, to know when it arrived
	open, children := one.isOpen(), one.describeChildren()
	if s.options.Throttle {
		one.read.spend(pieces, limit, now)
	}
	st.mu.Unlock()

	place, following := s.reuse.readRecords(one, first, pieces, limit, mostReadBytes)
	records := place.records
	out := &GetRecordsOutput{Records: records, room: place}
	if following != 0 {
		out.MillisBehindLatest = max(1, now.UnixMilli()-following) // 0 would mean that there are none left
	}
	if following == 0 && !open {
		out.ChildShards = children
	} else {
		out.NextShardIterator = s.iterator(st, one, first+uint64(len(records)), now)
	}
	return out, nil
}

// mayRead refuses what was only to be tried, a stream that is not the iterator's, and calls beyond the shard's limits.
func (s *Service) mayRead(st *stream, one *shard, in *GetRecordsInput, now time.Time) error {
	if in.StreamARN != "" && in.StreamARN != st.arn() {
		return wire.Errorf("InvalidArgumentException", "StreamARN %s is not that of the stream of the ShardIterator.", in.StreamARN)
	}
	if in.DryRun {
		return dryRun()
	}
	if s.options.Throttle && !one.read.take(now) {
		return st.rateExceeded(one)
	}
	return nil
}

// readRecords turns stored records into what a reader gets, at least one of them, up to limits of their count and their bytes, and
// returns when the first that is left over arrived, if any; else 0. It needs no lock.
func (r *reuse) readRecords(one *shard, first uint64, pieces []block, limit, mostBytes int) (place *room, following int64) {
	size := 0
	for _, piece := range pieces {
		size += len(piece.heads)
	}
	place = r.read(min(size, limit))
	bytes := 0
	for _, piece := range pieces {
		for i := range piece.heads {
			stored := piece.at(i)
			bytes += len(stored.bytes)
			count := len(place.records)
			if count == limit || bytes > mostBytes && count > 0 {
				return place, stored.arrived
			}
			place.records = append(place.records, Record{
				SequenceNumber:              one.sequence(first+uint64(count), stored.arrived),
				ApproximateArrivalTimestamp: wire.Timestamp(time.UnixMilli(stored.arrived)),
				Data:                        stored.data(),
				PartitionKey:                stored.key(),
				EncryptionType:              stored.encryptionType(),
			})
		}
	}
	return place, 0
}

// describeChildren returns the shards that go on where a closed one ended.
func (s *shard) describeChildren() []ChildShard {
	var children []ChildShard
	for _, child := range s.children {
		parents := make([]string, 0, len(child.parents))
		for _, parent := range child.parents {
			parents = append(parents, parent.id)
		}
		children = append(children, ChildShard{ShardId: child.id, ParentShards: parents, HashKeyRange: child.hashKeyRange()})
	}
	return children
}
