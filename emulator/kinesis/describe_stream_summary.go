package kinesis

import (
	"time"

	"clickstream/emulator/internal/wire"
)

// DescribeStreamSummary: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DescribeStreamSummary.html
// Kept: state, retention, mode, encryption, monitoring, warm throughput, largest record, distribution strategy, and the counts of open
// shards, consumers and channels.
// Left out: StreamId, which the service reserves for later.

// DescribeStreamSummaryInput is what DescribeStreamSummary takes.
type DescribeStreamSummaryInput struct{ Target }

// DescribeStreamSummaryOutput is what DescribeStreamSummary answers.
type DescribeStreamSummaryOutput struct{ StreamDescriptionSummary StreamDescriptionSummary }

// StreamDescriptionSummary describes a stream without its shards.
type StreamDescriptionSummary struct {
	StreamName, StreamARN, StreamStatus string
	StreamModeDetails                   StreamModeDetails
	RetentionPeriodHours                int64
	StreamCreationTimestamp             *wire.Timestamp
	EnhancedMonitoring                  []EnhancedMetrics
	EncryptionType                      string
	OpenShardCount, ConsumerCount       int64
	MaxRecordSizeInKiB, ChannelCount    int64
	KeyId                               string          `json:",omitempty"` //nolint:revive // the wire's name
	WarmThroughput                      *WarmThroughput `json:",omitempty"`
	RecordDistributionStrategy          string          `json:",omitempty"`
}

func (s *Service) describeStreamSummary(scope wire.Scope, in *DescribeStreamSummaryInput) (*DescribeStreamSummaryOutput, error) {
	now := s.now()
	st, err := s.lock(scope, in.Target, now)
	if err != nil {
		return nil, err
	}
	defer st.mu.Unlock()
	open := len(st.open)
	if st.status(now) == statusCreating {
		open = 0
	}
	return &DescribeStreamSummaryOutput{StreamDescriptionSummary{
		StreamName:                 st.name,
		StreamARN:                  st.arn(),
		StreamStatus:               st.status(now),
		StreamModeDetails:          StreamModeDetails{st.mode},
		RetentionPeriodHours:       int64(st.retention / time.Hour),
		StreamCreationTimestamp:    stamp(st.created),
		EnhancedMonitoring:         []EnhancedMetrics{{ShardLevelMetrics: st.listMetrics()}},
		EncryptionType:             st.describeEncryption(),
		KeyId:                      st.keyID,
		OpenShardCount:             int64(open),
		ConsumerCount:              int64(len(st.consumersAt(now))),
		MaxRecordSizeInKiB:         int64(st.maxRecordKiB),
		WarmThroughput:             st.warmThroughput(),
		RecordDistributionStrategy: st.distribution(),
		ChannelCount:               int64(len(st.channelsAt(now))),
	}}, nil
}
