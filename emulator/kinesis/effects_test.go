package kinesis_test

import (
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"clickstream/emulator/kinesis"
)

// step is a call and a part of what it has to answer; with status 200 unless the part is an error's type.
type step struct{ operation, body, want string }

func (s server) run(t *testing.T, steps ...step) {
	t.Helper()
	for i, one := range steps {
		status, reply := s.post(t, one.operation, jsonType, []byte(strings.ReplaceAll(one.body, "ARN:", "arn:aws:kinesis:us-east-1:000000000000:")))
		wanted := http.StatusOK
		if strings.Contains(one.want, "Exception") {
			wanted = http.StatusBadRequest
		}
		if status != wanted || !strings.Contains(string(reply), one.want) {
			t.Errorf("step %d: %s %.300s: %d %.600s\nwant %s", i+1, one.operation, one.body, status, reply, one.want)
		}
	}
}

const onDemand = `"StreamModeDetails":{"StreamMode":"ON_DEMAND"}`

func TestTags(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	fifty := map[string]string{}
	for i := range 50 {
		fifty[fmt.Sprintf(`"k%02d":"v"`, i)] = ""
	}
	many := strings.Join(slices.Sorted(maps.Keys(fifty)), ",")
	s.run(
		t,
		step{"CreateStream", `{"StreamName":"s","ShardCount":1,"Tags":{"born":"with"}}`, ""},
		step{"ListTagsForStream", `{"StreamName":"s"}`, `{"Tags":[{"Key":"born","Value":"with"}],"HasMoreTags":false}`},
		step{"AddTagsToStream", `{"StreamARN":"ARN:stream/s","Tags":{"a":"1","born":"again"}}`, ""},
		step{"ListTagsForStream", `{"StreamName":"s","Limit":1}`, `{"Tags":[{"Key":"a","Value":"1"}],"HasMoreTags":true}`},
		step{"ListTagsForStream", `{"StreamName":"s","ExclusiveStartTagKey":"a"}`, `{"Tags":[{"Key":"born","Value":"again"}],"HasMoreTags":false}`},
		step{"TagResource", `{"ResourceARN":"ARN:stream/s","Tags":{"b":"2"}}`, ""},
		step{"ListTagsForResource", `{"ResourceARN":"ARN:stream/s"}`, `[{"Key":"a","Value":"1"},{"Key":"b","Value":"2"},{"Key":"born","Value":"again"}]`},
		step{"RemoveTagsFromStream", `{"StreamName":"s","TagKeys":["a","never"]}`, ""},
		step{"UntagResource", `{"ResourceARN":"ARN:stream/s","TagKeys":["born"]}`, ""},
		step{"ListTagsForStream", `{"StreamName":"s"}`, `{"Tags":[{"Key":"b","Value":"2"}],"HasMoreTags":false}`},
		step{"AddTagsToStream", `{"StreamName":"s","Tags":{` + many + `}}`, "InvalidArgumentException"},
		step{"AddTagsToStream", `{"StreamName":"s","Tags":{"wrong!":"x"}}`, "InvalidArgumentException"},
		step{"UntagResource", `{"ResourceARN":"ARN:stream/s","TagKeys":["!"]}`, "InvalidArgumentException"},
		step{"CreateStream", `{"StreamName":"t","ShardCount":1,"Tags":{"wrong!":"x"}}`, "InvalidArgumentException"},
		step{"DescribeStream", `{"StreamName":"t"}`, "ResourceNotFoundException"},
		step{"ListTagsForResource", `{"ResourceARN":"ARN:stream/x"}`, "ResourceNotFoundException"},
		step{"ListTagsForResource", `{"ResourceARN":"ARN:queue/x"}`, "ResourceNotFoundException"},
	)
}

