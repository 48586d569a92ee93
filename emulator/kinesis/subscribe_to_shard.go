package kinesis

import (
	"clickstream/emulator/internal/wire"
)

// SubscribeToShard: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_SubscribeToShard.html
// Kept: all five starting positions, events as soon as records arrive and about every five seconds without, up to 10,000 records
// and 2 MiB of data each, the end of a closed shard with its children, five minutes of life, one subscription a consumer and shard
// that another may take over after five seconds, DryRun, and, with Options.Throttle, 2 MiB a second.
// Left out: the limit of one call a second.

// SubscribeToShardInput is what SubscribeToShard takes.
type SubscribeToShardInput struct {
	ConsumerARN      string
	ShardId          string //nolint:revive // the wire's name
	StartingPosition *StartingPosition
	DryRun           bool   `json:",omitempty"`
	StreamId         string `json:",omitempty"` //nolint:revive // the wire's name; the service reserves it for later and heeds it not
}

// StartingPosition says where in a shard to begin.
type StartingPosition struct {
	Type           string
	SequenceNumber string          `json:",omitempty"`
	Timestamp      *wire.Timestamp `json:",omitempty"`
}

// SubscribeToShardEvent is what SubscribeToShard pushes. At the end of a closed shard it has ChildShards in place of
// ContinuationSequenceNumber.
type SubscribeToShardEvent struct {
	Records                    []Record
	ContinuationSequenceNumber *SequenceNumber `json:",omitempty"`
	MillisBehindLatest         int64
	ChildShards                []ChildShard `json:",omitempty"`

	room *room // of Records
}

func (s *Service) subscribeToShard(scope wire.Scope, in *SubscribeToShardInput) (wire.Events, error) {
	now := s.now()
	st, one, err := s.lockConsumer(scope, &ConsumerTarget{ConsumerARN: in.ConsumerARN}, now)
	if err != nil {
		return nil, err
	}
	defer st.mu.Unlock()
	if one.status(now) != statusActive {
		return nil, wire.Errorf("ResourceInUseException", "Consumer %s with creation timestamp %d under stream: %s , account %s is not in ACTIVE status.",
			one.name, one.created.Unix(), st.name, st.scope.Account)
	}
	home, err := st.shardNamed(in.ShardId, now)
	if err != nil {
		return nil, err
	}
	first, err := st.startOf(home, &GetShardIteratorInput{
		ShardIteratorType: in.StartingPosition.Type, StartingSequenceNumber: in.StartingPosition.SequenceNumber, Timestamp: in.StartingPosition.Timestamp,
	}, now)
	if err != nil {
		return nil, err
	}
	if in.DryRun {
		return nil, wire.Errorf("DryRunOperationException", "Request would have succeeded, but DryRun flag is set.")
	}
	made := &subscription{service: s, stream: st, consumer: one, shard: home, next: first, ends: now.Add(subscriptionLife), over: make(chan struct{})}
	if err := one.subscribe(made, st, now); err != nil {
		return nil, err
	}
	return made, nil
}

// AppendJSON writes the event without reflection.
func (e *SubscribeToShardEvent) AppendJSON(b []byte) []byte {
	out := GetRecordsOutput{Records: e.Records, MillisBehindLatest: e.MillisBehindLatest, ChildShards: e.ChildShards}
	b = out.AppendJSON(b)
	if e.ContinuationSequenceNumber != nil {
		b = e.ContinuationSequenceNumber.Append(append(b[:len(b)-1], `,"ContinuationSequenceNumber":"`...))
		b = append(b, `"}`...)
	}
	return b
}
