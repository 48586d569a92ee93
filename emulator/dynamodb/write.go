package dynamodb

import "clickstream/emulator/internal/wire"

// change is what a write did to one item: either side may be nil.
type change struct{ old, new Item }

// replace tries the demand and replaces the item at key by what edit makes of it; nil deletes it.
// Everything happens under the table's lock.
func (t *table) replace(key Item, d demand, edit func(old Item) (Item, error)) (change, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.gone {
		return change{}, wire.Errorf("ResourceNotFoundException", "Requested resource not found")
	}
	r, old := t.find(key)
	if err := d.try(old); err != nil {
		return change{}, err
	}
	item, err := edit(old)
	if err != nil {
		return change{}, err
	}
	if item == nil {
		if r != nil {
			if err := t.admit(old, nil); err != nil {
				return change{}, err
			}
			t.remove(r)
		}
		return change{old, nil}, nil
	}
	if err := t.checkIndexKeys(item); err != nil {
		return change{}, err
	}
	size := item.Size()
	if size > maxItem {
		return change{}, invalid("Item size to update has exceeded the maximum allowed size")
	}
	if err := t.admit(old, item); err != nil {
		return change{}, err
	}
	t.put(r, item, size)
	return change{old, item}, nil
}

// WriteOutput is the reply to PutItem, UpdateItem and DeleteItem.
type WriteOutput struct {
	Attributes            Item                   `json:",omitempty"`
	ConsumedCapacity      *ConsumedCapacity      `json:",omitempty"`
	ItemCollectionMetrics *ItemCollectionMetrics `json:",omitempty"`
}

// AppendJSON implements wire.JSONAppender.
func (out *WriteOutput) AppendJSON(b []byte) []byte {
	o := newObject(b)
	if len(out.Attributes) > 0 {
		o.item("Attributes", out.Attributes)
	}
	o.capacity(out.ConsumedCapacity)
	if metrics := out.ItemCollectionMetrics; metrics != nil {
		o.other("ItemCollectionMetrics", metrics)
	}
	return o.end()
}

// reply is the output for a write, with the attributes as they shall be returned.
func (in *Conditional) reply(t *table, done change, key, attributes Item) *WriteOutput {
	out := &WriteOutput{Attributes: attributes}
	if in.ReturnConsumedCapacity != "" {
		t.mu.RLock()
		out.ConsumedCapacity = t.written(done.old, done.new).report(t, in.ReturnConsumedCapacity)
		t.mu.RUnlock()
	}
	if in.ReturnItemCollectionMetrics == "SIZE" {
		out.ItemCollectionMetrics = t.collection(key)
	}
	return out
}

// collection estimates the size of all items with the key's hash key; only tables with local
// indexes have one.
func (t *table) collection(key Item) *ItemCollectionMetrics {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if t.countIndexes(false) == 0 {
		return nil
	}
	bytes := 0
	hash := t.store.keys.hash.name
	if p := t.store.partition(key[hash]); p != nil {
		for _, r := range p.records {
			bytes += r.size
		}
	}
	least := float64(bytes >> 30)
	return &ItemCollectionMetrics{key.Pick(hash), []float64{least, least + 1}}
}

// keyOf is the table's key of an item.
func (t *table) keyOf(item Item) Item { return item.Pick(t.store.keys.names()...) }
