package kinesis_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"clickstream/emulator/kinesis"
)

func TestValidation(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.do(t, "CreateStream", `{"StreamName":"s","ShardCount":2}`)
	long := strings.Repeat("x", 129)
	const failed = "failed to satisfy constraint: "
	tests := []struct{ operation, body, code, message string }{
		{"CreateStream", `{"ShardCount":1}`, "ValidationException", "1 validation error detected: Value null at 'streamName' " + failed + "Member must not be null"},
		{"CreateStream", `{"StreamName":"a"}`, "ValidationException", "1 validation error detected: Value null at 'shardCount' " + failed + "Member must not be null"},
		{"CreateStream", `{"StreamName":"a","ShardCount":0}`, "ValidationException", "1 validation error detected: Value '0' at 'shardCount' " + failed + "Member must have value greater than or equal to 1"},
		{"CreateStream", `{"StreamName":"a b","ShardCount":1}`, "ValidationException", "1 validation error detected: Value 'a b' at 'streamName' " + failed + "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"},
		{"CreateStream", `{"StreamName":"` + long + `","ShardCount":1}`, "ValidationException", "1 validation error detected: Value '" + long + "' at 'streamName' " + failed + "Member must have length less than or equal to 128"},
		{"CreateStream", `{"StreamName":"a","StreamModeDetails":{"StreamMode":"X"}}`, "ValidationException", "1 validation error detected: Value 'X' at 'streamModeDetails.streamMode' " + failed + "Member must satisfy enum value set: [PROVISIONED, ON_DEMAND]"},
		{"CreateStream", `{"StreamName":"s","ShardCount":1}`, "ResourceInUseException", "Stream s under account 000000000000 already exists."},
		{"CreateStream", `{"StreamName":"a","ShardCount":10001}`, "LimitExceededException", "Stream a cannot have 10001 shards; the limit is 10000."},
		{"DescribeStream", `{"StreamName":"x"}`, "ResourceNotFoundException", "Stream x under account 000000000000 not found."},
		{"DescribeStream", `{"StreamName":"s","Limit":0}`, "ValidationException", "1 validation error detected: Value '0' at 'limit' " + failed + "Member must have value greater than or equal to 1"},
		{"DescribeStreamSummary", `{}`, "ValidationException", "1 validation error detected: Value null at 'streamName' " + failed + "Member must not be null"},
		{"DescribeStreamSummary", `{"StreamARN":"x"}`, "ValidationException", `1 validation error detected: Value 'x' at 'streamARN' ` + failed + `Member must satisfy regular expression pattern: arn:aws.*:kinesis:.*:\d{12}:stream/\S+`},
		{"DescribeStreamSummary", `{"StreamName":"t","StreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/s"}`, "InvalidArgumentException", "StreamARN arn:aws:kinesis:us-east-1:000000000000:stream/s and StreamName t do not name the same stream."},
		{"DescribeStreamSummary", `{"StreamARN":"arn:aws:kinesis:eu-west-1:000000000000:stream/s"}`, "ResourceNotFoundException", "Stream s under account 000000000000 not found."},
		{"DeleteStream", `{"StreamName":"x"}`, "ResourceNotFoundException", "Stream x under account 000000000000 not found."},
		{"ListStreams", `{"Limit":10001}`, "ValidationException", "1 validation error detected: Value '10001' at 'limit' " + failed + "Member must have value less than or equal to 10000"},
		{"ListStreams", `{"NextToken":"x"}`, "InvalidArgumentException", "NextToken is invalid."},
		{"ListShards", `{}`, "InvalidArgumentException", "Either NextToken or StreamName should be provided."},
		{"ListShards", `{"NextToken":"x"}`, "InvalidArgumentException", "NextToken is invalid."},
		{"ListShards", `{"NextToken":"x","StreamName":"s"}`, "InvalidArgumentException", "NextToken and StreamName cannot be provided together."},
		{"ListShards", `{"StreamName":"s","ShardFilter":{"Type":"AT_TIMESTAMP"}}`, "InvalidArgumentException", "Timestamp must be provided with the ShardFilter type AT_TIMESTAMP."},
		{"ListShards", `{"StreamName":"s","ShardFilter":{"Type":"AFTER_SHARD_ID"}}`, "InvalidArgumentException", "ShardId must be provided with the ShardFilter type AFTER_SHARD_ID."},
		{"ListShards", `{"StreamName":"s","ShardFilter":{"Type":"AT_TIMESTAMP","Timestamp":253402300799}}`, "InvalidArgumentException", "Timestamp of the ShardFilter cannot be later than now."},
		{"ListShards", `{"StreamName":"s","ShardFilter":{"Type":"NEVER"}}`, "ValidationException", "1 validation error detected: Value 'NEVER' at 'shardFilter.type' " + failed + "Member must satisfy enum value set: [AFTER_SHARD_ID, AT_TRIM_HORIZON, FROM_TRIM_HORIZON, AT_LATEST, AT_TIMESTAMP, FROM_TIMESTAMP]"},
		{"PutRecord", `{"StreamName":"s","PartitionKey":"k"}`, "ValidationException", "1 validation error detected: Value null at 'data' " + failed + "Member must not be null"},
		{"PutRecord", `{"StreamName":"s","Data":"","PartitionKey":""}`, "ValidationException", "1 validation error detected: Value '' at 'partitionKey' " + failed + "Member must have length greater than or equal to 1"},
		{"PutRecord", `{"StreamName":"s","Data":"","PartitionKey":"k","ExplicitHashKey":"01"}`, "ValidationException", `1 validation error detected: Value '01' at 'explicitHashKey' ` + failed + `Member must satisfy regular expression pattern: 0|([1-9]\d{0,38})`},
		{"PutRecord", `{"StreamName":"s","Data":"","PartitionKey":"k","ExplicitHashKey":"340282366920938463463374607431768211456"}`, "InvalidArgumentException", "Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was 340282366920938463463374607431768211456"},
		{"PutRecord", `{"StreamName":"x","Data":"","PartitionKey":"k"}`, "ResourceNotFoundException", "Stream x under account 000000000000 not found."},
		{"PutRecords", `{"StreamName":"s"}`, "ValidationException", "1 validation error detected: Value null at 'records' " + failed + "Member must not be null"},
		{"PutRecords", `{"StreamName":"s","Records":[]}`, "ValidationException", "1 validation error detected: Value '[]' at 'records' " + failed + "Member must have length greater than or equal to 1"},
		{"PutRecords", `{"StreamName":"s","Records":[{"Data":"","PartitionKey":"k"},{"PartitionKey":"k"}]}`, "ValidationException", "1 validation error detected: Value null at 'records.2.member.data' " + failed + "Member must not be null"},
		{"GetShardIterator", `{"StreamName":"s","ShardId":"shardId-000000000000"}`, "ValidationException", "1 validation error detected: Value null at 'shardIteratorType' " + failed + "Member must not be null"},
		{"GetShardIterator", `{"StreamName":"s","ShardId":"shardId-000000000009","ShardIteratorType":"LATEST"}`, "ResourceNotFoundException", "Could not find shard shardId-000000000009 in stream s under account 000000000000."},
		{"GetShardIterator", `{"StreamName":"s","ShardId":"nonsense","ShardIteratorType":"LATEST"}`, "ResourceNotFoundException", "Could not find shard nonsense in stream s under account 000000000000."},
		{"GetRecords", `{}`, "ValidationException", "1 validation error detected: Value null at 'shardIterator' " + failed + "Member must not be null"},
		{"GetRecords", `{"ShardIterator":"nonsense"}`, "InvalidArgumentException", "Invalid ShardIterator."},
		{"GetRecords", `{"ShardIterator":"x","Limit":10001}`, "ValidationException", "1 validation error detected: Value '10001' at 'limit' " + failed + "Member must have value less than or equal to 10000"},
		{"SplitShard", `{"StreamName":"s","ShardToSplit":"shardId-000000000000","NewStartingHashKey":"1"}`, "InvalidArgumentException", "NewStartingHashKey 1 used in SplitShard() on shard shardId-000000000000 in stream s under account 000000000000 is not both greater than one plus the shard's StartingHashKey 0 and less than the shard's EndingHashKey 170141183460469231731687303715884105727."},
		{"MergeShards", `{"StreamName":"s","ShardToMerge":"shardId-000000000001","AdjacentShardToMerge":"shardId-000000000000"}`, "InvalidArgumentException", "Shards shardId-000000000001 and shardId-000000000000 in stream s under account 000000000000 are not an adjacent pair of shards eligible for merging"},
		{"MergeShards", `{"StreamName":"s","ShardToMerge":"shardId-000000000000","AdjacentShardToMerge":"shardId-000000000000"}`, "InvalidArgumentException", "Shards shardId-000000000000 and shardId-000000000000 in stream s under account 000000000000 are not an adjacent pair of shards eligible for merging"},
		{"UpdateShardCount", `{"StreamName":"s","TargetShardCount":5,"ScalingType":"UNIFORM_SCALING"}`, "InvalidArgumentException", "UpdateShardCount cannot scale up over double your current open shard count. Current open shard count: 2 Target shard count: 5"},
		{"IncreaseStreamRetentionPeriod", `{"StreamName":"s","RetentionPeriodHours":23}`, "InvalidArgumentException", "Minimum allowed retention period is 24 hours. Requested retention period (23 hours) is too short."},
		{"IncreaseStreamRetentionPeriod", `{"StreamName":"s","RetentionPeriodHours":8761}`, "InvalidArgumentException", "Maximum allowed retention period is 8760 hours. Requested retention period (8761 hours) is too long."},
		{"DecreaseStreamRetentionPeriod", `{"StreamName":"s","RetentionPeriodHours":25}`, "InvalidArgumentException", "Requested retention period (25 hours) for stream s can not be longer than existing retention period (24 hours). Use IncreaseRetentionPeriod API."},
	}
	for _, test := range tests {
		got := s.refuse(t, test.operation, test.body)
		if diff := cmp.Diff(refusal{test.code, test.message}, got); diff != "" {
			t.Errorf("%s %.200s: %s", test.operation, test.body, diff)
		}
	}
}

func TestStreamStatesFollowTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServerWith(t, kinesis.Options{CreateDelay: 10 * time.Second})
		status := func() string {
			summary, _ := s.do(t, "DescribeStreamSummary", `{"StreamName":"s"}`)["StreamDescriptionSummary"].(map[string]any)
			return fmt.Sprint(summary["StreamStatus"])
		}
		s.do(t, "CreateStream", `{"StreamName":"s","ShardCount":1}`)
		if got := status(); got != "CREATING" {
			t.Errorf("at first %s", got)
		}
		if got := s.refuse(t, "PutRecord", `{"StreamName":"s","Data":"","PartitionKey":"k"}`); got.Type != "ResourceNotFoundException" {
			t.Errorf("putting while CREATING: %v", got)
		}
		if got := s.refuse(t, "ListShards", `{"StreamName":"s"}`); got.Type != "ResourceInUseException" {
			t.Errorf("listing while CREATING: %v", got)
		}
		time.Sleep(10 * time.Second)
		if got := status(); got != "ACTIVE" {
			t.Errorf("then %s", got)
		}
		s.do(t, "UpdateShardCount", `{"StreamName":"s","TargetShardCount":2,"ScalingType":"UNIFORM_SCALING"}`)
		if got := s.refuse(t, "SplitShard", `{"StreamName":"s","ShardToSplit":"shardId-000000000001","NewStartingHashKey":"7"}`); got.Type != "ResourceInUseException" {
			t.Errorf("splitting while UPDATING: %v", got)
		}
		s.do(t, "PutRecord", `{"StreamName":"s","Data":"","PartitionKey":"k"}`)
		iterator := s.iterator(t, `{"StreamName":"s","ShardId":"0","ShardIteratorType":"TRIM_HORIZON"}`)
		time.Sleep(10 * time.Second)
		s.do(t, "DeleteStream", `{"StreamName":"s"}`)
		if got := status(); got != "DELETING" {
			t.Errorf("in the end %s", got)
		}
		if got := s.refuse(t, "GetRecords", `{"ShardIterator":"`+iterator+`"}`); got.Type != "ResourceNotFoundException" {
			t.Errorf("reading while DELETING: %v", got)
		}
		if got := s.refuse(t, "CreateStream", `{"StreamName":"s","ShardCount":1}`); got.Type != "ResourceInUseException" {
			t.Errorf("creating while DELETING: %v", got)
		}
		time.Sleep(10 * time.Second)
		if got := s.refuse(t, "DescribeStream", `{"StreamName":"s"}`); got.Type != "ResourceNotFoundException" {
			t.Errorf("after all: %v", got)
		}
		s.do(t, "CreateStream", `{"StreamName":"s","ShardCount":1}`)
		time.Sleep(10 * time.Second)
		if got := s.refuse(t, "GetRecords", `{"ShardIterator":"`+iterator+`"}`); got.Type != "ResourceNotFoundException" {
			t.Errorf("an iterator of the former stream of that name: %v", got)
		}
	})
}

