package kinesis

import (
	"clickstream/emulator/internal/wire"
)

// PutRecord: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecord.html
// Kept: all that PutRecords keeps. SequenceNumberForOrdering is taken and needs no heed: numbers of a shard always grow.
// Left out: nothing is really encrypted.

// PutRecordInput is what PutRecord takes.
type PutRecordInput struct {
	Target
	Data                      wire.Blob
	PartitionKey              string `json:",omitempty"`
	ExplicitHashKey           string `json:",omitempty"`
	SequenceNumberForOrdering string `json:",omitempty"`
	DryRun                    bool   `json:",omitempty"`
}

// PutRecordOutput is what PutRecord answers.
type PutRecordOutput struct {
	ShardId        string //nolint:revive // the wire's name
	SequenceNumber SequenceNumber
	EncryptionType string `json:",omitempty"`
}

// Plain says, at little cost, that nothing is wrong with the request.
func (in *PutRecordInput) Plain() bool {
	entry := in.entry()
	return in.plain() && entry.plain()
}

func (in *PutRecordInput) entry() PutRecordsRequestEntry {
	return PutRecordsRequestEntry{Data: in.Data, PartitionKey: in.PartitionKey, ExplicitHashKey: in.ExplicitHashKey}
}

func (s *Service) putRecord(scope wire.Scope, in *PutRecordInput) (*PutRecordOutput, error) {
	batch := &PutRecordsInput{Target: in.Target, Records: []PutRecordsRequestEntry{in.entry()}, DryRun: in.DryRun}
	out, err := s.putEntries(scope, batch, func(int) string { return "" })
	if err != nil {
		return nil, err
	}
	defer out.Release()
	one := out.Records[0]
	if one.ErrorCode != "" {
		return nil, wire.Errorf(one.ErrorCode, "%s", one.ErrorMessage)
	}
	return &PutRecordOutput{ShardId: one.ShardId, SequenceNumber: *one.SequenceNumber, EncryptionType: out.EncryptionType}, nil
}
