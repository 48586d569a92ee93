package kinesis

import (
	"sort"
	"time"

	"clickstream/emulator/internal/wire"
)

// ListChannels: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListChannels.html
// Kept: channels in order of their names, filters by stream, pages of up to 100 by MaxResults and NextToken, which is valid for five
// minutes.
// Left out: nothing.

// ListChannelsInput is what ListChannels takes.
type ListChannelsInput struct {
	StreamFilter []StreamFilter `json:",omitempty"`
	MaxResults   *int64         `json:",omitempty"`
	NextToken    string         `json:",omitempty"`
}

// StreamFilter picks the channels of a stream.
type StreamFilter struct {
	StreamARN               string
	StreamCreationTimestamp *wire.Timestamp `json:",omitempty"`
}

// ListChannelsOutput is what ListChannels answers.
type ListChannelsOutput struct {
	ChannelSummaries []ChannelSummary
	NextToken        string `json:",omitempty"`
}

// ChannelSummary describes a channel in a list.
type ChannelSummary struct {
	ChannelName, ChannelARN, ChannelId, ChannelStatus string //nolint:revive // the wire's names
	ChannelStatusReason                               string `json:",omitempty"`
	ChannelCreationTimestamp                          *wire.Timestamp
	ChannelDestinationType                            string
	Streams                                           []StreamFilter
}

const (
	listedChannels  = 100
	channelListKind = "list of channels"
)

func (s *Service) listChannels(scope wire.Scope, in *ListChannelsInput) (*ListChannelsOutput, error) {
	now := s.now()
	from := ""
	if in.NextToken != "" {
		token, err := s.token(channelListKind, in.NextToken, now)
		if err != nil {
			return nil, err
		}
		from = token.key.name
	}
	summaries := s.channelSummaries(scope, in.StreamFilter, from, now)
	shown := summaries[:min(len(summaries), orDefault(in.MaxResults, listedChannels), listedChannels)]
	out := &ListChannelsOutput{ChannelSummaries: shown}
	if len(shown) < len(summaries) {
		next := cursor{issued: now.UnixMilli(), key: streamKey{scope, shown[len(shown)-1].ChannelName}}
		out.NextToken = s.tokens.seal(channelListKind, next.encode())
	}
	return out, nil
}

// channelSummaries describes the channels of a scope whose names follow from.
func (s *Service) channelSummaries(scope wire.Scope, filters []StreamFilter, from string, now time.Time) []ChannelSummary {
	summaries := []ChannelSummary{}
	for _, st := range s.streamsOf(scope) {
		if !anyMatches(filters, st) {
			continue
		}
		st.mu.Lock()
		for _, one := range st.channelsAt(now) {
			if one.name > from {
				summaries = append(summaries, one.summary(now))
			}
		}
		st.mu.Unlock()
	}
	sort.Slice(summaries, func(i, j int) bool { return summaries[i].ChannelName < summaries[j].ChannelName })
	return summaries
}

// anyMatches says whether one of the filters picks a stream; without filters all are picked.
func anyMatches(filters []StreamFilter, st *stream) bool {
	for _, filter := range filters {
		if filter.StreamARN == st.arn() && (filter.StreamCreationTimestamp == nil || filter.StreamCreationTimestamp.Time().Unix() == st.created.Unix()) {
			return true
		}
	}
	return len(filters) == 0
}

func (c *channel) summary(now time.Time) ChannelSummary {
	return ChannelSummary{
		ChannelName: c.name, ChannelARN: c.arn(), ChannelId: c.id, ChannelStatus: c.state(now), ChannelStatusReason: c.reason,
		ChannelCreationTimestamp: stamp(c.created), ChannelDestinationType: c.destination(),
		Streams: []StreamFilter{{StreamARN: c.stream.arn(), StreamCreationTimestamp: stamp(c.stream.created)}},
	}
}
