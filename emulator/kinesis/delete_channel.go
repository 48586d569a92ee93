package kinesis

import (
	"clickstream/emulator/internal/wire"
)

// DeleteChannel: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DeleteChannel.html
// Kept: DELETING for Options.CreateDelay; what was due is delivered before, the rest is not.
// Left out: nothing.

// DeleteChannelInput is what DeleteChannel takes.
type DeleteChannelInput struct{ ChannelTarget }

func (s *Service) deleteChannel(scope wire.Scope, in *DeleteChannelInput) (*wire.Nothing, error) {
	now := s.now()
	one, err := s.lockChannel(scope, in.ChannelARN, now)
	if err != nil {
		return nil, err
	}
	defer one.stream.mu.Unlock()
	if one.status(now) != statusDeleting {
		one.change(statusDeleting, now, s.options.CreateDelay)
		return nil, s.keep(one.stream)
	}
	return nil, nil
}