func TestTagsOfAConsumer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t)
		arn := fmt.Sprintf(`"ARN:stream/s/consumer/c:%d"`, time.Now().Unix())
		s.run(
			t,
			step{"CreateStream", `{"StreamName":"s","ShardCount":1}`, ""},
			step{"RegisterStreamConsumer", `{"StreamARN":"ARN:stream/s","ConsumerName":"c","Tags":{"a":"!"}}`, "InvalidArgumentException"},
			step{"RegisterStreamConsumer", `{"StreamARN":"ARN:stream/s","ConsumerName":"c","Tags":{"a":"1"}}`, ""},
			step{"TagResource", `{"ResourceARN":` + arn + `,"Tags":{"b":"2"}}`, ""},
			step{"UntagResource", `{"ResourceARN":` + arn + `,"TagKeys":["a"]}`, ""},
			step{"ListTagsForResource", `{"ResourceARN":` + arn + `}`, `{"Tags":[{"Key":"b","Value":"2"}]}`},
			step{"ListTagsForStream", `{"StreamName":"s"}`, `{"Tags":[],"HasMoreTags":false}`},
			step{"PutResourcePolicy", `{"ResourceARN":` + arn + `,"Policy":"{\"Statement\":[]}"}`, ""},
			step{"GetResourcePolicy", `{"ResourceARN":` + arn + `}`, `{"Policy":"{\"Statement\":[]}"}`},
			step{"GetResourcePolicy", `{"ResourceARN":"ARN:stream/s"}`, `{"Policy":"{}"}`},
		)
	})
}

func TestResourcePolicies(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	const policy = `"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\"}]}"`
	s.run(
		t,
		step{"CreateStream", `{"StreamName":"s","ShardCount":1}`, ""},
		step{"PutResourcePolicy", `{"ResourceARN":"ARN:stream/s","Policy":"nonsense"}`, "InvalidArgumentException"},
		step{"PutResourcePolicy", `{"ResourceARN":"ARN:stream/s","Policy":` + policy + `}`, ""},
		step{"GetResourcePolicy", `{"ResourceARN":"ARN:stream/s"}`, policy},
		step{"DeleteResourcePolicy", `{"ResourceARN":"ARN:stream/s"}`, ""},
		step{"GetResourcePolicy", `{"ResourceARN":"ARN:stream/s"}`, `{"Policy":"{}"}`},
		step{"DeleteResourcePolicy", `{"ResourceARN":"ARN:stream/s"}`, "ResourceNotFoundException"},
	)
}

func TestEncryption(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.do(t, "CreateStream", `{"StreamName":"s","ShardCount":1}`)
	iterator := s.iterator(t, `{"StreamName":"s","ShardId":"0","ShardIteratorType":"LATEST"}`)
	s.run(
		t,
		step{"DescribeStreamSummary", `{"StreamName":"s"}`, `"EncryptionType":"NONE"`},
		step{"PutRecord", `{"StreamName":"s","Data":"","PartitionKey":"plain"}`, ""},
		step{"StartStreamEncryption", `{"StreamName":"s","EncryptionType":"NONE","KeyId":"alias/aws/kinesis"}`, "InvalidArgumentException"},
		step{"StartStreamEncryption", `{"StreamName":"s","EncryptionType":"KMS","KeyId":"alias/aws/kinesis"}`, ""},
		step{"DescribeStream", `{"StreamName":"s"}`, `"EncryptionType":"KMS","KeyId":"alias/aws/kinesis"`},
		step{"PutRecord", `{"StreamName":"s","Data":"","PartitionKey":"secret"}`, `"EncryptionType":"KMS"`},
		step{"PutRecords", `{"StreamName":"s","Records":[{"Data":"","PartitionKey":"secret too"}]}`, `"EncryptionType":"KMS"`},
		step{"StopStreamEncryption", `{"StreamName":"s","EncryptionType":"KMS","KeyId":"alias/aws/kinesis"}`, ""},
		step{"DescribeStreamSummary", `{"StreamName":"s"}`, `"EncryptionType":"NONE"`},
		step{"GetRecords", `{"ShardIterator":"` + iterator + `"}`, `"PartitionKey":"plain"}`},
		step{"GetRecords", `{"ShardIterator":"` + iterator + `"}`, `"PartitionKey":"secret","EncryptionType":"KMS"}`},
	)
}

