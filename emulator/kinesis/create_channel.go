package kinesis

import (
	"time"

	"clickstream/emulator/internal/wire"
)

// CreateChannel: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_CreateChannel.html
// Kept: channels from one on-demand stream to one bucket of the emulator's S3: records that arrive from then on are delivered, as
// JSON or STRING one a line, as BYTE_ARRAY end to end, when the oldest has the age of DataFreshnessInSeconds, plain or packed by GZIP or
// ZSTD; what is no JSON goes to the dead letters, one JSON object a line. CREATING for Options.CreateDelay.
// Left out: the API reference does not say what OutputKeyTemplate may hold, nor its default. Here it is
// {channelName}/{yyyy}/{MM}/{dd}/{HH}/{channelId}-{sequence}, and {streamName} is known too. S3 Tables: such a channel is FAILED.
// Roles, encryption and logs have no effect.

// CreateChannelInput is what CreateChannel takes.
type CreateChannelInput struct {
	ChannelName                      string
	ServiceExecutionRoleARN          string
	StreamConfigurationList          []ChannelStreamConfiguration
	S3DestinationConfiguration       *S3Destination                  `json:",omitempty"`
	S3TablesDestinationConfiguration *S3TablesDestination            `json:",omitempty"`
	EncryptionConfiguration          *ChannelEncryptionConfiguration `json:",omitempty"`
	Tags                             map[string]string               `json:",omitempty"`
	LoggingConfiguration             *ChannelLoggingConfiguration    `json:",omitempty"`
}

// ChannelOutput is what CreateChannel, DescribeChannel and UpdateChannel answer.
type ChannelOutput struct{ ChannelDescription ChannelDescription }

func (s *Service) createChannel(scope wire.Scope, in *CreateChannelInput) (*ChannelOutput, error) {
	if err := in.complete(); err != nil {
		return nil, err
	}
	if _, err := addTags(nil, in.Tags, "channel "+in.ChannelName); err != nil {
		return nil, err
	}
	s.naming.Lock()
	defer s.naming.Unlock()
	now := s.now()
	if err := s.channelNameFree(scope, in.ChannelName, now); err != nil {
		return nil, err
	}
	st, err := s.lockActive(scope, Target{StreamARN: in.StreamConfigurationList[0].StreamARN}, now)
	if err != nil {
		return nil, err
	}
	defer st.mu.Unlock()
	if st.mode != modeOnDemand {
		return nil, wire.Errorf("ValidationException", "Channels are only supported for data streams with the on-demand capacity mode; stream %s is %s.",
			st.name, st.mode)
	}
	made := &channel{
		stream: st, name: in.ChannelName, id: wire.RequestID(), created: now, input: *in, tags: in.Tags, next: map[uint32]uint64{},
	}
	for _, one := range st.shards {
		made.next[one.number] = one.records.next()
	}
	if made.destination() == destinationTables {
		made.reason = "the emulator has no S3 Tables"
	}
	made.change(statusCreating, now, s.options.CreateDelay)
	st.channels = append(st.channelsAt(now), made)
	if err := s.keep(st); err != nil {
		return nil, err
	}
	s.channels.Add(1)
	described := made.describe(now)
	described.ChannelStatus, described.ChannelStatusReason = statusCreating, "" // what the service answers, however soon it will be ACTIVE
	return &ChannelOutput{described}, nil
}

// channelNameFree refuses the name of a channel of the scope, and more channels than a scope may have.
func (s *Service) channelNameFree(scope wire.Scope, name string, now time.Time) error {
	count := 0
	for _, st := range s.streamsOf(scope) {
		st.mu.Lock()
		present := st.channelsAt(now)
		st.mu.Unlock()
		count += len(present)
		for _, one := range present {
			if one.name == name {
				return wire.Errorf("ResourceInUseException", "Channel %s under account %s already exists.", name, scope.Account)
			}
		}
	}
	if count >= accountChannels {
		return wire.Errorf("LimitExceededException", "Account %s has %d channels already; the limit is %d.", scope.Account, count, accountChannels)
	}
	return nil
}

// complete fills in defaults, and refuses what the operation does not know.
func (in *CreateChannelInput) complete() error {
	if err := in.check(); err != nil {
		return err
	}
	freshness := int64(defaultFreshness)
	if bucket := in.S3DestinationConfiguration; bucket != nil {
		if bucket.DataFreshnessInSeconds == nil {
			bucket.DataFreshnessInSeconds = &freshness
		}
		if bucket.DeadLetterQueueS3Configuration == nil {
			storage := &bucket.StorageConfiguration
			bucket.DeadLetterQueueS3Configuration = &DeadLetters{BucketARN: storage.BucketARN, ExpectedBucketOwner: storage.ExpectedBucketOwner}
		}
		if bucket.DeadLetterQueueS3Configuration.ErrorOutputPrefix == "" {
			bucket.DeadLetterQueueS3Configuration.ErrorOutputPrefix = "errors/"
		}
	}
	if tables := in.S3TablesDestinationConfiguration; tables != nil && tables.DataFreshnessInSeconds == nil {
		tables.DataFreshnessInSeconds = &freshness
	}
	if in.LoggingConfiguration == nil {
		in.LoggingConfiguration = &ChannelLoggingConfiguration{}
	}
	return nil
}

func (in *CreateChannelInput) check() error {
	bucket, tables := in.S3DestinationConfiguration, in.S3TablesDestinationConfiguration
	format := in.StreamConfigurationList[0].RecordConfiguration.RecordFormatType
	switch {
	case len(in.StreamConfigurationList) > 1:
		return wire.Errorf("InvalidArgumentException", "One stream is supported per channel.")
	case (bucket == nil) == (tables == nil):
		return wire.Errorf("InvalidArgumentException", "Either S3DestinationConfiguration or S3TablesDestinationConfiguration must be specified, but not both.")
	case tables != nil && len(tables.S3TablesConfigurationList) > 1:
		return wire.Errorf("InvalidArgumentException", "One table is supported per channel.")
	case bucket != nil && format == formatSchema, tables != nil && (format == formatString || format == formatBytes):
		return wire.Errorf("InvalidArgumentException", "RecordFormatType %s is not supported for this destination.", format)
	default:
		return nil
	}
}
