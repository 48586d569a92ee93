package dynamodb

import (
	"sync"
	"time"

	"clickstream/emulator/dynamodb/attribute"
	"clickstream/emulator/internal/journal"
	"clickstream/emulator/internal/memory"
	"clickstream/emulator/internal/wire"
)

// table is a table with its items. The lock covers everything behind it; decoding, parsing and
// encoding happen outside.
type table struct {
	scope   wire.Scope
	name    string
	id      string
	created time.Time
	schema  []KeySchemaElement

	mu          sync.RWMutex
	definitions []AttributeDefinition
	store       store
	indexes     []*index
	settings    settings
	tags        map[string]string
	recovery    *recovery // nil while point-in-time recovery is off
	gone        bool      // deleted; whoever still holds the table cannot write to it

	journal *journal.Part  // nil where nothing is kept
	memory  *memory.Budget // of items; nil where nobody counts
	held    int            // bytes of it
	kept    []byte         // what was last written down of the table; nil where nothing is
}

// settings are what UpdateTable can change besides indexes.
type settings struct {
	billing     string
	onDemandAt  time.Time // when the billing became PAY_PER_REQUEST
	throughput  throughput
	onDemand    *OnDemandThroughput
	protected   bool // from deletion
	class       string
	classChange time.Time
}

// index is a secondary index, a store of the table's own records in another order.
type index struct {
	name       string
	global     bool
	schema     []KeySchemaElement
	projection Projection
	throughput throughput
	onDemand   *OnDemandThroughput
	store      store
}

func (t *table) arn() string { return tableARN(t.scope, t.name) }

// index finds an index by its name, or nil.
func (t *table) index(name string) *index {
	for _, i := range t.indexes {
		if i.name == name {
			return i
		}
	}
	return nil
}

// find is the item with the key and its record; both are nil where there is none.
func (t *table) find(key Item) (*record, Item) {
	if r := t.store.find(key); r != nil {
		return r, r.item
	}
	return nil, nil
}

// put makes item the content of the record old or, if that is nil, of a new one.
func (t *table) put(old *record, item Item, size int) {
	if old == nil {
		r := &record{item: item, size: size}
		t.store.insert(r)
		for _, i := range t.indexes {
			if i.covers(item) {
				i.store.insert(r)
			}
		}
		return
	}
	var moving []*index
	growth := size - old.size
	for _, i := range t.indexes {
		if i.keeps(old.item, item) {
			i.store.bytes += growth
			continue
		}
		if i.covers(old.item) {
			i.store.remove(old)
		}
		moving = append(moving, i)
	}
	t.store.bytes += growth
	old.item, old.size = item, size
	for _, i := range moving {
		if i.covers(item) {
			i.store.insert(old)
		}
	}
}

// keeps tells whether both items are in the index at the same place.
func (i *index) keeps(a, b Item) bool {
	return i.covers(a) && i.covers(b) && i.store.compare(a, b) == 0 && sameHash(i, a, b)
}

func sameHash(i *index, a, b Item) bool {
	name := i.store.keys.hash.name
	return a[name].Text() == b[name].Text()
}

// remove deletes a record.
func (t *table) remove(old *record) {
	for _, i := range t.indexes {
		if i.covers(old.item) {
			i.store.remove(old)
		}
	}
	t.store.remove(old)
}

// covers tells whether the index holds the item: it has all keys of the index, in their types.
func (i *index) covers(item Item) bool {
	for _, key := range i.store.keys.attributes() {
		if item[key.name].Kind() != key.kind {
			return false
		}
	}
	return true
}

// fill puts all items of the table into a new index.
func (i *index) fill(t *table) {
	for r := range t.store.all() {
		if i.covers(r.item) {
			i.store.insert(r)
		}
	}
}

// checkKey refuses a key that has not just the table's key attributes in their types.
func (t *table) checkKey(key Item) error {
	keys := t.store.keys.attributes()
	if len(key) != len(keys) {
		return errKeySchema()
	}
	for _, k := range keys {
		if key[k.name].Kind() != k.kind {
			return errKeySchema()
		}
	}
	return checkKeySizes(t.store.keys, key)
}

func errKeySchema() error { return invalid("The provided key element does not match the schema") }

// Largest sizes in bytes ("Quotas in Amazon DynamoDB").
const (
	maxHashKey = 2048
	maxSortKey = 1024
	maxItem    = 400 << 10
)

func checkKeySizes(keys keyPair, item Item) error {
	for _, k := range keys.attributes() {
		if v := item[k.name]; v.Text() == "" {
			kind := "string"
			if v.Kind() == attribute.Binary {
				kind = "binary"
			}
			return invalid("One or more parameter values are not valid. "+
				"The AttributeValue for a key attribute cannot contain an empty %s value. Key: %s", kind, k.name)
		}
	}
	if item[keys.hash.name].Size() > maxHashKey {
		return invalidParameter("Size of hashkey has exceeded the maximum size limit of2048 bytes")
	}
	if item[keys.sort.name].Size() > maxSortKey {
		return invalidParameter("Aggregated size of all range keys has exceeded the size limit of 1024 bytes")
	}
	return nil
}

// checkItem refuses an item that the table cannot hold.
func (t *table) checkItem(item Item) error {
	for _, k := range t.store.keys.attributes() {
		v, there := item[k.name]
		if !there {
			return invalidParameter("Missing the key %s in the item", k.name)
		}
		if v.Kind() != k.kind {
			return invalidParameter("Type mismatch for key %s expected: %s actual: %s", k.name, k.kind, v.Kind())
		}
	}
	if err := checkKeySizes(t.store.keys, item); err != nil {
		return err
	}
	return t.checkIndexKeys(item)
}

func (t *table) checkIndexKeys(item Item) error {
	for _, i := range t.indexes {
		for _, k := range i.store.keys.attributes() {
			if v, there := item[k.name]; there && v.Kind() != k.kind {
				return invalidParameter("Type mismatch for Index Key %s Expected: %s Actual: %s IndexName: %s",
					k.name, k.kind, v.Kind(), i.name)
			}
		}
		if i.covers(item) {
			if err := checkKeySizes(i.store.keys, item); err != nil {
				return err
			}
		}
	}
	return nil
}