func TestEnhancedMonitoring(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.run(
		t,
		step{"CreateStream", `{"StreamName":"s","ShardCount":1}`, ""},
		step{
			"EnableEnhancedMonitoring", `{"StreamName":"s","ShardLevelMetrics":["OutgoingBytes","IncomingBytes"]}`,
			`"CurrentShardLevelMetrics":[],"DesiredShardLevelMetrics":["IncomingBytes","OutgoingBytes"]`,
		},
		step{"DescribeStreamSummary", `{"StreamName":"s"}`, `"EnhancedMonitoring":[{"ShardLevelMetrics":["IncomingBytes","OutgoingBytes"]}]`},
		step{
			"DisableEnhancedMonitoring", `{"StreamName":"s","ShardLevelMetrics":["IncomingBytes"]}`,
			`"CurrentShardLevelMetrics":["IncomingBytes","OutgoingBytes"],"DesiredShardLevelMetrics":["OutgoingBytes"]`,
		},
		step{"EnableEnhancedMonitoring", `{"StreamName":"s","ShardLevelMetrics":["ALL"]}`, `"IteratorAgeMilliseconds"]`},
		step{"DisableEnhancedMonitoring", `{"StreamName":"s","ShardLevelMetrics":["ALL"]}`, `"DesiredShardLevelMetrics":[]`},
		step{"DescribeStream", `{"StreamName":"s"}`, `"EnhancedMonitoring":[{"ShardLevelMetrics":[]}]`},
	)
}

func TestLimitsAreCounted(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.run(
		t,
		step{"CreateStream", `{"StreamName":"s","ShardCount":3}`, ""},
		step{"CreateStream", `{"StreamName":"d",` + onDemand + `}`, ""},
		step{"DescribeLimits", `{}`, `{"ShardLimit":20000,"OpenShardCount":7,"OnDemandStreamCount":1,"OnDemandStreamCountLimit":50,"ChannelCount":0,`},
		step{"DeleteStream", `{"StreamName":"d"}`, ""},
		step{"MergeShards", `{"StreamName":"s","ShardToMerge":"shardId-000000000000","AdjacentShardToMerge":"shardId-000000000001"}`, ""},
		step{"DescribeLimits", `{}`, `"OpenShardCount":2,"OnDemandStreamCount":0`},
	)
}

func TestStreamMode(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	const split = `{"StreamName":"s","ShardToSplit":"shardId-000000000000","NewStartingHashKey":"7"}`
	s.run(
		t,
		step{"CreateStream", `{"StreamName":"s","ShardCount":1}`, ""},
		step{"UpdateStreamMode", `{"StreamARN":"ARN:stream/s",` + onDemand + `}`, ""},
		step{"PutRecord", `{"StreamName":"s","Data":"","PartitionKey":"k"}`, `"ShardId":"shardId-000000000000"`},
		step{"DescribeStreamSummary", `{"StreamName":"s"}`, `"OpenShardCount":1`},
		step{"DescribeStreamSummary", `{"StreamName":"s"}`, `"RecordDistributionStrategy":"USER_PARTITION_KEY"`},
		step{"ListStreams", `{}`, onDemand},
		step{"SplitShard", split, "ValidationException"},
		step{"MergeShards", `{"StreamName":"s","ShardToMerge":"shardId-000000000000","AdjacentShardToMerge":"shardId-000000000001"}`, "ValidationException"},
		step{"UpdateShardCount", `{"StreamName":"s","TargetShardCount":2,"ScalingType":"UNIFORM_SCALING"}`, "ValidationException"},
		step{"UpdateStreamMode", `{"StreamARN":"ARN:stream/s","StreamModeDetails":{"StreamMode":"PROVISIONED"}}`, ""},
		step{"SplitShard", split, ""},
		step{"DescribeStreamSummary", `{"StreamName":"s"}`, `"StreamMode":"PROVISIONED"`},
	)
}