func TestListStreamsPages(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for _, name := range []string{"c", "a", "e", "b", "d"} {
		s.do(t, "CreateStream", `{"StreamName":"`+name+`","StreamModeDetails":{"StreamMode":"ON_DEMAND"}}`)
	}
	var names []any
	body := `{"Limit":2}`
	for {
		page := s.do(t, "ListStreams", body)
		list, _ := page["StreamNames"].([]any)
		summaries, _ := page["StreamSummaries"].([]any)
		if len(list) != len(summaries) {
			t.Errorf("%d names, %d summaries", len(list), len(summaries))
		}
		names = append(names, list...)
		if page["HasMoreStreams"] != true {
			break
		}
		body = fmt.Sprintf(`{"Limit":2,"NextToken":%q}`, page["NextToken"])
	}
	if diff := cmp.Diff([]any{"a", "b", "c", "d", "e"}, names); diff != "" {
		t.Error(diff)
	}
	request := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body)) // the last token, in another region
	request.Header.Set("X-Amz-Target", "Kinesis_20131202.ListStreams")
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/kinesis/aws4_request, SignedHeaders=host, Signature=0")
	recorder := httptest.NewRecorder()
	s.service.ServeHTTP(recorder, request)
	if recorder.Code != http.StatusBadRequest || !strings.Contains(recorder.Body.String(), "NextToken is invalid.") {
		t.Errorf("in another region: %d %s", recorder.Code, recorder.Body)
	}
	if diff := cmp.Diff([]any{"e"}, s.do(t, "ListStreams", `{"ExclusiveStartStreamName":"d"}`)["StreamNames"]); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"a", "b", "c", "d", "e"}, s.state.Streams()); diff != "" {
		t.Error(diff)
	}
}

