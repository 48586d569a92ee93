package kinesis_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/go-cmp/cmp"

	"clickstream/emulator/kinesis"
)

func (s server) put(tb testing.TB, data, key string) (shard, sequence string) {
	tb.Helper()
	reply := s.do(tb, "PutRecord", fmt.Sprintf(`{"StreamName":"s","Data":%q,"PartitionKey":%q}`, base64.StdEncoding.EncodeToString([]byte(data)), key))
	return fmt.Sprint(reply["ShardId"]), fmt.Sprint(reply["SequenceNumber"])
}

type page struct {
	Records []struct {
		Data                         []byte
		PartitionKey, SequenceNumber string
		ApproximateArrivalTimestamp  float64
	}
	NextShardIterator  string
	MillisBehindLatest int64
	ChildShards        []kinesis.ChildShard
}

func (p page) data() string {
	var all []string
	for _, record := range p.Records {
		all = append(all, string(record.Data))
	}
	return strings.Join(all, " ")
}

func (s server) get(tb testing.TB, iterator string, limit int) page {
	tb.Helper()
	status, reply := s.post(tb, "GetRecords", jsonType, fmt.Appendf(nil, `{"ShardIterator":%q,"Limit":%d}`, iterator, limit))
	var decoded page
	if err := json.Unmarshal(reply, &decoded); err != nil || status != http.StatusOK {
		tb.Fatalf("%d %s: %v", status, reply, err)
	}
	return decoded
}

func TestIteratorTypes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t)
		s.do(t, "CreateStream", `{"StreamName":"s","ShardCount":1}`)
		var sequences []string
		for _, data := range []string{"a", "b", "c"} {
			_, sequence := s.put(t, data, "k")
			sequences = append(sequences, sequence)
			time.Sleep(time.Second)
		}
		start := fmt.Sprint(time.Now().Add(-2 * time.Second).Unix())
		tests := []struct{ name, rest, want string }{
			{"from the start", `"TRIM_HORIZON"`, "a b c"},
			{"from now on", `"LATEST"`, ""},
			{"at a record", `"AT_SEQUENCE_NUMBER","StartingSequenceNumber":"` + sequences[1] + `"`, "b c"},
			{"after a record", `"AFTER_SEQUENCE_NUMBER","StartingSequenceNumber":"` + sequences[1] + `"`, "c"},
			{"after the last", `"AFTER_SEQUENCE_NUMBER","StartingSequenceNumber":"` + sequences[2] + `"`, ""},
			{"at a time", `"AT_TIMESTAMP","Timestamp":` + start, "b c"},
			{"within a second", `"AT_TIMESTAMP","Timestamp":` + start + ".001", "c"},
			{"before all time", `"AT_TIMESTAMP","Timestamp":1`, "a b c"},
		}
		for _, test := range tests {
			for _, target := range []string{`"StreamName":"s"`, `"StreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/s"`} {
				iterator := s.iterator(t, `{`+target+`,"ShardId":"shardId-000000000000","ShardIteratorType":`+test.rest+`}`)
				if got := s.get(t, iterator, 10); got.data() != test.want || got.NextShardIterator == "" {
					t.Errorf("%s: %q, next %q", test.name, got.data(), got.NextShardIterator)
				}
			}
		}
		latest := s.iterator(t, `{"StreamName":"s","ShardId":"0","ShardIteratorType":"LATEST"}`)
		s.put(t, "d", "k")
		if got := s.get(t, latest, 10).data(); got != "d" {
			t.Errorf("what came after LATEST: %q", got)
		}
		other := strings.Replace(sequences[0], "4", "5", 1)
		for rest, message := range map[string]string{
			`"LATEST","StartingSequenceNumber":"0"`:                         "Must either specify (1)",
			`"AT_SEQUENCE_NUMBER"`:                                          "and no StartingSequenceNumber.",
			`"AT_SEQUENCE_NUMBER","StartingSequenceNumber":"12"`:            "StartingSequenceNumber 12 used in GetShardIterator on shard shardId-000000000000 in stream s under account 000000000000 is invalid.",
			`"AT_SEQUENCE_NUMBER","StartingSequenceNumber":"` + other + `"`: "is invalid",
			`"AT_TIMESTAMP"`: "Must specify timestampInMillis parameter",
			`"AT_TIMESTAMP","Timestamp":` + strconv.Itoa(1<<32):     "cannot be greater than the currentTimestampInMillis. timestampInMillis: 4294967296000, currentTimestampInMillis: 946684803000",
			`"AT_SEQUENCE_NUMBER","StartingSequenceNumber":"x y"`:   "Member must satisfy regular expression pattern",
			`"AFTER_SEQUENCE_NUMBER","StartingSequenceNumber":"01"`: "Member must satisfy regular expression pattern",
		} {
			got := s.refuse(t, "GetShardIterator", `{"StreamName":"s","ShardId":"0","ShardIteratorType":`+rest+`}`)
			if !strings.Contains(got.Message, message) {
				t.Errorf("%s: %s", rest, got.Message)
			}
		}
	})
}

