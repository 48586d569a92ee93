package leases

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Create adds a lease unless the shard has one, and reports whether it did.
func (t *Table) Create(ctx context.Context, l Lease) (bool, error) {
	condition := "attribute_not_exists(#leaseKey)"
	_, err := t.client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &t.name, Item: encode(&l), ConditionExpression: &condition, ExpressionAttributeNames: names(condition),
	})
	if _, exists := errors.AsType[*types.ConditionalCheckFailedException](err); exists {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("create lease %s: %w", l.Key, err)
	}
	return true, nil
}

// Take makes owner the holder of l and returns the lease as it is then. The condition is that nobody wrote the lease since l was
// read: owner and counter are as they were. (KCL 2 requires the counter, KCL 3's leader the owner; both together never take from a
// worker that has just renewed.) A handover that was under way is ended.
func (t *Table) Take(ctx context.Context, l Lease, owner string) (Lease, error) {
	taken := l
	taken.Owner, taken.HandOverFrom, taken.Counter = owner, "", l.Counter+1
	w := write{
		key: l.Key, verb: "take",
		update:    "SET #leaseOwner = :owner, #leaseCounter = :next REMOVE #checkpointOwner",
		condition: "#leaseCounter = :counter AND attribute_not_exists(#leaseOwner)",
		values:    values{":owner": text(owner), ":next": number(taken.Counter), ":counter": number(l.Counter)},
	}
	if l.Owner != "" {
		w.condition = "#leaseCounter = :counter AND #leaseOwner = :old"
		w.values[":old"] = text(l.Owner)
	}
	if l.Holder() != "" && l.Holder() != owner {
		w.update += " ADD #ownerSwitchesSinceCheckpoint :one"
		w.values[":one"] = number(1)
		taken.OwnerSwitches++
	}
	return t.apply(ctx, w, taken)
}

// Renew increments the counter of a lease that the caller holds, and returns the lease as it is then. HandOverFrom set in the answer
// means that another worker was told to take over: process no further, checkpoint, and call HandOver.
func (t *Table) Renew(ctx context.Context, l Lease) (Lease, error) {
	renewed := l
	renewed.Counter++
	return t.apply(ctx, write{
		key: l.Key, verb: "renew",
		update:    "SET #leaseCounter = :next",
		condition: "#leaseCounter = :counter",
		values:    values{":next": number(renewed.Counter), ":counter": number(l.Counter)},
	}, renewed)
}

// Checkpoint records how far the shard is processed and returns the lease as it is then. sequence is a sequence number or ShardEnd.
// It removes a pending checkpoint, as every checkpoint of KCL does.
func (t *Table) Checkpoint(ctx context.Context, l Lease, sequence string, sub int64) (Lease, error) {
	moved := l
	moved.Checkpoint, moved.CheckpointSub, moved.OwnerSwitches, moved.Counter = sequence, sub, 0, l.Counter+1
	return t.apply(ctx, write{
		key: l.Key, verb: "checkpoint",
		update: "SET #checkpoint = :checkpoint, #checkpointSubSequenceNumber = :sub, #ownerSwitchesSinceCheckpoint = :zero, " +
			"#leaseCounter = :next REMOVE #pendingCheckpoint, #pendingCheckpointSubSequenceNumber, #pendingCheckpointState",
		condition: "#leaseCounter = :counter",
		values: values{
			":checkpoint": text(sequence), ":sub": number(sub), ":zero": number(0),
			":next": number(moved.Counter), ":counter": number(l.Counter),
		},
	}, moved)
}

// HandOver ends a handover: the lease is its owner's now. The caller holds it no longer.
func (t *Table) HandOver(ctx context.Context, l Lease) error {
	given := l
	given.HandOverFrom, given.Counter = "", l.Counter+1
	_, err := t.apply(ctx, write{
		key: l.Key, verb: "hand over",
		update:    "SET #leaseCounter = :next REMOVE #checkpointOwner",
		condition: "#leaseCounter = :counter AND #checkpointOwner = :me",
		values:    values{":next": number(given.Counter), ":counter": number(l.Counter), ":me": text(l.HandOverFrom)},
	}, given)
	return err
}

// SetChildren records the shards that follow a closed one. It requires only that the lease is there and changes no counter, as in KCL.
func (t *Table) SetChildren(ctx context.Context, key string, children []string) error {
	update, condition := "SET #childShardIds = :children", "attribute_exists(#leaseKey)"
	_, err := t.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &t.name, Key: itemKey(key), UpdateExpression: &update, ConditionExpression: &condition,
		ExpressionAttributeNames: names(update, condition), ExpressionAttributeValues: values{":children": set(children)},
	})
	if _, gone := errors.AsType[*types.ConditionalCheckFailedException](err); gone {
		return &LostError{Key: key}
	}
	if err != nil {
		return fmt.Errorf("set children of lease %s: %w", key, err)
	}
	return nil
}

// Delete removes a lease, whoever holds it. A lease that is not there is no error.
func (t *Table) Delete(ctx context.Context, key string) error {
	if _, err := t.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &t.name, Key: itemKey(key)}); err != nil {
		return fmt.Errorf("delete lease %s: %w", key, err)
	}
	return nil
}

type values = map[string]types.AttributeValue

// write is one conditional update of the lease's holder.
type write struct {
	key, verb, update, condition string
	values                       values
}

// apply sends w. want is the lease as w leaves it: a refused condition is no loss when the item is just that, for then it was our own
// write, sent again by the SDK after its answer got lost. (A stranger's write would carry another owner or counter.)
func (t *Table) apply(ctx context.Context, w write, want Lease) (Lease, error) {
	out, err := t.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &t.name, Key: itemKey(w.key), UpdateExpression: &w.update, ConditionExpression: &w.condition,
		ExpressionAttributeNames: names(w.update, w.condition), ExpressionAttributeValues: w.values,
		ReturnValues:                        types.ReturnValueAllNew,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	if refused, ok := errors.AsType[*types.ConditionalCheckFailedException](err); ok {
		return t.refused(ctx, refused, want)
	}
	if err != nil {
		return Lease{}, fmt.Errorf("%s lease %s: %w", w.verb, w.key, err)
	}
	return Decode(out.Attributes)
}

func (t *Table) refused(ctx context.Context, refused *types.ConditionalCheckFailedException, want Lease) (Lease, error) {
	var now *Lease
	if len(refused.Item) > 0 {
		lease, err := Decode(refused.Item)
		if err != nil {
			return Lease{}, err
		}
		now = &lease
	} else {
		// Older servers do not send the item along.
		lease, err := t.Get(ctx, want.Key)
		if err != nil {
			return Lease{}, err
		}
		now = lease
	}
	if now != nil && now.Counter == want.Counter && now.Owner == want.Owner && now.HandOverFrom == want.HandOverFrom &&
		now.Checkpoint == want.Checkpoint && now.CheckpointSub == want.CheckpointSub {
		return *now, nil
	}
	return Lease{}, &LostError{Key: want.Key, Now: now}
}

// Throttled reports whether err says that DynamoDB refused a request for its rate; it can be sent again later.
func Throttled(err error) bool {
	var refusal interface{ ErrorCode() string }
	if !errors.As(err, &refusal) {
		return false
	}
	switch refusal.ErrorCode() {
	case "ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException":
		return true
	}
	return false
}
