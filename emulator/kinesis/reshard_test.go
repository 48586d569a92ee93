package kinesis_test

import (
	"fmt"
	"math/big"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"clickstream/emulator/kinesis"
)

// shards lists shards as their last digits, "parents>shard" each, with a "." after a closed one.
func (s server) shards(tb testing.TB, rest string) string {
	tb.Helper()
	reply := s.do(tb, "ListShards", `{"StreamName":"s"`+rest+`}`)
	list, _ := reply["Shards"].([]any)
	var all []string
	for _, one := range list {
		shard, _ := one.(map[string]any)
		text := ""
		for _, member := range []string{"ParentShardId", "AdjacentParentShardId"} {
			if parent, ok := shard[member].(string); ok {
				text += parent[len(parent)-1:]
			}
		}
		if text != "" {
			text += ">"
		}
		id := fmt.Sprint(shard["ShardId"])
		text += id[len(id)-1:]
		if numbers, _ := shard["SequenceNumberRange"].(map[string]any); numbers["EndingSequenceNumber"] != nil {
			text += "."
		}
		all = append(all, text)
	}
	return strings.Join(all, " ")
}

// childrenFollow checks that every shard's numbers lie above all of its parents'.
func (s server) childrenFollow(tb testing.TB) {
	tb.Helper()
	described, err := s.state.Shards("s")
	if err != nil {
		tb.Fatal(err)
	}
	for _, one := range described {
		for _, parent := range described {
			if parent.ShardId != one.ParentShardId && parent.ShardId != one.AdjacentParentShardId {
				continue
			}
			if end := parent.SequenceNumberRange.EndingSequenceNumber; end == nil || end.String() >= one.SequenceNumberRange.StartingSequenceNumber.String() {
				tb.Errorf("%s ends at %v, its child %s starts at %s", parent.ShardId, end, one.ShardId, one.SequenceNumberRange.StartingSequenceNumber)
			}
		}
	}
}

const (
	half    = "170141183460469231731687303715884105728"
	quarter = "85070591730234615865843651857942052864"
)

func TestReshardingKeepsOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t)
		s.do(t, "CreateStream", `{"StreamName":"s","ShardCount":1}`)
		put := func(data string) string {
			_, sequence := s.put(t, data, "a") // the lowest eighth
			return sequence
		}
		// All within one instant: numbers must grow nevertheless.
		numbers := []string{put("1")}
		s.do(t, "SplitShard", `{"StreamName":"s","ShardToSplit":"shardId-000000000000","NewStartingHashKey":"`+half+`"}`)
		numbers = append(numbers, put("2"))
		s.do(t, "MergeShards", `{"StreamName":"s","ShardToMerge":"shardId-000000000001","AdjacentShardToMerge":"shardId-000000000002"}`)
		numbers = append(numbers, put("3"))
		s.do(t, "SplitShard", `{"StreamName":"s","ShardToSplit":"shardId-000000000003","NewStartingHashKey":"`+quarter+`"}`)
		numbers = append(numbers, put("4"))
		for i := 1; i < len(numbers); i++ {
			if len(numbers[i]) != 56 || numbers[i] <= numbers[i-1] {
				t.Errorf("%s comes after %s", numbers[i], numbers[i-1])
			}
		}
		if got, want := s.shards(t, ""), "0. 0>1. 0>2. 12>3. 3>4 3>5"; got != want {
			t.Errorf("shards %s, want %s", got, want)
		}
		s.childrenFollow(t)
		// From shard to shard by the children that GetRecords names.
		var read []string
		for shard := "shardId-000000000000"; shard != ""; {
			got := s.get(t, s.iterator(t, `{"StreamName":"s","ShardId":"`+shard+`","ShardIteratorType":"TRIM_HORIZON"}`), 10)
			read = append(read, got.data())
			if shard = ""; got.NextShardIterator == "" {
				shard = got.ChildShards[0].ShardId
			} else if got.ChildShards != nil {
				t.Errorf("children %v of an open shard", got.ChildShards)
			}
		}
		if diff := cmp.Diff([]string{"1", "2", "3", "4"}, read); diff != "" {
			t.Error(diff)
		}
		if got := s.refuse(t, "SplitShard", `{"StreamName":"s","ShardToSplit":"shardId-000000000000","NewStartingHashKey":"`+half+`"}`); got.Type != "InvalidArgumentException" {
			t.Errorf("splitting a closed shard: %v", got)
		}
	})
}