func TestRecordSize(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	record := func(size int) string {
		return `"Data":"` + base64.StdEncoding.EncodeToString(make([]byte, size)) + `","PartitionKey":"k"`
	}
	const mib, refused = 1 << 20, "ValidationException"
	largest := record(10*mib - 1)
	s.run(
		t,
		step{"CreateStream", `{"StreamName":"s","ShardCount":1}`, ""},
		step{"DescribeStreamSummary", `{"StreamName":"s"}`, `"MaxRecordSizeInKiB":1024`},
		step{"PutRecord", `{"StreamName":"s",` + record(mib-1) + `}`, ""},
		step{"PutRecord", `{"StreamName":"s",` + record(mib) + `}`, refused},
		step{"PutRecords", `{"StreamName":"s","Records":[{` + record(1) + `},{` + record(mib) + `}]}`, refused},
		step{"UpdateMaxRecordSize", `{"StreamARN":"ARN:stream/s","MaxRecordSizeInKiB":10240}`, ""},
		step{"UpdateMaxRecordSize", `{"MaxRecordSizeInKiB":10240}`, refused},
		step{"DescribeStreamSummary", `{"StreamName":"s"}`, `"MaxRecordSizeInKiB":10240`},
		step{"PutRecord", `{"StreamName":"s",` + largest + `}`, ""},
		step{"CreateStream", `{"StreamName":"large","ShardCount":1,"MaxRecordSizeInKiB":2048}`, ""},
		step{"PutRecord", `{"StreamName":"large",` + record(2*mib-1) + `}`, ""},
		step{"PutRecord", `{"StreamName":"large",` + record(2*mib) + `}`, refused},
	)
	iterator := s.iterator(t, `{"StreamName":"s","ShardId":"0","ShardIteratorType":"TRIM_HORIZON"}`)
	first := s.get(t, iterator, 10)
	second := s.get(t, first.NextShardIterator, 10)
	if len(first.Records) != 1 || len(second.Records) != 1 || len(second.Records[0].Data) != 10*mib-1 {
		t.Errorf("pages of %d and %d records", len(first.Records), len(second.Records))
	}
}

func TestDistributionStrategy(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	keyless := `{"StreamName":"s","Records":[{"Data":"AA=="},{"Data":"AA=="},{"Data":"AA==","PartitionKey":"k"},{"Data":"AA==","PartitionKey":"k"}]}`
	s.run(
		t,
		step{"CreateStream", `{"StreamName":"p","ShardCount":1,"RecordDistributionStrategy":"AUTO"}`, "InvalidArgumentException"},
		step{"CreateStream", `{"StreamName":"s",` + onDemand + `}`, ""},
		step{"PutRecords", keyless, "ValidationException"},
		step{"UpdateStreamRecordDistributionStrategy", `{"StreamARN":"ARN:stream/s","RecordDistributionStrategy":"AUTO"}`, ""},
		step{"DescribeStreamSummary", `{"StreamName":"s"}`, `"RecordDistributionStrategy":"AUTO"`},
		step{"PutRecords", keyless, `"FailedRecordCount":0`},
	)
	records, err := s.state.Records("s")
	if err != nil {
		t.Fatal(err)
	}
	shards := map[string]bool{}
	keys := 0
	for _, one := range records {
		shards[one.ShardID] = true
		keys += len(one.PartitionKey)
	}
	if len(records) != 4 || len(shards) != 4 || keys != 2 {
		t.Errorf("four records went to %v", records)
	}
	s.run(
		t,
		step{"UpdateStreamRecordDistributionStrategy", `{"StreamARN":"ARN:stream/s","RecordDistributionStrategy":"USER_PARTITION_KEY"}`, ""},
		step{"PutRecord", `{"StreamName":"s","Data":"AA=="}`, "ValidationException"},
		step{"CreateStream", `{"StreamName":"auto",` + onDemand + `,"RecordDistributionStrategy":"AUTO"}`, ""},
		step{"PutRecord", `{"StreamName":"auto","Data":"AA=="}`, ""},
	)
}

func TestDryRun(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.do(t, "CreateStream", `{"StreamName":"s","ShardCount":1}`)
	iterator := s.iterator(t, `{"StreamName":"s","ShardId":"0","ShardIteratorType":"TRIM_HORIZON"}`)
	const tried = "DryRunOperationException"
	s.run(
		t,
		step{"PutRecord", `{"StreamName":"s","Data":"","PartitionKey":"k","DryRun":true}`, tried},
		step{"PutRecords", `{"StreamName":"s","Records":[{"Data":"","PartitionKey":"k"}],"DryRun":true}`, tried},
		step{"GetShardIterator", `{"StreamName":"s","ShardId":"0","ShardIteratorType":"LATEST","DryRun":true}`, tried},
		step{"GetRecords", `{"ShardIterator":"` + iterator + `","DryRun":true}`, tried},
		step{"PutRecord", `{"StreamName":"x","Data":"","PartitionKey":"k","DryRun":true}`, "ResourceNotFoundException"},
		step{"GetRecords", `{"ShardIterator":"` + iterator + `"}`, `{"Records":[],`},
	)
}

