package kinesis

import "clickstream/emulator/internal/wire"

// Operations returns the operations that the service knows: the only list of them.
func (s *Service) Operations() wire.Table {
	return wire.Table{
		"AddTagsToStream":                        op(s, "AddTagsToStream", s.addTagsToStream),
		"CreateChannel":                          op(s, "CreateChannel", s.createChannel),
		"CreateStream":                           op(s, "CreateStream", s.createStream),
		"DecreaseStreamRetentionPeriod":          op(s, "DecreaseStreamRetentionPeriod", s.decreaseStreamRetentionPeriod),
		"DeleteChannel":                          op(s, "DeleteChannel", s.deleteChannel),
		"DeleteResourcePolicy":                   op(s, "DeleteResourcePolicy", s.deleteResourcePolicy),
		"DeleteStream":                           op(s, "DeleteStream", s.deleteStream),
		"DeregisterStreamConsumer":               op(s, "DeregisterStreamConsumer", s.deregisterStreamConsumer),
		"DescribeAccountSettings":                op(s, "DescribeAccountSettings", s.describeAccountSettings),
		"DescribeChannel":                        op(s, "DescribeChannel", s.describeChannel),
		"DescribeLimits":                         op(s, "DescribeLimits", s.describeLimits),
		"DescribeStream":                         op(s, "DescribeStream", s.describeStream),
		"DescribeStreamConsumer":                 op(s, "DescribeStreamConsumer", s.describeStreamConsumer),
		"DescribeStreamSummary":                  op(s, "DescribeStreamSummary", s.describeStreamSummary),
		"DisableEnhancedMonitoring":              op(s, "DisableEnhancedMonitoring", s.disableEnhancedMonitoring),
		"EnableEnhancedMonitoring":               op(s, "EnableEnhancedMonitoring", s.enableEnhancedMonitoring),
		"GetRecords":                             op(s, "GetRecords", s.getRecords),
		"GetResourcePolicy":                      op(s, "GetResourcePolicy", s.getResourcePolicy),
		"GetShardIterator":                       op(s, "GetShardIterator", s.getShardIterator),
		"IncreaseStreamRetentionPeriod":          op(s, "IncreaseStreamRetentionPeriod", s.increaseStreamRetentionPeriod),
		"ListChannels":                           op(s, "ListChannels", s.listChannels),
		"ListShards":                             op(s, "ListShards", s.listShards),
		"ListStreamConsumers":                    op(s, "ListStreamConsumers", s.listStreamConsumers),
		"ListStreams":                            op(s, "ListStreams", s.listStreams),
		"ListTagsForResource":                    op(s, "ListTagsForResource", s.listTagsForResource),
		"ListTagsForStream":                      op(s, "ListTagsForStream", s.listTagsForStream),
		"MergeShards":                            op(s, "MergeShards", s.mergeShards),
		"PutRecord":                              op(s, "PutRecord", s.putRecord),
		"PutRecords":                             op(s, "PutRecords", s.putRecords),
		"PutResourcePolicy":                      op(s, "PutResourcePolicy", s.putResourcePolicy),
		"RegisterStreamConsumer":                 op(s, "RegisterStreamConsumer", s.registerStreamConsumer),
		"RemoveTagsFromStream":                   op(s, "RemoveTagsFromStream", s.removeTagsFromStream),
		"SplitShard":                             op(s, "SplitShard", s.splitShard),
		"StartStreamEncryption":                  op(s, "StartStreamEncryption", s.startStreamEncryption),
		"StopStreamEncryption":                   op(s, "StopStreamEncryption", s.stopStreamEncryption),
		"SubscribeToShard":                       wire.Stream(s.subscribeToShard),
		"TagResource":                            op(s, "TagResource", s.tagResource),
		"UntagResource":                          op(s, "UntagResource", s.untagResource),
		"UpdateAccountSettings":                  op(s, "UpdateAccountSettings", s.updateAccountSettings),
		"UpdateChannel":                          op(s, "UpdateChannel", s.updateChannel),
		"UpdateMaxRecordSize":                    op(s, "UpdateMaxRecordSize", s.updateMaxRecordSize),
		"UpdateShardCount":                       op(s, "UpdateShardCount", s.updateShardCount),
		"UpdateStreamMode":                       op(s, "UpdateStreamMode", s.updateStreamMode),
		"UpdateStreamRecordDistributionStrategy": op(s, "UpdateStreamRecordDistributionStrategy", s.updateStreamRecordDistributionStrategy),
		"UpdateStreamWarmThroughput":             op(s, "UpdateStreamWarmThroughput", s.updateStreamWarmThroughput),
	}
}

// Wire returns the service as it is served: JSON 1.1, and CBOR as the AWS SDK for Java speaks it.
func (s *Service) Wire() *wire.Service {
	return &wire.Service{Name: "kinesis", TargetPrefix: "Kinesis_20131202", JSONVersion: "1.1", CBOR: true, Operations: s.Operations(), Guard: s.checker.guard}
}
