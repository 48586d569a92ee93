package kinesis

import (
	"time"

	"clickstream/emulator/internal/wire"
)

// ListStreamConsumers: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListStreamConsumers.html
// Kept: pages by MaxResults and NextToken, which is valid for five minutes; StreamCreationTimestamp.
// Left out: nothing.

// ListStreamConsumersInput is what ListStreamConsumers takes.
type ListStreamConsumersInput struct {
	StreamARN               string
	NextToken               string          `json:",omitempty"`
	MaxResults              *int64          `json:",omitempty"`
	StreamCreationTimestamp *wire.Timestamp `json:",omitempty"`
	StreamId                string          `json:",omitempty"` //nolint:revive // the wire's name; the service reserves it for later and heeds it not
}

// ListStreamConsumersOutput is what ListStreamConsumers answers.
type ListStreamConsumersOutput struct {
	Consumers []Consumer
	NextToken string `json:",omitempty"`
}

const (
	listedConsumers  = 100
	consumerListKind = "list of consumers"
)

func (s *Service) listStreamConsumers(scope wire.Scope, in *ListStreamConsumersInput) (*ListStreamConsumersOutput, error) {
	now := s.now()
	if in.NextToken != "" && in.StreamCreationTimestamp != nil {
		return nil, wire.Errorf("InvalidArgumentException", "NextToken and StreamCreationTimestamp cannot be provided together.")
	}
	st, err := s.lock(scope, Target{StreamARN: in.StreamARN}, now)
	if err != nil {
		return nil, err
	}
	defer st.mu.Unlock()
	if in.StreamCreationTimestamp != nil && in.StreamCreationTimestamp.Time().Unix() != st.created.Unix() {
		return nil, notFound(streamKey{st.scope, st.name})
	}
	last := uint64(0)
	if in.NextToken != "" {
		token, err := s.token(consumerListKind, in.NextToken, now)
		if err != nil {
			return nil, err
		}
		if token.stream != st.id {
			return nil, wire.Errorf("InvalidArgumentException", "NextToken does not belong to stream %s.", st.name)
		}
		last = token.index
	}
	return s.consumerPage(st, last, min(orDefault(in.MaxResults, listedConsumers), listedConsumers), now), nil
}

// consumerPage lists the consumers that were registered after the one with a number.
func (s *Service) consumerPage(st *stream, last uint64, limit int, now time.Time) *ListStreamConsumersOutput {
	out := &ListStreamConsumersOutput{Consumers: []Consumer{}}
	for _, one := range st.consumersAt(now) {
		if one.number <= last {
			continue
		}
		if len(out.Consumers) == limit {
			next := cursor{issued: now.UnixMilli(), stream: st.id, index: last, key: streamKey{st.scope, st.name}}
			out.NextToken = s.tokens.seal(consumerListKind, next.encode())
			break
		}
		out.Consumers = append(out.Consumers, st.describeConsumer(one, now))
		last = one.number
	}
	return out
}
