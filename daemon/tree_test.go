package daemon

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/google/go-cmp/cmp"

	"clickstream/internal/leases"
)

// shardsOf makes shards of "id<parent,parent" words; those that are a parent are closed.
func shardsOf(words string) []types.Shard {
	closed := map[string]bool{}
	var shards []types.Shard
	for word := range strings.FieldsSeq(words) {
		id, parents, _ := strings.Cut(word, "<")
		shard := types.Shard{ShardId: &id, SequenceNumberRange: &types.SequenceNumberRange{StartingSequenceNumber: aws.String("1")}}
		for i, parent := range strings.Split(parents, ",") {
			if parent == "" {
				continue
			}
			closed[parent] = true
			if i == 0 {
				shard.ParentShardId = &parent
			} else {
				shard.AdjacentParentShardId = &parent
			}
		}
		shards = append(shards, shard)
	}
	for i := range shards {
		if closed[*shards[i].ShardId] {
			shards[i].SequenceNumberRange.EndingSequenceNumber = aws.String("2")
		}
	}
	return shards
}

// The family of KCL's own example: 0 and 1 merge into 6, 2 and 3 into 7, 5 is split into 9 and 10, 6 and 7 merge into 8.
const family = "0 1 2 3 4 5 6<0,1 7<2,3 8<6,7 9<5 10<5"

func TestMissingLeases(t *testing.T) {
	for _, test := range []struct{ name, shards, held, initial, want string }{
		{"all there", "0 1", "0 1", leases.TrimHorizon, ""},
		{"a new one without ancestors", "0 1", "0", leases.Latest, "1@LATEST"},
		{"children wait for their parent", "0 1 2<0 3<0", "0 1", leases.TrimHorizon, ""},
		{"the parent's lease is gone", "0 2<0 3<0", "2 3", leases.TrimHorizon, ""},
		{"one child's lease is missing, its parent's too", "0 2<0 3<0", "2", leases.TrimHorizon, "0@TRIM_HORIZON"},
		{"the same from LATEST", "0 2<0 3<0", "2", leases.Latest, "3@LATEST"},
		{"KCL's example from the oldest", family, "4 5 7", leases.TrimHorizon, "0@TRIM_HORIZON 1@TRIM_HORIZON"},
		{"KCL's example from LATEST", family, "4 5 7", leases.Latest, "6@LATEST"},
		{"KCL's example from a time", family, "4 5 7", leases.AtTimestamp, "0@AT_TIMESTAMP 1@AT_TIMESTAMP"},
		{"an expired parent", "6<0,1", "9", leases.TrimHorizon, "6@TRIM_HORIZON"},
	} {
		t.Run(test.name, func(t *testing.T) {
			held := map[string]bool{}
			for key := range strings.FieldsSeq(test.held) {
				held[key] = true
			}
			var got []string
			for _, lease := range newShardTree(shardsOf(test.shards)).missing(held, test.initial) {
				got = append(got, lease.Key+"@"+lease.Checkpoint)
			}
			if diff := cmp.Diff(test.want, strings.Join(got, " ")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestInconsistentListing(t *testing.T) {
	shards := shardsOf("0 1<0")
	shards[0].SequenceNumberRange.EndingSequenceNumber = nil // listed before the split, its child after it
	if got := newShardTree(shards).missing(map[string]bool{"0": true}, leases.TrimHorizon); len(got) != 0 {
		t.Errorf("got %v", got)
	}
}

func TestPick(t *testing.T) {
	for initial, want := range map[string]string{leases.TrimHorizon: "0 1 2 3 4 5", leases.Latest: "4 8 9 10"} {
		var got []string
		for _, shard := range pick(shardsOf(family), initial) {
			got = append(got, *shard.ShardId)
		}
		if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s: %s", initial, diff)
		}
	}
}

func TestCoversAll(t *testing.T) {
	const top = "340282366920938463463374607431768211455"
	for _, test := range []struct {
		ranges string
		want   bool
	}{
		{"0-" + top, true},
		{"10-" + top + " 0-9", true},
		{"0-9 11-" + top, false},
		{"0-10 10-" + top, false},
		{"0-9", false},
		{"1-" + top, false},
		{"x-" + top, false},
		{"", false},
	} {
		var shards []types.Shard
		for text := range strings.FieldsSeq(test.ranges) {
			from, to, _ := strings.Cut(text, "-")
			shards = append(shards, types.Shard{HashKeyRange: &types.HashKeyRange{StartingHashKey: &from, EndingHashKey: &to}})
		}
		if got := coversAll(shards); got != test.want {
			t.Errorf("%s: got %t", test.ranges, got)
		}
	}
}

func TestFinishedLeases(t *testing.T) {
	lease := func(key, checkpoint, parents, children string) leases.Lease {
		return leases.Lease{Key: key, Checkpoint: checkpoint, Parents: strings.Fields(parents), Children: strings.Fields(children)}
	}
	for _, test := range []struct {
		name  string
		table []leases.Lease
		want  string
	}{
		{"not ended", []leases.Lease{lease("0", "5", "", "")}, ""},
		{"children have begun", []leases.Lease{lease("0", leases.ShardEnd, "", "1 2"), lease("1", "7", "0", ""), lease("2", "8", "0", "")}, "0"},
		{"one child waits", []leases.Lease{
			lease("0", leases.ShardEnd, "", "1 2"), lease("1", "7", "0", ""), lease("2", leases.TrimHorizon, "0", ""),
		}, ""},
		{"a child's lease is missing", []leases.Lease{lease("0", leases.ShardEnd, "", "1 2"), lease("1", "7", "0", "")}, ""},
		{"its parent is still there", []leases.Lease{
			lease("0", leases.ShardEnd, "", "1"), lease("1", leases.ShardEnd, "0", "2"), lease("2", "3", "1", ""),
		}, "0"},
		{"no longer in the stream", []leases.Lease{lease("old", leases.ShardEnd, "", "")}, "old"},
		{"ended, its children not known yet", []leases.Lease{lease("0", leases.ShardEnd, "", "")}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, lease := range test.table {
				if finished(test.table, shardsOf("0 1 2"))[lease.Key] {
					got = append(got, lease.Key)
				}
			}
			if diff := cmp.Diff(test.want, strings.Join(got, " ")); diff != "" {
				t.Error(diff)
			}
		})
	}
}
