package kinesis_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"testing"

	"github.com/fxamacker/cbor/v2"
)

// FuzzRequests sends anything to any operation: it has to be answered or refused, never to be the emulator's own failure.
func FuzzRequests(f *testing.F) {
	operations := slices.Sorted(maps.Keys(newServer(f).state.Operations()))
	const stream = `"StreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/s"`
	for operation, body := range map[string]string{
		"CreateStream":  `{"StreamName":"t","ShardCount":-5,"ShardCount":null}`,
		"CreateChannel": `{"streamconfigurationlist":[],"ChannelName":"c","ServiceExecutionRoleARN":"arn:aws:iam::000000000000:role/r","StreamConfigurationList":[{` + stream + `,"RecordConfiguration":{"RecordFormatType":"JSON"}}],"S3DestinationConfiguration":{"StorageConfiguration":{"BucketARN":"arn:aws:s3:::abc","ExpectedBucketOwner":"000000000000","CompressionType":"NONE"}}}`,
		"PutRecords":    `{"StreamName":"s","Records":[{"Data":"AA==","PartitionKey":"\u00e9"},null]}`, "PutRecord": `{` + stream + `,"Data":"","PartitionKey":"k","Nonsense":{}}`,
		"ListShards":       `{` + stream + `,"ShardFilter":{"Type":"AT_TIMESTAMP","Timestamp":1e300},"MaxResults":1.5}`,
		"UpdateShardCount": `{"StreamName":"s","targetshardcount":null,"TargetShardCount":1,"ScalingType":"UNIFORM_SCALING"}`,
		"SubscribeToShard": `{"ConsumerARN":"arn:aws:kinesis:us-east-1:000000000000:stream/s/consumer/c:1","ShardId":"0","StartingPosition":{"Type":"LATEST"}}`,
		"AddTagsToStream":  `{` + stream + `,"Tags":{"a":null}}`, "DeleteStream": `{"StreamARN":"arn:aws:x:kinesis:y:z:000000000000:stream/a"}`,
	} {
		f.Add(uint8(slices.Index(operations, operation)), []byte(body))
	}
	f.Fuzz(func(t *testing.T, index uint8, body []byte) {
		s := newServer(t)
		s.do(t, "CreateStream", `{"StreamName":"s","StreamModeDetails":{"StreamMode":"ON_DEMAND"}}`)
		operation := operations[int(index)%len(operations)]
		kind := jsonType
		if cbor.Wellformed(body) == nil {
			kind = cborType
		}
		if status, reply := s.post(t, operation, kind, body); status != http.StatusOK && status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", operation, status, reply)
		}
	})
}

// FuzzTokens changes iterators and tokens: one that is not as it was made is refused.
func FuzzTokens(f *testing.F) {
	f.Add(0, byte(0), 0)
	f.Add(3, byte(1), 0)
	f.Add(80, byte(0x80), 1)
	f.Add(1, byte(0), 100)
	f.Fuzz(func(t *testing.T, at int, flip byte, cut int) {
		s := newServer(t)
		s.do(t, "CreateStream", `{"StreamName":"s","ShardCount":2}`)
		iterator := s.iterator(t, `{"StreamName":"s","ShardId":"shardId-000000000000","ShardIteratorType":"LATEST"}`)
		token, ok := s.do(t, "ListShards", `{"StreamName":"s","MaxResults":1}`)["NextToken"].(string)
		if !ok {
			t.Fatal("no token")
		}
		for operation, body := range map[string]func(string) string{
			"GetRecords": func(text string) string { return fmt.Sprintf(`{"ShardIterator":%q}`, text) },
			"ListShards": func(text string) string { return fmt.Sprintf(`{"NextToken":%q}`, text) },
		} {
			made := map[string]string{"GetRecords": iterator, "ListShards": token}[operation]
			changed := []byte(made)
			changed[uint(at)%uint(len(changed))] ^= flip & 0x7f
			changed = changed[:len(changed)-int(uint(cut)%uint(len(changed)))]
			status, reply := s.post(t, operation, jsonType, []byte(body(string(changed))))
			if want := string(changed) == made; (status == http.StatusOK) != want || status != http.StatusOK && status != http.StatusBadRequest {
				t.Errorf("%s with %q in place of %q: %d %s", operation, changed, made, status, reply)
			}
		}
	})
}