func TestIteratorsCannotBeForged(t *testing.T) {
	t.Parallel()
	s, other := newServer(t), newServer(t)
	for _, one := range []server{s, other} {
		one.do(t, "CreateStream", `{"StreamName":"s","ShardCount":1}`)
	}
	const trim = `{"StreamName":"s","ShardId":"0","ShardIteratorType":"TRIM_HORIZON"}`
	iterator := s.iterator(t, trim)
	sealed, err := base64.StdEncoding.DecodeString(iterator)
	if err != nil {
		t.Fatal(err)
	}
	for i := range sealed {
		sealed[i] ^= 1
		if got := s.refuse(t, "GetRecords", fmt.Sprintf(`{"ShardIterator":%q}`, base64.StdEncoding.EncodeToString(sealed))); got.Message != "Invalid ShardIterator." {
			t.Fatalf("byte %d changed: %v", i, got)
		}
		sealed[i] ^= 1
	}
	if got := s.refuse(t, "GetRecords", fmt.Sprintf(`{"ShardIterator":%q}`, other.iterator(t, trim))); got.Message != "Invalid ShardIterator." {
		t.Errorf("somebody else's iterator: %v", got)
	}
	if again := s.iterator(t, trim); again == iterator {
		t.Error("two iterators are the same text")
	}
}

func TestGetRecordsLimits(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.do(t, "CreateStream", `{"StreamName":"s","ShardCount":1}`)
	const puts = 21
	for range puts {
		s.do(t, "PutRecords", string(putJSON("s", recordsPerPut)))
	}
	from := s.iterator(t, `{"StreamName":"s","ShardId":"0","ShardIteratorType":"TRIM_HORIZON"}`)
	status, reply := s.post(t, "GetRecords", jsonType, fmt.Appendf(nil, `{"ShardIterator":%q}`, from))
	var first page
	if err := json.Unmarshal(reply, &first); err != nil || status != http.StatusOK || len(first.Records) != 10000 {
		t.Fatalf("%d, %v, %d records without a limit", status, err, len(first.Records))
	}
	if rest := s.get(t, first.NextShardIterator, 10000); len(rest.Records) != puts*recordsPerPut-10000 || rest.MillisBehindLatest != 0 {
		t.Errorf("then %d records, %d ms behind", len(rest.Records), rest.MillisBehindLatest)
	}
	last := new(big.Int)
	seen := 0
	for behind := int64(1); behind > 0; {
		piece := s.get(t, from, 3333) // not in step with how records are held
		for _, record := range piece.Records {
			number, _ := new(big.Int).SetString(record.SequenceNumber, 10)
			if number.Cmp(last) <= 0 {
				t.Fatalf("%s follows %s", number, last)
			}
			if data, key := click(seen % recordsPerPut); string(record.Data) != string(data) || record.PartitionKey != key {
				t.Fatalf("record %d is %q %q", seen, record.Data, record.PartitionKey)
			}
			last, seen = number, seen+1
		}
		from, behind = piece.NextShardIterator, piece.MillisBehindLatest
	}
	if seen != puts*recordsPerPut {
		t.Errorf("%d records in all", seen)
	}
}

