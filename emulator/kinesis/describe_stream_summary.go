package kinesis

import (
	"time"

	"clickstream/emulator/internal/wire"
)

// DescribeStreamSummary: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DescribeStreamSummary.html
// Kept: state, retention, mode and the counts of open shards and consumers.
// Left out: enhanced monitoring, encryption, warm throughput.

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
	MaxRecordSizeInKiB                  int64
}

// Check checks the stream's name.
func (in *DescribeStreamSummaryInput) Check(c *wire.Check) { in.check(c) }

func (s *Service) describeStreamSummary(scope wire.Scope, in *DescribeStreamSummaryInput) (*DescribeStreamSummaryOutput, error) {
	now := time.Now()
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
		StreamName:              st.name,
		StreamARN:               st.arn(),
		StreamStatus:            st.status(now),
		StreamModeDetails:       StreamModeDetails{st.mode},
		RetentionPeriodHours:    int64(st.retention / time.Hour),
		StreamCreationTimestamp: stamp(st.created),
		EnhancedMonitoring:      []EnhancedMetrics{{ShardLevelMetrics: []string{}}},
		EncryptionType:          "NONE",
		OpenShardCount:          int64(open),
		ConsumerCount:           int64(len(st.consumersAt(now))),
		MaxRecordSizeInKiB:      mostRecordBytes >> 10,
	}}, nil
}
