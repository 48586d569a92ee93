package kinesis_test

import (
	"os"
	"regexp"
	"strings"
)

const ferrokinesis = "ferrokinesis"

// knownDifference is a difference from a peer for which docs/emulator.md says why ours is right.
type knownDifference struct {
	operation string // a pattern, as is what
	holds     string // what the body has to have, such as a member; may be empty
	what      string
}

// knownDifferences are those from npm's kinesis-local 0.6.2 (kinesis-mock).
func knownDifferences() []knownDifference {
	return []knownDifference{
		// The peer does not know these members.
		{"DescribeStreamSummary", "", `.*MaxRecordSizeInKiB|.*RecordDistributionStrategy`},
		{"ListStreams", "", `\.StreamSummaries|\.NextToken`},
		{"UpdateShardCount", "", `\.StreamARN`},
		// What is not encrypted says nothing of it.
		{"PutRecords?|GetRecords", "", `.*EncryptionType`},
		// A range begins at a multiple of 2^128/n; the peer's are one too low.
		{"ListShards|DescribeStream|GetRecords", "", `.*HashKeyRange\..*`},
		// What follows the last one of a list is nothing.
		{"ListShards|DescribeStream", "shardId-", `.*\.Shards|\.NextToken|.*\.HasMoreShards`},
		{"ListStreams", "ExclusiveStartStreamName", `\.StreamNames(\[\])?|\.HasMoreStreams`},
		{"ListTagsForStream", "ExclusiveStartTagKey", `\.Tags|\.HasMoreTags`},
		// The last page has no token.
		{"ListStreamConsumers", "", `\.NextToken`},
		// The model has no tags there.
		{"DescribeStreamConsumer", "", `\.ConsumerDescription\.Tags`},
		// Deleted streams leave nothing behind.
		{"DescribeLimits", "", `\.OpenShardCount|\.OnDemandStreamCount`},
		{"GetResourcePolicy", "", `\.Policy|200 \| 400 ResourceNotFoundException`},
		{"DeleteResourcePolicy", "", `400 ResourceNotFoundException \| 200`},
		// Shards of on-demand streams are not for clients to change, and counts only within half and twice.
		{"UpdateShardCount", "", `400 InvalidArgumentException \| 200`},
		{"UpdateShardCount|SplitShard|MergeShards", "", `400 ValidationException \| .*`},
		// A number of another stream is no fit argument; stream and shard are there.
		{"GetShardIterator", "StartingSequenceNumber", `400 InvalidArgumentException \| (400 ResourceNotFoundException|200)`},
		// The shards of one moment span the hash keys once.
		{"ListShards", "TRIM_HORIZON", `\.Shards`},
		// The second shard of a merge is the one with the higher hash keys.
		{"MergeShards", "", `400 InvalidArgumentException \| 200`},
		// A shard that is closed is no fit argument; the stream itself is not in use.
		{"SplitShard|MergeShards", "", `400 InvalidArgumentException \| 400 ResourceInUseException`},
	}
}

// knownOfFerrokinesis are those from ferrokinesis 0.7.0, beside the others.
func knownOfFerrokinesis() []knownDifference {
	return []knownDifference{
		{"DescribeStream", "", `.*\.Shards|.*\.HasMoreShards|.*\.KeyId`},      // it has neither pages nor the key's name there
		{"ListShards", "ShardFilter", `.*Shards.*|\.NextToken`},               // it heeds no filter
		{"MergeShards|SplitShard", "", `400 InvalidArgumentException \| 200`}, // it merges and splits closed shards again
		{"GetRecords", "", `\.ChildShards|\.NextShardIterator`},               // it tells of the end of a shard with the page behind it
		{"StopStreamEncryption", "", `200 \| 400 InvalidArgumentException`},
		{"UpdateShardCount", "", `200 \| 400 InvalidArgumentException`}, // to the count that there is
	}
}

// isKnown says whether a difference stands in the list.
func isKnown(one call, what string) bool {
	all := knownDifferences()
	if os.Getenv("KINESIS_PEER_NAME") == ferrokinesis {
		all = append(all, knownOfFerrokinesis()...)
	}
	for _, known := range all {
		if regexp.MustCompile("^("+known.operation+")$").MatchString(one.operation) && strings.Contains(one.body, known.holds) &&
			regexp.MustCompile("^("+known.what+")$").MatchString(what) {
			return true
		}
	}
	return false
}