func TestGetRecordsStopsAtTenMebibytes(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.do(t, "CreateStream", `{"StreamName":"s","ShardCount":1}`)
	data := strings.Repeat("x", 1<<20-1)
	for range 11 {
		s.put(t, data, "k")
	}
	if got := s.refuse(t, "PutRecord", fmt.Sprintf(`{"StreamName":"s","Data":%q,"PartitionKey":"kk"}`, base64.StdEncoding.EncodeToString([]byte(data)))); !strings.Contains(got.Message,
		"Value 'java.nio.HeapByteBuffer[pos=0 lim=1048575 cap=1048575]' at 'data' failed to satisfy constraint: Member must have length less than or equal to 1048576") {
		t.Errorf("one byte more: %s", got.Message)
	}
	got := s.get(t, s.iterator(t, `{"StreamName":"s","ShardId":"0","ShardIteratorType":"TRIM_HORIZON"}`), 100)
	if len(got.Records) != 10 || got.MillisBehindLatest == 0 {
		t.Errorf("%d records, %d ms behind", len(got.Records), got.MillisBehindLatest)
	}
	if rest := s.get(t, got.NextShardIterator, 100); len(rest.Records) != 1 {
		t.Errorf("then %d records", len(rest.Records))
	}
}

func TestRecordsGoWhereTheirKeysSay(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.do(t, "CreateStream", `{"StreamName":"s","ShardCount":4}`)
	quarter := new(big.Int).Lsh(big.NewInt(1), 126)
	for i := range 4 {
		start := new(big.Int).Mul(quarter, big.NewInt(int64(i)))
		end := new(big.Int).Sub(new(big.Int).Add(start, quarter), big.NewInt(1))
		for _, key := range []*big.Int{start, end} {
			reply := s.do(t, "PutRecord", fmt.Sprintf(`{"StreamName":"s","Data":"","PartitionKey":"k","ExplicitHashKey":"%s"}`, key))
			if want := fmt.Sprintf("shardId-%012d", i); reply["ShardId"] != want {
				t.Errorf("%s went to %v, want %s", key, reply["ShardId"], want)
			}
		}
	}
	// MD5 of "a" begins with 0c, of "b" with 92, of "c" with 4a, of "d" with 82 (RFC 1321 and md5sum).
	for key, want := range map[string]string{"a": "shardId-000000000000", "b": "shardId-000000000002", "c": "shardId-000000000001", "d": "shardId-000000000002"} {
		if shard, _ := s.put(t, "", key); shard != want {
			t.Errorf("key %s went to %s, want %s", key, shard, want)
		}
	}
}

func TestRetentionIsFollowed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t)
		s.do(t, "CreateStream", `{"StreamName":"s","ShardCount":1}`)
		for range 6 { // more than is held in one piece
			s.do(t, "PutRecords", string(putJSON("s", recordsPerPut)))
		}
		time.Sleep(30 * time.Hour)
		s.do(t, "IncreaseStreamRetentionPeriod", `{"StreamName":"s","RetentionPeriodHours":48}`)
		if stored, err := s.state.Records("s"); err != nil || len(stored) != 6*recordsPerPut {
			t.Errorf("%d records within a longer period, %v", len(stored), err)
		}
		_, sequence := s.put(t, "new", "k")
		s.do(t, "DecreaseStreamRetentionPeriod", `{"StreamName":"s","RetentionPeriodHours":24}`)
		stored, err := s.state.Records("s")
		if err != nil || len(stored) != 1 || string(stored[0].Data) != "new" || stored[0].SequenceNumber != sequence || stored[0].PartitionKey != "k" {
			t.Errorf("%v, %v within a shorter one", stored, err)
		}
		if last, ok, err := s.state.LastSequenceNumber("s", "shardId-000000000000"); last != sequence || !ok || err != nil {
			t.Errorf("last is %s, %v, %v", last, ok, err)
		}
		time.Sleep(25 * time.Hour)
		if last, ok, err := s.state.LastSequenceNumber("s", "shardId-000000000000"); ok || err != nil {
			t.Errorf("last is %s, %v when all are gone", last, err)
		}
	})
}