func TestDescribeStream(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t)
		s.do(t, "CreateStream", `{"StreamName":"s","ShardCount":2}`)
		shard := func(number, start, end, sequence string) map[string]any {
			return map[string]any{
				"ShardId": "shardId-00000000000" + number, "HashKeyRange": map[string]any{"StartingHashKey": start, "EndingHashKey": end},
				"SequenceNumberRange": map[string]any{"StartingSequenceNumber": sequence},
			}
		}
		want := map[string]any{
			"StreamName": "s", "StreamARN": "arn:aws:kinesis:us-east-1:000000000000:stream/s", "StreamStatus": "ACTIVE",
			"StreamModeDetails": map[string]any{"StreamMode": "PROVISIONED"}, "HasMoreShards": false, "RetentionPeriodHours": 24.0,
			"StreamCreationTimestamp": 946684800.0, "EnhancedMonitoring": []any{map[string]any{"ShardLevelMetrics": []any{}}}, "EncryptionType": "NONE",
			"Shards": []any{
				shard("0", "0", "170141183460469231731687303715884105727", "49377645731838394239669026679142669294177204302598111234"),
				shard("1", "170141183460469231731687303715884105728", "340282366920938463463374607431768211455", "49377645731860694984867557302284205012449852664104091666"),
			},
		}
		if diff := cmp.Diff(want, s.do(t, "DescribeStream", `{"StreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/s"}`)["StreamDescription"]); diff != "" {
			t.Error(diff)
		}
		page, _ := s.do(t, "DescribeStream", `{"StreamName":"s","Limit":1}`)["StreamDescription"].(map[string]any)
		if shards, _ := page["Shards"].([]any); len(shards) != 1 || page["HasMoreShards"] != true {
			t.Errorf("first page: %v", page)
		}
		page, _ = s.do(t, "DescribeStream", `{"StreamName":"s","Limit":1,"ExclusiveStartShardId":"shardId-000000000000"}`)["StreamDescription"].(map[string]any)
		if shards, _ := page["Shards"].([]any); len(shards) != 1 || page["HasMoreShards"] != false {
			t.Errorf("second page: %v", page)
		}
	})
}

func TestTooManyRecords(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.do(t, "CreateStream", `{"StreamName":"s","ShardCount":2}`)
	got := s.refuse(t, "PutRecords", string(putJSON("s", 501)))
	const begin, end = "1 validation error detected: Value '[com.amazonaws.kinesis.v20131202.PutRecordsRequestEntry@",
		"]' at 'records' failed to satisfy constraint: Member must have length less than or equal to 500"
	if got.Type != "ValidationException" || !strings.HasPrefix(got.Message, begin) || !strings.HasSuffix(got.Message, end) {
		t.Errorf("%s %.200s", got.Type, got.Message)
	}
}