func TestEndOfAClosedShard(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.do(t, "CreateStream", `{"StreamName":"s","ShardCount":1}`)
	_, first := s.put(t, "a", "a")
	s.put(t, "b", "a")
	latest := s.iterator(t, `{"StreamName":"s","ShardId":"0","ShardIteratorType":"LATEST"}`)
	s.do(t, "SplitShard", `{"StreamName":"s","ShardToSplit":"shardId-000000000000","NewStartingHashKey":"`+half+`"}`)
	children := []kinesis.ChildShard{
		{ShardId: "shardId-000000000001", ParentShards: []string{"shardId-000000000000"}, HashKeyRange: kinesis.HashKeyRange{StartingHashKey: "0", EndingHashKey: "170141183460469231731687303715884105727"}},
		{ShardId: "shardId-000000000002", ParentShards: []string{"shardId-000000000000"}, HashKeyRange: kinesis.HashKeyRange{StartingHashKey: half, EndingHashKey: "340282366920938463463374607431768211455"}},
	}
	start := s.get(t, s.iterator(t, `{"StreamName":"s","ShardId":"0","ShardIteratorType":"AT_SEQUENCE_NUMBER","StartingSequenceNumber":"`+first+`"}`), 1)
	if start.data() != "a" || start.NextShardIterator == "" || start.ChildShards != nil {
		t.Errorf("before the end: %+v", start)
	}
	for name, iterator := range map[string]string{"next": start.NextShardIterator, "latest": latest} {
		got := s.get(t, iterator, 10)
		if got.NextShardIterator != "" || got.MillisBehindLatest != 0 || !cmp.Equal(got.ChildShards, children) {
			t.Errorf("%s at the end: %+v", name, got)
		}
	}
	described, err := s.state.Shards("s")
	if err != nil {
		t.Fatal(err)
	}
	ending := described[0].SequenceNumberRange.EndingSequenceNumber.String()
	got := s.get(t, s.iterator(t, `{"StreamName":"s","ShardId":"0","ShardIteratorType":"AFTER_SEQUENCE_NUMBER","StartingSequenceNumber":"`+ending+`"}`), 10)
	if got.data() != "" || got.NextShardIterator != "" {
		t.Errorf("after the ending number: %+v", got)
	}
}

func TestUpdateShardCount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, testUpdateShardCount) // all within one instant
}