func TestThrottle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServerWith(t, kinesis.Options{Throttle: true})
		s.do(t, "CreateStream", `{"StreamName":"s","ShardCount":1}`)
		failed := func() any { return s.do(t, "PutRecords", string(putJSON("s", 400)))["FailedRecordCount"] }
		if diff := cmp.Diff([]any{0.0, 0.0, 200.0, 400.0}, []any{failed(), failed(), failed(), failed()}); diff != "" {
			t.Error(diff)
		}
		got := s.refuse(t, "PutRecord", `{"StreamName":"s","Data":"","PartitionKey":"k"}`)
		if want := (refusal{"ProvisionedThroughputExceededException", "Rate exceeded for shard shardId-000000000000 in stream s under account 000000000000."}); got != want {
			t.Errorf("got %v", got)
		}
		time.Sleep(time.Second)
		if got := failed(); got != 0.0 {
			t.Errorf("%v failed a second later", got)
		}
		time.Sleep(time.Second)
		s.put(t, strings.Repeat("x", 1<<20-1), "k")
		if got := s.refuse(t, "PutRecord", `{"StreamName":"s","Data":"","PartitionKey":"k"}`); got.Type != "ProvisionedThroughputExceededException" {
			t.Errorf("after a mebibyte: %v", got)
		}
	})
}

// TestThrottleOfLargeRecords puts records that are larger than what a shard takes in a second.
func TestThrottleOfLargeRecords(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServerWith(t, kinesis.Options{Throttle: true})
		s.do(t, "CreateStream", `{"StreamName":"s","ShardCount":1,"MaxRecordSizeInKiB":10240}`)
		s.put(t, "small", "k")
		s.put(t, strings.Repeat("x", 5<<19), "k") // takes this second, the next one and half of the third
		for range 2 {
			if got := s.refuse(t, "PutRecord", `{"StreamName":"s","Data":"","PartitionKey":"k"}`); got.Type != "ProvisionedThroughputExceededException" {
				t.Errorf("got %v", got)
			}
			time.Sleep(time.Second)
		}
		s.put(t, strings.Repeat("x", 1<<18), "k")
		large := base64.StdEncoding.EncodeToString(make([]byte, 1<<19))
		if got := s.refuse(t, "PutRecord", `{"StreamName":"s","Data":"`+large+`","PartitionKey":"k"}`); got.Type != "ProvisionedThroughputExceededException" {
			t.Errorf("in the third second: %v", got)
		}
		time.Sleep(time.Second)
		s.do(t, "PutRecord", `{"StreamName":"s","Data":"`+large+`","PartitionKey":"k"}`)
	})
}

