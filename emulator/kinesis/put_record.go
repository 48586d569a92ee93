package kinesis

import (
	"clickstream/emulator/internal/wire"
)

// PutRecord: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecord.html
// Kept: partition and explicit hash keys, record limits, the shard's write limit with Options.Throttle.
// Left out: encryption. SequenceNumberForOrdering is taken and needs no heed: numbers of a shard always grow.

// PutRecordInput is what PutRecord takes.
type PutRecordInput struct {
	Target
	Data                      wire.Blob
	PartitionKey              string
	ExplicitHashKey           string `json:",omitempty"`
	SequenceNumberForOrdering string `json:",omitempty"`
}

// PutRecordOutput is what PutRecord answers.
type PutRecordOutput struct {
	ShardId        string //nolint:revive // the wire's name
	SequenceNumber SequenceNumber
}

// Check checks stream, keys and data.
func (in *PutRecordInput) Check(c *wire.Check) {
	in.check(c)
	entry := PutRecordsRequestEntry{Data: in.Data, PartitionKey: in.PartitionKey, ExplicitHashKey: in.ExplicitHashKey}
	entry.check(c, "")
}

func (s *Service) putRecord(scope wire.Scope, in *PutRecordInput) (*PutRecordOutput, error) {
	out, err := s.putRecords(scope, &PutRecordsInput{
		Target:  in.Target,
		Records: []PutRecordsRequestEntry{{Data: in.Data, PartitionKey: in.PartitionKey, ExplicitHashKey: in.ExplicitHashKey}},
	})
	if err != nil {
		return nil, err
	}
	one := out.Records[0]
	if one.ErrorCode != "" {
		return nil, wire.Errorf(one.ErrorCode, "%s", one.ErrorMessage)
	}
	return &PutRecordOutput{ShardId: one.ShardId, SequenceNumber: *one.SequenceNumber}, nil
}
