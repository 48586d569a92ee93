package dynamodb

import (
	"maps"
	"slices"

	"clickstream/emulator/dynamodb/expression"
	"clickstream/emulator/internal/wire"
)

// BatchGetItem: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
// Kept: up to 100 keys and 16 MiB, projections, consumed capacity. Keys behind the 16 MiB come back
// as UnprocessedKeys.
// Left out: nothing.

// BatchGetItemInput is the request: keys by table name.
type BatchGetItemInput struct {
	RequestItems           map[string]KeysAndAttributes
	ReturnConsumedCapacity string
}

// KeysAndAttributes is what is wanted of one table.
type KeysAndAttributes struct {
	AttributesToGet          []string          `json:",omitempty"`
	ConsistentRead           bool              `json:",omitempty"`
	ExpressionAttributeNames map[string]string `json:",omitempty"`
	Keys                     []Item
	ProjectionExpression     *string `json:",omitempty"`
}

// BatchGetItemOutput is the reply: items by table name, in the order of the keys.
type BatchGetItemOutput struct {
	ConsumedCapacity []ConsumedCapacity `json:",omitempty"`
	Responses        map[string][]Item
	UnprocessedKeys  map[string]KeysAndAttributes
}

const (
	maxBatchGet   = 100
	maxBatchBytes = 16 << 20
)

// Check implements wire.Checker.
func (in *BatchGetItemInput) Check(c *wire.Check) {
	c.Required("requestItems", len(in.RequestItems) > 0)
	checkCapacity(c, in.ReturnConsumedCapacity)
	for name, request := range in.RequestItems {
		if n := len(request.Keys); n < 1 || n > maxBatchGet {
			c.Failf("requestItems."+name+".member.keys", n, "Member must have length between 1 and %d", maxBatchGet)
		}
	}
}

func (s *Service) batchGetItem(scope wire.Scope, in *BatchGetItemInput) (*BatchGetItemOutput, error) {
	count := 0
	for _, request := range in.RequestItems {
		count += len(request.Keys)
	}
	if count > maxBatchGet {
		return nil, invalid("Too many items requested for the BatchGetItem call")
	}
	out := &BatchGetItemOutput{Responses: map[string][]Item{}, UnprocessedKeys: map[string]KeysAndAttributes{}}
	room := maxBatchBytes
	for _, name := range slices.Sorted(maps.Keys(in.RequestItems)) {
		request := in.RequestItems[name]
		batch, err := s.batchGet(scope, name, request, &room)
		if err != nil {
			return nil, err
		}
		out.Responses[name] = batch.items
		if len(batch.rest) > 0 {
			request.Keys = batch.rest
			out.UnprocessedKeys[name] = request
		}
		if report := batch.cost.report(batch.table, in.ReturnConsumedCapacity); report != nil {
			out.ConsumedCapacity = append(out.ConsumedCapacity, *report)
		}
	}
	return out, nil
}

// batch is what was read of one table.
type batch struct {
	table *table
	items []Item
	rest  []Item // keys for which there was no room
	cost  consumption
}

func (s *Service) batchGet(scope wire.Scope, name string, in KeysAndAttributes, room *int) (batch, error) {
	wanted, err := in.projection()
	if err != nil {
		return batch{}, err
	}
	t, err := s.table(scope, name)
	if err != nil {
		return batch{}, err
	}
	if err := t.checkBatch(in.Keys); err != nil {
		return batch{}, err
	}
	done := batch{table: t, items: []Item{}}
	for i, key := range in.Keys {
		item, size := t.get(key)
		if *room -= size; *room < 0 {
			done.rest = in.Keys[i:]
			break
		}
		done.cost.add(read(nil, size, in.ConsistentRead))
		if item != nil {
			done.items = append(done.items, wanted.Of(item))
		}
	}
	return done, nil
}

func (in KeysAndAttributes) projection() (expression.Projection, error) {
	places, err := placeholders(in.ExpressionAttributeNames, nil,
		parameter{expression.ProjectionParameter, in.ProjectionExpression != nil, false},
		parameter{"AttributesToGet", in.AttributesToGet != nil, true})
	if err != nil {
		return expression.Projection{}, err
	}
	wanted, err := projection(places, in.ProjectionExpression, in.AttributesToGet)
	if err != nil {
		return wanted, err
	}
	return wanted, places.Finish()
}

// checkBatch refuses keys that are none and keys that come twice.
func (t *table) checkBatch(keys []Item) error {
	type pair struct{ hash, sort string }
	seen := make(map[pair]bool, len(keys))
	for _, key := range keys {
		if err := t.checkKey(key); err != nil {
			return err
		}
		id := pair{key[t.store.keys.hash.name].Text(), key[t.store.keys.sort.name].Text()}
		if seen[id] {
			return invalid("Provided list of item keys contains duplicates")
		}
		seen[id] = true
	}
	return nil
}