// TestCBOR speaks as the KCL's client does.
func TestCBOR(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.do(t, "CreateStream", `{"StreamName":"s","ShardCount":1}`)
	call := func(operation string, in, out any) int {
		body, err := cbor.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		status, reply := s.post(t, operation, cborType, body)
		if err := cbor.Unmarshal(reply, out); err != nil {
			t.Fatalf("%s: %d %x: %v", operation, status, reply, err)
		}
		return status
	}
	var put struct{ Records []map[string]any }
	call("PutRecords", map[string]any{"StreamName": "s", "Records": []any{
		map[string]any{"Data": []byte("bytes"), "PartitionKey": "ключ"}, map[string]any{"Data": "dGV4dA==", "PartitionKey": "k", "ExplicitHashKey": nil},
	}}, &put)
	var shards struct{ Shards []map[string]any }
	call("ListShards", map[string]any{"StreamName": "s", "ShardFilter": map[string]any{"Type": "AT_TRIM_HORIZON"}}, &shards)
	if len(shards.Shards) != 1 {
		t.Fatalf("shards: %v", shards)
	}
	var iterator map[string]string
	call("GetShardIterator", map[string]any{
		"StreamName": "s", "ShardId": shards.Shards[0]["ShardId"], "ShardIteratorType": "AT_TIMESTAMP", "Timestamp": cbor.Tag{Number: 1, Content: time.Now().Add(-time.Hour).UnixMilli()},
	}, &iterator)
	var got struct {
		Records []struct {
			Data                         []byte
			PartitionKey, SequenceNumber string
			ApproximateArrivalTimestamp  cbor.RawTag
		}
		NextShardIterator  string
		MillisBehindLatest int64
	}
	call("GetRecords", map[string]any{"ShardIterator": iterator["ShardIterator"], "Limit": 10000}, &got)
	if len(got.Records) != 2 || got.NextShardIterator == "" || got.MillisBehindLatest != 0 {
		t.Fatalf("got %+v", got)
	}
	for i, want := range []string{"bytes ключ", "text k"} {
		record := got.Records[i]
		if string(record.Data)+" "+record.PartitionKey != want || record.SequenceNumber != put.Records[i]["SequenceNumber"] {
			t.Errorf("record %d: %+v, put as %v", i, record, put.Records[i])
		}
		var millis int64
		if err := cbor.Unmarshal(record.ApproximateArrivalTimestamp.Content, &millis); err != nil || record.ApproximateArrivalTimestamp.Number != 1 {
			t.Errorf("record %d arrived %v, %v", i, record.ApproximateArrivalTimestamp, err)
		}
		if age := time.Since(time.UnixMilli(millis)); age < 0 || age > time.Minute {
			t.Errorf("record %d arrived %v ago", i, age)
		}
	}
	var refused map[string]string
	if status := call("GetRecords", map[string]any{"ShardIterator": "nonsense"}, &refused); status != http.StatusBadRequest {
		t.Errorf("status %d", status)
	}
	if diff := cmp.Diff(map[string]string{"__type": "InvalidArgumentException", "message": "Invalid ShardIterator."}, refused); diff != "" {
		t.Error(diff)
	}
}

// TestManyAtOnce puts and reads at the same time; the race detector watches.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.do(t, "CreateStream", `{"StreamName":"s","ShardCount":2}`)
	const writers, puts = 4, 10
	var group sync.WaitGroup
	for range writers {
		group.Go(func() {
			for range puts {
				s.do(t, "PutRecords", string(putJSON("s", 100)))
			}
		})
	}
	seen := make([]int, 2)
	for shard := range seen {
		group.Go(func() {
			from := s.iterator(t, fmt.Sprintf(`{"StreamName":"s","ShardId":"%d","ShardIteratorType":"TRIM_HORIZON"}`, shard))
			for range 200 {
				got := s.get(t, from, 97)
				seen[shard] += len(got.Records)
				from = got.NextShardIterator
			}
		})
	}
	group.Wait()
	stored, err := s.state.Records("s")
	if err != nil || len(stored) != writers*puts*100 {
		t.Errorf("%d records, %v", len(stored), err)
	}
	numbers := map[string]bool{}
	for _, one := range stored {
		numbers[one.SequenceNumber] = true
	}
	if len(numbers) != len(stored) {
		t.Errorf("%d numbers for %d records", len(numbers), len(stored))
	}
}