func testUpdateShardCount(t *testing.T) {
	t.Helper()
	s := newServer(t)
	s.do(t, "CreateStream", `{"StreamName":"s","ShardCount":3}`)
	for _, count := range []int{4, 7, 4, 2, 1, 2} {
		s.do(t, "UpdateShardCount", fmt.Sprintf(`{"StreamName":"s","TargetShardCount":%d,"ScalingType":"UNIFORM_SCALING"}`, count))
		described, err := s.state.Shards("s")
		if err != nil {
			t.Fatal(err)
		}
		width := new(big.Int).Quo(new(big.Int).Lsh(big.NewInt(1), 128), big.NewInt(int64(count)))
		want := map[string]bool{}
		for i := range count {
			want[new(big.Int).Mul(width, big.NewInt(int64(i))).String()] = true
		}
		got := map[string]bool{}
		for _, one := range described {
			if one.SequenceNumberRange.EndingSequenceNumber == nil {
				got[one.HashKeyRange.StartingHashKey] = true
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%d shards: %s", count, diff)
		}
		if summary, _ := s.do(t, "DescribeStreamSummary", `{"StreamName":"s"}`)["StreamDescriptionSummary"].(map[string]any); summary["OpenShardCount"] != float64(count) {
			t.Errorf("summary: %v", summary)
		}
	}
	s.childrenFollow(t)
}

func TestShardFilters(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t)
		s.do(t, "CreateStream", `{"StreamName":"s","ShardCount":2}`)
		if got := s.shards(t, `,"ShardFilter":{"Type":"AT_TRIM_HORIZON"}`); got != "0 1" {
			t.Errorf("a new stream: %s", got)
		}
		time.Sleep(time.Hour)
		s.do(t, "SplitShard", `{"StreamName":"s","ShardToSplit":"shardId-000000000000","NewStartingHashKey":"`+quarter+`"}`)
		between := time.Now().Add(time.Minute).Unix()
		time.Sleep(time.Hour)
		s.do(t, "MergeShards", `{"StreamName":"s","ShardToMerge":"shardId-000000000003","AdjacentShardToMerge":"shardId-000000000001"}`)
		filter := func(kind, rest string) string { return s.shards(t, `,"ShardFilter":{"Type":"`+kind+`"`+rest+`}`) }
		timestamp := fmt.Sprintf(`,"Timestamp":%d`, between)
		check := func(want ...string) {
			t.Helper()
			got := []string{
				s.shards(t, ""), filter("AT_TRIM_HORIZON", ""), filter("FROM_TRIM_HORIZON", ""), filter("AT_LATEST", ""), filter("AT_TIMESTAMP", timestamp),
				filter("FROM_TIMESTAMP", timestamp), filter("AFTER_SHARD_ID", `,"ShardId":"shardId-000000000001"`), s.shards(t, `,"ExclusiveStartShardId":"shardId-000000000003"`),
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		}
		const all = "0. 1. 0>2 0>3. 31>4"
		check(all, "0. 1.", all, "0>2 31>4", "1. 0>2 0>3.", "1. 0>2 0>3. 31>4", "0>2 0>3. 31>4", "31>4")
		time.Sleep(23*time.Hour + time.Minute) // the split is older than the retention period by now, the merge is not
		check("1. 0>2 0>3. 31>4", "1. 0>2 0>3.", "1. 0>2 0>3. 31>4", "0>2 31>4", "1. 0>2 0>3.", "1. 0>2 0>3. 31>4", "0>2 0>3. 31>4", "31>4")
		time.Sleep(time.Hour)
		check("0>2 31>4", "0>2 31>4", "0>2 31>4", "0>2 31>4", "0>2 31>4", "0>2 31>4", "0>2 31>4", "31>4")
		if got := s.refuse(t, "GetShardIterator", `{"StreamName":"s","ShardId":"shardId-000000000000","ShardIteratorType":"LATEST"}`); got.Type != "ResourceNotFoundException" {
			t.Errorf("a shard that expired: %v", got)
		}
	})
}

func TestListShardsPages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t)
		s.do(t, "CreateStream", `{"StreamName":"s","ShardCount":3}`)
		s.do(t, "SplitShard", `{"StreamName":"s","ShardToSplit":"shardId-000000000000","NewStartingHashKey":"`+quarter+`"}`)
		for _, test := range []struct{ filter, want string }{
			{``, "0 1 2 3 4"},
			{`,"ShardFilter":{"Type":"AT_LATEST"}`, "1 2 3 4"},
			{`,"ShardFilter":{"Type":"AT_TRIM_HORIZON"}`, "0 1 2"},
			{`,"ShardFilter":{"Type":"AFTER_SHARD_ID","ShardId":"shardId-000000000000"}`, "1 2 3 4"},
		} {
			var all []string
			token := ""
			for body := `{"StreamName":"s","MaxResults":1` + test.filter + `}`; body != ""; {
				reply := s.do(t, "ListShards", body)
				list, _ := reply["Shards"].([]any)
				for _, one := range list {
					shard, _ := one.(map[string]any)
					id := fmt.Sprint(shard["ShardId"])
					all = append(all, id[len(id)-1:])
				}
				body = ""
				if next, ok := reply["NextToken"].(string); ok {
					token = next
					body = fmt.Sprintf(`{"MaxResults":1,"NextToken":%q}`, token)
				}
			}
			if got := strings.Join(all, " "); got != test.want {
				t.Errorf("%s: %s, want %s", test.filter, got, test.want)
			}
			s.do(t, "DeleteStream", `{"StreamName":"s"}`)
			s.do(t, "CreateStream", `{"StreamName":"s","ShardCount":3}`)
			if got := s.refuse(t, "ListShards", fmt.Sprintf(`{"NextToken":%q}`, token)); got.Type != "ResourceNotFoundException" {
				t.Errorf("the token of another stream of that name: %v", got)
			}
			s.do(t, "SplitShard", `{"StreamName":"s","ShardToSplit":"shardId-000000000000","NewStartingHashKey":"`+quarter+`"}`)
			time.Sleep(301 * time.Second)
			if got := s.refuse(t, "ListShards", fmt.Sprintf(`{"NextToken":%q}`, token)); got.Type != "ExpiredNextTokenException" {
				t.Errorf("an old token: %v", got)
			}
		}
	})
}