func TestWarmThroughput(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t)
		const commit = `{"MinimumThroughputBillingCommitment":{"Status":"ENABLED"}}`
		const end = `{"MinimumThroughputBillingCommitment":{"Status":"DISABLED"}}`
		s.run(
			t,
			step{"CreateStream", `{"StreamName":"s",` + onDemand + `}`, ""},
			step{"CreateStream", `{"StreamName":"p","ShardCount":1}`, ""},
			step{"UpdateStreamWarmThroughput", `{"StreamName":"s","WarmThroughputMiBps":6}`, "ValidationException"},
			step{"DescribeAccountSettings", `{}`, `{"MinimumThroughputBillingCommitment":{"Status":"DISABLED"}}`},
			step{"UpdateAccountSettings", commit, `"Status":"ENABLED","StartedAt":946684800.000,"EarliestAllowedEndAt":946771200.000`},
			step{"UpdateStreamWarmThroughput", `{"StreamName":"p","WarmThroughputMiBps":6}`, "ValidationException"},
			step{"UpdateStreamWarmThroughput", `{"StreamName":"s","WarmThroughputMiBps":10241}`, "LimitExceededException"},
			step{"UpdateStreamWarmThroughput", `{"StreamName":"s","WarmThroughputMiBps":6}`, `"WarmThroughput":{"TargetMiBps":6,"CurrentMiBps":6}`},
			step{"DescribeStreamSummary", `{"StreamName":"s"}`, `"OpenShardCount":6`},
			step{"CreateStream", `{"StreamName":"w",` + onDemand + `,"WarmThroughputMiBps":8}`, ""},
			step{"DescribeStreamSummary", `{"StreamName":"w"}`, `"WarmThroughput":{"TargetMiBps":8,"CurrentMiBps":8}`},
			step{"UpdateStreamMode", `{"StreamARN":"ARN:stream/p",` + onDemand + `,"WarmThroughputMiBps":5}`, ""},
			step{"DescribeStreamSummary", `{"StreamName":"p"}`, `"OpenShardCount":5`},
			step{"UpdateAccountSettings", end, `"Status":"ENABLED_UNTIL_EARLIEST_ALLOWED_END"`},
			step{"UpdateAccountSettings", commit, `"Status":"ENABLED"`},
			step{"UpdateAccountSettings", end, `"Status":"ENABLED_UNTIL_EARLIEST_ALLOWED_END"`},
		)
		time.Sleep(24 * time.Hour)
		s.run(
			t,
			step{"DescribeAccountSettings", `{}`, `"Status":"DISABLED","StartedAt":946684800.000,"EndedAt":946771200.000`},
			step{"UpdateStreamWarmThroughput", `{"StreamName":"s","WarmThroughputMiBps":7}`, "ValidationException"},
		)
	})
}

// TestOnDemandScaling writes for a minute 3,000 records a second, of which four shards take 4,000, and finds more shards after it.
func TestOnDemandScaling(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t)
		s.do(t, "CreateStream", `{"StreamName":"s",`+onDemand+`}`)
		s.do(t, "CreateStream", `{"StreamName":"p","ShardCount":4}`)
		for range 61 {
			for range 6 {
				s.do(t, "PutRecords", string(putJSON("s", 500)))
			}
			s.do(t, "PutRecords", string(putJSON("p", 500)))
			time.Sleep(time.Second)
		}
		s.run(
			t,
			step{"DescribeStreamSummary", `{"StreamName":"s"}`, `"OpenShardCount":6`},
			step{"DescribeStreamSummary", `{"StreamName":"p"}`, `"OpenShardCount":4`},
		)
	})
}

