package kinesis

import (
	"clickstream/emulator/internal/wire"
)

// DescribeChannel: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DescribeChannel.html
// Kept: the channel's configuration and state, with the reason of a FAILED one.
// Left out: nothing.

// ChannelTarget is how operations name a channel.
type ChannelTarget struct{ ChannelARN string }

// DescribeChannelInput is what DescribeChannel takes.
type DescribeChannelInput struct{ ChannelTarget }

func (s *Service) describeChannel(scope wire.Scope, in *DescribeChannelInput) (*ChannelOutput, error) {
	now := s.now()
	one, err := s.lockChannel(scope, in.ChannelARN, now)
	if err != nil {
		return nil, err
	}
	defer one.stream.mu.Unlock()
	return &ChannelOutput{one.describe(now)}, nil
}
