package kinesis

import "clickstream/emulator/internal/wire"

// Operations returns the operations that the service knows: the only list of them.
func (s *Service) Operations() wire.Table {
	return wire.Table{
		"CreateStream":                  wire.Op(s.createStream),
		"DecreaseStreamRetentionPeriod": wire.Op(s.decreaseStreamRetentionPeriod),
		"DeleteStream":                  wire.Op(s.deleteStream),
		"DeregisterStreamConsumer":      wire.Op(s.deregisterStreamConsumer),
		"DescribeStream":                wire.Op(s.describeStream),
		"DescribeStreamConsumer":        wire.Op(s.describeStreamConsumer),
		"DescribeStreamSummary":         wire.Op(s.describeStreamSummary),
		"GetRecords":                    wire.Op(s.getRecords),
		"GetShardIterator":              wire.Op(s.getShardIterator),
		"IncreaseStreamRetentionPeriod": wire.Op(s.increaseStreamRetentionPeriod),
		"ListShards":                    wire.Op(s.listShards),
		"ListStreamConsumers":           wire.Op(s.listStreamConsumers),
		"ListStreams":                   wire.Op(s.listStreams),
		"MergeShards":                   wire.Op(s.mergeShards),
		"PutRecord":                     wire.Op(s.putRecord),
		"PutRecords":                    wire.Op(s.putRecords),
		"RegisterStreamConsumer":        wire.Op(s.registerStreamConsumer),
		"SplitShard":                    wire.Op(s.splitShard),
		"SubscribeToShard":              wire.Stream(s.subscribeToShard),
		"UpdateShardCount":              wire.Op(s.updateShardCount),
	}
}

// Wire returns the service as it is served: JSON 1.1, and CBOR as the AWS SDK for Java speaks it.
func (s *Service) Wire() *wire.Service {
	return &wire.Service{Name: "kinesis", TargetPrefix: "Kinesis_20131202", JSONVersion: "1.1", CBOR: true, Operations: s.Operations()}
}
