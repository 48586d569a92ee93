package dynamodb

import (
	"maps"
	"slices"

	"clickstream/emulator/internal/wire"
)

// BatchWriteItem: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
// Kept: up to 25 puts and deletes, none of which is done if one of them is wrong; consumed
// capacity, item collection metrics. UnprocessedItems are those that an emulator with a limit of memory has no room for; where that is all of
// them, ProvisionedThroughputExceededException.
// Left out: nothing.

// BatchWriteItemInput is the request: writes by table name.
type BatchWriteItemInput struct {
	RequestItems                map[string][]WriteRequest
	ReturnConsumedCapacity      string
	ReturnItemCollectionMetrics string
}

type (
	// WriteRequest is one of its two members.
	WriteRequest struct {
		DeleteRequest *DeleteRequest `json:",omitempty"`
		PutRequest    *PutRequest    `json:",omitempty"`
	}

	// DeleteRequest deletes the item with the key.
	DeleteRequest struct{ Key Item }

	// PutRequest puts the item.
	PutRequest struct{ Item Item }
)

// BatchWriteItemOutput is the reply.
type BatchWriteItemOutput struct {
	ConsumedCapacity      []ConsumedCapacity                 `json:",omitempty"`
	ItemCollectionMetrics map[string][]ItemCollectionMetrics `json:",omitempty"`
	UnprocessedItems      map[string][]WriteRequest
}

const maxBatchWrite = 25

// Check implements wire.Checker.
func (in *BatchWriteItemInput) Check(c *wire.Check) {
	c.Required("requestItems", len(in.RequestItems) > 0)
	checkCapacity(c, in.ReturnConsumedCapacity)
	if in.ReturnItemCollectionMetrics != "" {
		c.Enum("returnItemCollectionMetrics", in.ReturnItemCollectionMetrics, "SIZE", "NONE")
	}
	for name, requests := range in.RequestItems {
		if n := len(requests); n < 1 || n > maxBatchWrite {
			c.Failf("requestItems."+name+".member", n, "Member must have length between 1 and %d", maxBatchWrite)
		}
	}
}

func (s *Service) batchWriteItem(scope wire.Scope, in *BatchWriteItemInput) (*BatchWriteItemOutput, error) {
	count := 0
	for _, requests := range in.RequestItems {
		count += len(requests)
	}
	if count > maxBatchWrite {
		return nil, invalid("Too many items requested for the BatchWriteItem call")
	}
	names := slices.Sorted(maps.Keys(in.RequestItems))
	tables := make([]*table, len(names))
	for i, name := range names {
		var err error
		if tables[i], err = s.table(scope, name); err != nil {
			return nil, err
		}
		if err := tables[i].checkWrites(in.RequestItems[name]); err != nil {
			return nil, err
		}
	}
	out := &BatchWriteItemOutput{UnprocessedItems: map[string][]WriteRequest{}}
	var full error
	for i, name := range names {
		if err := out.write(tables[i], name, in); isFull(err) {
			full = err
		} else if err != nil {
			return nil, err
		}
		count -= len(out.UnprocessedItems[name])
	}
	if count == 0 {
		return nil, full
	}
	return out, nil
}

// checkWrites looks at all writes to a table before the first of them is done.
func (t *table) checkWrites(requests []WriteRequest) error {
	keys := make([]Item, len(requests))
	for i, request := range requests {
		switch {
		case (request.PutRequest == nil) == (request.DeleteRequest == nil):
			return invalidParameter("A WriteRequest has either a PutRequest or a DeleteRequest")
		case request.DeleteRequest != nil:
			keys[i] = request.DeleteRequest.Key
		default:
			item := request.PutRequest.Item
			if item.Size() > maxItem {
				return invalid("Item size has exceeded the maximum allowed size")
			}
			if err := t.checkNew(item); err != nil {
				return err
			}
			keys[i] = t.keyOf(item)
		}
	}
	return t.checkBatch(keys)
}

// write does the writes to a table. An error for which isFull is true is that of the last one that is unprocessed.
func (out *BatchWriteItemOutput) write(t *table, name string, in *BatchWriteItemInput) error {
	var cost consumption
	var full error
	for _, request := range in.RequestItems[name] {
		var item, key Item
		if request.PutRequest != nil {
			item, key = request.PutRequest.Item, t.keyOf(request.PutRequest.Item)
		} else {
			key = request.DeleteRequest.Key
		}
		done, err := t.replace(key, demand{}, func(Item) (Item, error) { return item, nil })
		if isFull(err) {
			full = err
			out.UnprocessedItems[name] = append(out.UnprocessedItems[name], request)
			continue
		}
		if err != nil {
			return err
		}
		if in.ReturnConsumedCapacity != "" {
			t.mu.RLock()
			cost.add(t.written(done.old, done.new))
			t.mu.RUnlock()
		}
		if metrics := t.collection(key); in.ReturnItemCollectionMetrics == "SIZE" && metrics != nil {
			if out.ItemCollectionMetrics == nil {
				out.ItemCollectionMetrics = map[string][]ItemCollectionMetrics{}
			}
			out.ItemCollectionMetrics[name] = append(out.ItemCollectionMetrics[name], *metrics)
		}
	}
	if report := cost.report(t, in.ReturnConsumedCapacity); report != nil {
		out.ConsumedCapacity = append(out.ConsumedCapacity, *report)
	}
	return full
}