// TestPagesAreAboutOneMoment splits shards between two pages of the shards that were the latest.
func TestPagesAreAboutOneMoment(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t)
		s.do(t, "CreateStream", `{"StreamName":"s","ShardCount":2}`)
		time.Sleep(time.Second)
		page := s.do(t, "ListShards", `{"StreamName":"s","MaxResults":1,"ShardFilter":{"Type":"AT_LATEST"}}`)
		s.do(t, "UpdateShardCount", `{"StreamName":"s","TargetShardCount":4,"ScalingType":"UNIFORM_SCALING"}`)
		reply := s.do(t, "ListShards", fmt.Sprintf(`{"NextToken":%q}`, page["NextToken"]))
		list, _ := reply["Shards"].([]any)
		if len(list) != 1 || !strings.Contains(fmt.Sprint(list), "ShardId:shardId-000000000001") {
			t.Errorf("second page: %v", list)
		}
		created := time.Now().Add(-time.Second).Unix()
		token := fmt.Sprint(page["NextToken"])
		s.run(
			t,
			step{"ListShards", fmt.Sprintf(`{"StreamName":"s","StreamCreationTimestamp":%d}`, created), `"Shards":[{`},
			step{"ListShards", fmt.Sprintf(`{"StreamName":"s","StreamCreationTimestamp":%d}`, created-1), "ResourceNotFoundException"},
			step{"ListShards", fmt.Sprintf(`{"NextToken":%q,"ExclusiveStartShardId":"shardId-000000000000"}`, token), "InvalidArgumentException"},
			step{"ListShards", fmt.Sprintf(`{"NextToken":%q,"StreamCreationTimestamp":1}`, token), "InvalidArgumentException"},
			step{"ListShards", fmt.Sprintf(`{"NextToken":%q,"ShardFilter":{"Type":"AT_LATEST"}}`, token), "InvalidArgumentException"},
		)
		time.Sleep(301 * time.Second)
		s.run(t, step{"ListShards", fmt.Sprintf(`{"NextToken":%q}`, token), "ExpiredNextTokenException"})
	})
}

// TestLimitsOfCalls runs into the service's limits.
func TestLimitsOfCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServerWith(t, kinesis.Options{Throttle: true})
		s.do(t, "CreateStream", `{"StreamName":"s","ShardCount":2}`)
		first := func(shard string) string {
			return s.iterator(t, `{"StreamName":"s","ShardId":"`+shard+`","ShardIteratorType":"TRIM_HORIZON"}`)
		}
		const rate, provisioned = `"LimitExceededException"`, `"ProvisionedThroughputExceededException"`
		get := step{"GetRecords", `{"ShardIterator":"` + first("0") + `"}`, ""}
		iterate := step{"GetShardIterator", `{"StreamName":"s","ShardId":"1","ShardIteratorType":"LATEST"}`, ""}
		limited := func(one step, calls int, why string) {
			t.Helper()
			s.run(t, slices.Repeat([]step{one}, calls)...)
			one.want = why
			s.run(t, one)
			time.Sleep(time.Second)
		}
		limited(get, 5, provisioned)
		limited(iterate, 5, provisioned)
		limited(step{"DescribeStream", `{"StreamName":"s"}`, ""}, 10, rate)
		limited(step{"DescribeStreamSummary", `{"StreamName":"s"}`, ""}, 20, rate)
		limited(step{"ListStreams", `{}`, ""}, 5, rate)
		limited(step{"DescribeLimits", `{}`, ""}, 1, rate)
		limited(step{"ListStreamConsumers", `{"StreamARN":"ARN:stream/s"}`, ""}, 5, rate)
		limited(step{"RegisterStreamConsumer", `{"StreamARN":"ARN:stream/x","ConsumerName":"c"}`, "ResourceNotFoundException"}, 5, rate)
		limited(step{"ListShards", `{"StreamName":"s"}`, ""}, 1000, rate)
		s.run(
			t,
			step{"CreateStream", `{"StreamName":"a","ShardCount":9999}`, ""},
			step{"CreateStream", `{"StreamName":"b","ShardCount":10000}`, "LimitExceededException"},
		)
	})
}

// TestReadThroughput reads 10 MiB at once, which takes five seconds' worth.
func TestReadThroughput(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServerWith(t, kinesis.Options{Throttle: true})
		s.do(t, "CreateStream", `{"StreamName":"s","ShardCount":1}`)
		for range 10 {
			s.do(t, "PutRecord", `{"StreamName":"s","Data":"`+base64.StdEncoding.EncodeToString(make([]byte, 1<<20-1))+`","PartitionKey":"k"}`)
			time.Sleep(time.Second)
		}
		iterator := s.iterator(t, `{"StreamName":"s","ShardId":"0","ShardIteratorType":"TRIM_HORIZON"}`)
		body := `{"ShardIterator":"` + iterator + `"}`
		s.run(t, step{"GetRecords", body, `"Records":[{`}, step{"GetRecords", body, "ProvisionedThroughputExceededException"})
		time.Sleep(4 * time.Second)
		s.run(t, step{"GetRecords", body, "ProvisionedThroughputExceededException"})
		time.Sleep(time.Second)
		s.run(t, step{"GetRecords", body, `"Records":[{`})
	})
}
