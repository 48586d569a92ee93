package kinesis

import (
	"clickstream/emulator/internal/wire"
)

// UpdateChannel: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateChannel.html
// Kept: the age at which records are delivered, and the logs' configuration; UPDATING for Options.CreateDelay.
// Left out: logs.

// UpdateChannelInput is what UpdateChannel takes.
type UpdateChannelInput struct {
	ChannelTarget
	S3DestinationConfiguration       *FreshnessUpdate             `json:",omitempty"`
	S3TablesDestinationConfiguration *FreshnessUpdate             `json:",omitempty"`
	LoggingConfiguration             *ChannelLoggingConfiguration `json:",omitempty"`
}

// FreshnessUpdate is all that can be changed of a destination.
type FreshnessUpdate struct{ DataFreshnessInSeconds *int64 }

func (s *Service) updateChannel(scope wire.Scope, in *UpdateChannelInput) (*ChannelOutput, error) {
	now := s.now()
	one, err := s.lockChannel(scope, in.ChannelARN, now)
	if err != nil {
		return nil, err
	}
	defer one.stream.mu.Unlock()
	if status := one.state(now); status != statusActive {
		return nil, wire.Errorf("ResourceInUseException", "Channel %s under account %s not ACTIVE, instead in state %s", one.name, one.stream.scope.Account, status)
	}
	bucket, tables := one.input.S3DestinationConfiguration, one.input.S3TablesDestinationConfiguration
	if bucket == nil && in.S3DestinationConfiguration != nil || tables == nil && in.S3TablesDestinationConfiguration != nil {
		return nil, wire.Errorf("InvalidArgumentException", "The destination of channel %s is of type %s, which cannot be changed.", one.name, one.destination())
	}
	if in.S3DestinationConfiguration != nil {
		changed := *bucket
		changed.DataFreshnessInSeconds = in.S3DestinationConfiguration.DataFreshnessInSeconds
		one.input.S3DestinationConfiguration = &changed
	}
	if in.LoggingConfiguration != nil {
		one.input.LoggingConfiguration = in.LoggingConfiguration
	}
	one.change(statusUpdating, now, s.options.CreateDelay)
	if err := s.keep(one.stream); err != nil {
		return nil, err
	}
	described := one.describe(now)
	described.ChannelStatus = statusUpdating // what the service answers, however soon it will be ACTIVE
	return &ChannelOutput{described}, nil
}
