package kinesis

import (
	"sort"
	"time"

	"clickstream/emulator/internal/wire"
)

// ListStreams: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListStreams.html
// Kept: pages by Limit with ExclusiveStartStreamName or NextToken, names and summaries in order of name.
// Left out: nothing.

// ListStreamsInput is what ListStreams takes.
type ListStreamsInput struct {
	ExclusiveStartStreamName string `json:",omitempty"`
	Limit                    *int64 `json:",omitempty"`
	NextToken                string `json:",omitempty"`
}

// ListStreamsOutput is what ListStreams answers.
type ListStreamsOutput struct {
	StreamNames     []string
	StreamSummaries []StreamSummary
	HasMoreStreams  bool
	NextToken       string `json:",omitempty"`
}

// StreamSummary describes a stream in a list.
type StreamSummary struct {
	StreamName, StreamARN, StreamStatus string
	StreamModeDetails                   StreamModeDetails
	StreamCreationTimestamp             *wire.Timestamp
}

const (
	listedStreams  = 100
	streamListKind = "list of streams"
)

func (s *Service) listStreams(scope wire.Scope, in *ListStreamsInput) (*ListStreamsOutput, error) {
	now := s.now()
	from := in.ExclusiveStartStreamName
	if in.NextToken != "" {
		token, err := s.token(streamListKind, in.NextToken, now)
		if err != nil {
			return nil, err
		}
		if token.key.scope != scope {
			return nil, wire.Errorf("InvalidArgumentException", "NextToken is invalid.")
		}
		from = token.key.name
	}
	summaries := s.summaries(scope, from, now)
	shown := summaries[:min(len(summaries), orDefault(in.Limit, listedStreams), listedStreams)]
	out := &ListStreamsOutput{StreamNames: make([]string, 0, len(shown)), StreamSummaries: shown, HasMoreStreams: len(shown) < len(summaries)}
	for _, one := range shown {
		out.StreamNames = append(out.StreamNames, one.StreamName)
	}
	if out.HasMoreStreams {
		next := cursor{issued: now.UnixMilli(), key: streamKey{scope, out.StreamNames[len(shown)-1]}}
		out.NextToken = s.tokens.seal(streamListKind, next.encode())
	}
	return out, nil
}

// summaries describes the streams of a scope whose names follow from.
func (s *Service) summaries(scope wire.Scope, from string, now time.Time) []StreamSummary {
	s.mu.RLock()
	defer s.mu.RUnlock()
	summaries := []StreamSummary{}
	for key, st := range s.streams {
		if key.scope != scope || key.name <= from {
			continue
		}
		st.mu.Lock()
		status, mode := st.status(now), st.mode
		st.mu.Unlock()
		if status != "" {
			summaries = append(summaries, StreamSummary{
				StreamName: st.name, StreamARN: st.arn(), StreamStatus: status,
				StreamModeDetails: StreamModeDetails{mode}, StreamCreationTimestamp: stamp(st.created),
			})
		}
	}
	sort.Slice(summaries, func(i, j int) bool { return summaries[i].StreamName < summaries[j].StreamName })
	return summaries
}
