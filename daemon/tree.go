package daemon

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"clickstream/internal/leases"
)

// shardTree is the shards of a stream by their descent.
type shardTree struct {
	shards map[string]*types.Shard
	ids    []string // sorted
}

func newShardTree(shards []types.Shard) *shardTree {
	t := &shardTree{shards: make(map[string]*types.Shard, len(shards))}
	for i := range shards {
		id := aws.ToString(shards[i].ShardId)
		t.shards[id] = &shards[i]
		t.ids = append(t.ids, id)
	}
	slices.Sort(t.ids)
	return t
}

// parents returns the parents of a shard that the stream still keeps.
func (t *shardTree) parents(id string) []string {
	shard := t.shards[id]
	if shard == nil {
		return nil
	}
	return slices.DeleteFunc(parentIDs(shard), func(parent string) bool { return t.shards[parent] == nil })
}

// missing returns the leases that a table with leases for the shards in held lacks, by KCL's rules (HierarchicalShardSyncer,
// NonEmptyLeaseTableSynchronizer): each open shard needs a lease of its own or of an ancestor, whose end will bring its children's.
// Where no ancestor has one, the application begins as at its start.
func (t *shardTree) missing(held map[string]bool, initial string) []leases.Lease {
	m := missingLeases{tree: t, held: held, initial: initial, memo: map[string]descent{}, created: map[string]leases.Lease{}}
	for _, id := range t.ids {
		if held[id] || !open(t.shards[id]) || t.hasOpenParent(id) {
			continue
		}
		if !m.descent(id).covered {
			m.create(id, initial)
		}
	}
	all := make([]leases.Lease, 0, len(m.created))
	for _, id := range t.ids {
		if lease, ok := m.created[id]; ok {
			all = append(all, lease)
		}
	}
	return all
}

// hasOpenParent reports a listing from the middle of a resharding.
func (t *shardTree) hasOpenParent(id string) bool {
	return slices.ContainsFunc(t.parents(id), func(parent string) bool { return open(t.shards[parent]) })
}

type missingLeases struct {
	tree    *shardTree
	held    map[string]bool
	initial string
	memo    map[string]descent
	created map[string]leases.Lease
}

// descent says how a shard stands to the leases.
type descent struct {
	covered bool // it or an ancestor has a lease, or gets one
	wanted  bool // nothing covers it, but the initial position reaches back to it
}

// descent finds out about a shard and creates the leases that its ancestors lack.
func (m *missingLeases) descent(id string) descent {
	if known, ok := m.memo[id]; ok {
		return known
	}
	found := descent{covered: m.held[id]}
	if !found.covered && m.tree.shards[id] != nil {
		found = m.search(id)
	}
	m.memo[id] = found
	return found
}

func (m *missingLeases) search(id string) descent {
	parents := m.tree.parents(id)
	above := make([]descent, len(parents))
	covered := false
	for i, parent := range parents {
		above[i] = m.descent(parent)
		covered = covered || above[i].covered || above[i].wanted
	}
	if !covered {
		return descent{wanted: m.initial != leases.Latest}
	}
	for i, parent := range parents {
		_, created := m.created[parent]
		if m.held[parent] || created || above[i].covered {
			continue
		}
		// A parent that is wanted, or that is new beside one that is covered.
		checkpoint := m.initial
		if above[i].wanted && m.initial != leases.AtTimestamp {
			checkpoint = leases.TrimHorizon
		}
		m.create(parent, checkpoint)
	}
	return descent{covered: true}
}

func (m *missingLeases) create(id, checkpoint string) {
	m.created[id] = newLease(m.tree.shards[id], checkpoint)
}

// newLease returns the lease of a shard as KCL creates it.
func newLease(shard *types.Shard, checkpoint string) leases.Lease {
	lease := leases.Lease{Key: aws.ToString(shard.ShardId), Checkpoint: checkpoint, Parents: parentIDs(shard)}
	setHashKeys(&lease, shard.HashKeyRange)
	return lease
}

// newChildLease returns the lease of a shard that follows a closed one.
func newChildLease(child *types.ChildShard) leases.Lease {
	lease := leases.Lease{Key: aws.ToString(child.ShardId), Checkpoint: leases.TrimHorizon, Parents: child.ParentShards}
	setHashKeys(&lease, child.HashKeyRange)
	return lease
}

func setHashKeys(lease *leases.Lease, keys *types.HashKeyRange) {
	if keys != nil {
		lease.StartingHashKey, lease.EndingHashKey = aws.ToString(keys.StartingHashKey), aws.ToString(keys.EndingHashKey)
	}
}
