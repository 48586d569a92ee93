// Package leases reads and writes the lease table of the Kinesis Client Library, one item per shard, so that this program and the Java
// daemon (KCL 2.x and 3.x) can take over from each other.
//
// The attributes and what each write requires of the item are those of KCL 3.1.3 (DynamoDBLeaseSerializer and DynamoDBLeaseRefresher);
// the requests are spelled with expressions where KCL uses the older Expected and AttributeUpdates. KCL 3's index
// LeaseOwnerToLeaseKeyIndex is left to the Java daemon, which adds it when it first starts; nothing here reads it.
package leases

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// The checkpoints that are not sequence numbers (KCL's SentinelCheckpoint).
const (
	TrimHorizon = "TRIM_HORIZON" // nothing read yet: start at the oldest record
	Latest      = "LATEST"       // nothing read yet: start with the records put from now on
	AtTimestamp = "AT_TIMESTAMP" // nothing read yet: start at the application's initial timestamp
	ShardEnd    = "SHARD_END"    // the closed shard is processed to its end
)

// Lease is one shard's item. The zero Owner means that nobody holds it.
type Lease struct {
	Key                            string   // shard id
	Owner                          string   // worker id of the holder
	Checkpoint                     string   // sequence number of the last processed record, or a sentinel
	CheckpointSub                  int64    // its sub-sequence number within a KPL aggregate
	Counter                        int64    // grows with every write of the holder: who sees it stand still may take the lease
	OwnerSwitches                  int64    // changes of owner since the last checkpoint
	Parents, Children              []string // shard ids, sorted
	StartingHashKey, EndingHashKey string   // decimal, as the Kinesis API gives them

	// HandOverFrom is the worker that still processes the shard while Owner waits for it: a KCL 3 worker was told to hand the lease
	// over (attribute checkpointOwner). Empty otherwise.
	HandOverFrom string
}

// Ended reports whether the shard is processed to its end.
func (l *Lease) Ended() bool { return l.Checkpoint == ShardEnd }

// Holder returns the worker that processes the shard: the owner, or during a handover the worker that gives it up.
func (l *Lease) Holder() string {
	if l.HandOverFrom != "" {
		return l.HandOverFrom
	}
	return l.Owner
}

// ErrNotALease is returned by Decode for the items of another kind that KCL 3.5 keeps in the same table.
var ErrNotALease = errors.New("item is not a lease")

// The attributes of a lease item. A set cannot be empty in DynamoDB, so an absent one means no parents or children.
const (
	attrKey           = "leaseKey"
	attrOwner         = "leaseOwner"
	attrCounter       = "leaseCounter"
	attrSwitches      = "ownerSwitchesSinceCheckpoint"
	attrCheckpoint    = "checkpoint"
	attrCheckpointSub = "checkpointSubSequenceNumber"
	attrHandOverFrom  = "checkpointOwner"
	attrParents       = "parentShardId"
	attrChildren      = "childShardIds"
	attrStartingHash  = "startingHashKey"
	attrEndingHash    = "endingHashKey"
	attrEntity        = "entityType"
)

// entityLease is attrEntity's value for leases; before KCL 3.5 the attribute was not there.
const entityLease = "LEASE"

// Decode reads an item of the lease table. Attributes that it does not know are ignored, as KCL ignores them.
func Decode(item map[string]types.AttributeValue) (Lease, error) {
	d := decoder{item: item}
	if entity := d.text(attrEntity); entity != "" && entity != entityLease {
		return Lease{}, ErrNotALease
	}
	lease := Lease{
		Key:             d.text(attrKey),
		Owner:           d.text(attrOwner),
		Checkpoint:      d.text(attrCheckpoint),
		CheckpointSub:   d.number(attrCheckpointSub),
		Counter:         d.number(attrCounter),
		OwnerSwitches:   d.number(attrSwitches),
		Parents:         d.set(attrParents),
		Children:        d.set(attrChildren),
		StartingHashKey: d.text(attrStartingHash),
		EndingHashKey:   d.text(attrEndingHash),
		HandOverFrom:    d.text(attrHandOverFrom),
	}
	if d.err == nil && lease.Key == "" {
		d.err = fmt.Errorf("attribute %s is missing", attrKey)
	}
	if d.err == nil && lease.Checkpoint == "" {
		d.err = fmt.Errorf("attribute %s is missing", attrCheckpoint)
	}
	if d.err != nil {
		return Lease{}, fmt.Errorf("lease %q: %w", lease.Key, d.err)
	}
	return lease, nil
}

// encode writes a lease as KCL creates it.
func encode(l *Lease) map[string]types.AttributeValue {
	item := map[string]types.AttributeValue{
		attrKey:           text(l.Key),
		attrCounter:       number(l.Counter),
		attrSwitches:      number(l.OwnerSwitches),
		attrCheckpoint:    text(l.Checkpoint),
		attrCheckpointSub: number(l.CheckpointSub),
	}
	if l.Owner != "" {
		item[attrOwner] = text(l.Owner)
	}
	if len(l.Parents) > 0 {
		item[attrParents] = set(l.Parents)
	}
	if len(l.Children) > 0 {
		item[attrChildren] = set(l.Children)
	}
	if l.StartingHashKey != "" && l.EndingHashKey != "" {
		item[attrStartingHash] = text(l.StartingHashKey)
		item[attrEndingHash] = text(l.EndingHashKey)
	}
	return item
}

// decoder reads attributes and keeps the first error: an attribute may be absent, but not of another type.
type decoder struct {
	item map[string]types.AttributeValue
	err  error
}

func (d *decoder) text(name string) string {
	switch value := d.item[name].(type) {
	case nil:
		return ""
	case *types.AttributeValueMemberS:
		return value.Value
	default:
		d.wrongType(name, "S", value)
		return ""
	}
}

func (d *decoder) number(name string) int64 {
	switch value := d.item[name].(type) {
	case nil:
		return 0
	case *types.AttributeValueMemberN:
		n, err := strconv.ParseInt(value.Value, 10, 64)
		if err != nil && d.err == nil {
			d.err = fmt.Errorf("attribute %s: %q is not a whole number", name, value.Value)
		}
		return n
	default:
		d.wrongType(name, "N", value)
		return 0
	}
}

func (d *decoder) set(name string) []string {
	switch value := d.item[name].(type) {
	case nil:
		return nil
	case *types.AttributeValueMemberSS:
		return slices.Sorted(slices.Values(value.Value))
	default:
		d.wrongType(name, "SS", value)
		return nil
	}
}

func (d *decoder) wrongType(name, want string, value types.AttributeValue) {
	if d.err == nil {
		d.err = fmt.Errorf("attribute %s should be of type %s, not %T", name, want, value)
	}
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

func set(values []string) types.AttributeValue {
	return &types.AttributeValueMemberSS{Value: slices.Sorted(slices.Values(values))}
}
