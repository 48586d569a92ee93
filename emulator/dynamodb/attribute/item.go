package attribute

import "maps"

// Item is an item, a key, or the content of a Map: values by attribute name. Items that a table
// holds are never changed; an update works on a Clone.
type Item map[string]Value

// Equal tells whether both items have the same attributes with equal values.
func (it Item) Equal(other Item) bool {
	if len(it) != len(other) {
		return false
	}
	for name, value := range it {
		if counterpart, ok := other[name]; !ok || !value.Equal(counterpart) {
			return false
		}
	}
	return true
}

// Clone copies the item one level deep, which suffices because values never change.
func (it Item) Clone() Item {
	if it == nil {
		return Item{}
	}
	return maps.Clone(it)
}

// Pick is the item reduced to the named attributes.
func (it Item) Pick(names ...string) Item {
	picked := make(Item, len(names))
	for _, name := range names {
		if value, ok := it[name]; ok {
			picked[name] = value
		}
	}
	return picked
}

// Size is the item's size in bytes as the service counts it: the UTF-8 names and the values.
func (it Item) Size() int {
	size := 0
	for name, value := range it {
		size += len(name) + value.Size()
	}
	return size
}

// Size is the value's size in bytes as the service counts it ("Item sizes and formats").
func (v Value) Size() int {
	switch v.kind {
	case String, Binary:
		return len(v.text)
	case Number:
		return numberSize(v.text)
	case Bool, Null:
		return 1
	case StringSet, NumberSet, BinarySet:
		size := 0
		for _, element := range v.Elements() {
			size += element.Size()
		}
		return size
	case List:
		size := 3 + len(v.Elements())
		for _, element := range v.Elements() {
			size += element.Size()
		}
		return size
	case Map:
		return 3 + len(v.Fields()) + v.Fields().Size()
	case Missing:
		return 0
	}
	return 0
}
