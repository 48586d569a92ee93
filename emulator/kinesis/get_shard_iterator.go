package kinesis

import (
	"time"

	"clickstream/emulator/internal/wire"
)

// GetShardIterator: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetShardIterator.html
// Kept: all five types; iterators are opaque, cannot be made up, and expire after five minutes.
// DryRun. With Options.Throttle, five calls a second and shard.
// Left out: nothing.

// GetShardIteratorInput is what GetShardIterator takes.
type GetShardIteratorInput struct {
	Target
	ShardId                string          //nolint:revive // the wire's name
	ShardIteratorType      string          //
	StartingSequenceNumber string          `json:",omitempty"`
	Timestamp              *wire.Timestamp `json:",omitempty"`
	DryRun                 bool            `json:",omitempty"`
}

// GetShardIteratorOutput is what GetShardIterator answers.
type GetShardIteratorOutput struct{ ShardIterator string }

const (
	iteratorAfterSequence = "AFTER_SEQUENCE_NUMBER"
	iteratorAtSequence    = "AT_SEQUENCE_NUMBER"
	iteratorAtTimestamp   = "AT_TIMESTAMP"
	iteratorLatest        = "LATEST"
	iteratorTrimHorizon   = "TRIM_HORIZON"
)

func (s *Service) getShardIterator(scope wire.Scope, in *GetShardIteratorInput) (*GetShardIteratorOutput, error) {
	now := s.now()
	st, err := s.lockReady(scope, in.Target, now)
	if err != nil {
		return nil, err
	}
	defer st.mu.Unlock()
	one, err := st.shardNamed(in.ShardId, now)
	if err != nil {
		return nil, err
	}
	if s.options.Throttle && !one.iterated.take(now.Unix(), readCalls) {
		return nil, st.rateExceeded(one)
	}
	index, err := st.startOf(one, in, now)
	if err != nil {
		return nil, err
	}
	if in.DryRun {
		return nil, dryRun()
	}
	return &GetShardIteratorOutput{s.iterator(st, one, index, now)}, nil
}

// startOf returns the index of the first record that an iterator is to yield. One that lies before the horizon is moved
// when the records are read.
func (st *stream) startOf(one *shard, in *GetShardIteratorInput, now time.Time) (uint64, error) {
	switch in.ShardIteratorType {
	case iteratorAtSequence, iteratorAfterSequence:
		return st.startAt(one, in)
	case iteratorAtTimestamp:
		if in.Timestamp == nil {
			return 0, wire.Errorf("InvalidArgumentException",
				"Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. Current request has no timestamp parameter.")
		}
		at := in.Timestamp.Time()
		if at.After(now.Add(time.Millisecond)) { // the wire rounds to milliseconds
			return 0, wire.Errorf("InvalidArgumentException", "The timestampInMillis parameter cannot be greater than the "+
				"currentTimestampInMillis. timestampInMillis: %d, currentTimestampInMillis: %d", at.UnixMilli(), now.UnixMilli())
		}
		return one.records.since(at.UnixMilli()), nil
	}
	if in.StartingSequenceNumber != "" {
		return 0, wire.Errorf("InvalidArgumentException", "Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and "+
			"StartingSequenceNumber or (2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified %s and also a "+
			"StartingSequenceNumber.", in.ShardIteratorType)
	}
	if in.ShardIteratorType == iteratorLatest {
		return one.records.next(), nil
	}
	return one.records.first, nil
}

// startAt finds a place by sequence number. Any number that the shard could have minted will do, its starting and ending
// numbers among them.
func (st *stream) startAt(one *shard, in *GetShardIteratorInput) (uint64, error) {
	text := in.StartingSequenceNumber
	if text == "" {
		return 0, wire.Errorf("InvalidArgumentException", "Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and "+
			"StartingSequenceNumber or (2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified %s and no "+
			"StartingSequenceNumber.", in.ShardIteratorType)
	}
	invalid := func(why string) error {
		return wire.Errorf("InvalidArgumentException", "StartingSequenceNumber %s used in GetShardIterator on shard %s in stream %s under "+
			"account %s is invalid%s.", text, one.id, st.name, st.scope.Account, why)
	}
	number, ok := parseSequence(text)
	if !ok {
		return 0, invalid("")
	}
	if number.shard() != one.number {
		return 0, wire.Errorf("InvalidArgumentException", "Invalid StartingSequenceNumber. It encodes %s, while it was used in a call to "+
			"a shard with %s", shardID(number.shard()), one.id)
	}
	if number.shardSecond() != one.second {
		return 0, invalid(" because it did not come from this stream")
	}
	index := number.index()
	if in.ShardIteratorType == iteratorAfterSequence || number.isAfterwards() {
		index++
	}
	return min(index, one.records.next()), nil
}
