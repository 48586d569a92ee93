package dynamodb

import (
	"cmp"
	"iter"
	"slices"
	"strings"

	"clickstream/emulator/dynamodb/attribute"
)

// record is an item in its place. The item is replaced as a whole, never changed.
type record struct {
	item Item
	size int
}

// keyPair names the attributes that order a table or an index.
type keyPair struct {
	hash, sort keyAttribute
}

// keyAttribute is an attribute of a key; a pair without a sort key has an empty name there.
type keyAttribute struct {
	name string
	kind attribute.Kind
}

// attributes are the one or two attributes of the pair.
func (k keyPair) attributes() []keyAttribute {
	if k.sort.name == "" {
		return []keyAttribute{k.hash}
	}
	return []keyAttribute{k.hash, k.sort}
}

// names are the attributes' names.
func (k keyPair) names() []string {
	if k.sort.name == "" {
		return []string{k.hash.name}
	}
	return []string{k.hash.name, k.sort.name}
}

// store keeps records in the order of a scan: partitions by the hash of their key, and within one
// by the sort key. Buckets by the hash's first byte keep insertion cheap.
type store struct {
	keys    keyPair
	primary keyPair // orders records of an index that have the same keys
	buckets [256][]*partition
	count   int
	bytes   int
}

// partition holds the records with one hash key. It is never empty.
type partition struct {
	hash    uint64
	key     string
	records []*record
}

// hashKey spreads keys over 64 bits, the same in each run: FNV-1a, its bits mixed as the first
// ones decide.
func hashKey(key string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(key) {
		h = (h ^ uint64(key[i])) * 1099511628211
	}
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// compare orders two items of one partition.
func (s *store) compare(a, b Item) int {
	if order := compareBy(s.keys.sort.name, a, b); order != 0 || s.keys == s.primary {
		return order
	}
	return cmp.Or(compareBy(s.primary.hash.name, a, b), compareBy(s.primary.sort.name, a, b))
}

func compareBy(name string, a, b Item) int {
	if name == "" {
		return 0
	}
	return attribute.Compare(a[name], b[name])
}

// locate is where the partition of the key is in its bucket, or would be.
func (s *store) locate(hash uint64, key string) (at int, found bool) {
	return slices.BinarySearchFunc(s.buckets[hash>>56], key, func(p *partition, key string) int {
		return cmp.Or(cmp.Compare(p.hash, hash), strings.Compare(p.key, key))
	})
}

// partition is the partition with the hash key, or nil.
func (s *store) partition(key Value) *partition {
	hash := hashKey(key.Text())
	if at, found := s.locate(hash, key.Text()); found {
		return s.buckets[hash>>56][at]
	}
	return nil
}

// find is the record with the keys that the item has, or nil.
func (s *store) find(keys Item) *record {
	p := s.partition(keys[s.keys.hash.name])
	if p == nil {
		return nil
	}
	if at, found := s.position(p, keys); found {
		return p.records[at]
	}
	return nil
}

func (s *store) position(p *partition, keys Item) (at int, found bool) {
	return slices.BinarySearchFunc(p.records, keys, func(r *record, keys Item) int { return s.compare(r.item, keys) })
}

// insert adds a record whose keys no other one has.
func (s *store) insert(r *record) {
	s.count++
	s.bytes += r.size
	key := r.item[s.keys.hash.name].Text()
	hash := hashKey(key)
	bucket := &s.buckets[hash>>56]
	at, found := s.locate(hash, key)
	if !found {
		*bucket = slices.Insert(*bucket, at, &partition{hash: hash, key: key, records: []*record{r}})
		return
	}
	p := (*bucket)[at]
	within, _ := s.position(p, r.item)
	p.records = slices.Insert(p.records, within, r)
}

// remove takes out a record that is there.
func (s *store) remove(r *record) {
	s.count--
	s.bytes -= r.size
	key := r.item[s.keys.hash.name].Text()
	hash := hashKey(key)
	at, found := s.locate(hash, key)
	if !found {
		return
	}
	p := s.buckets[hash>>56][at]
	if within, found := s.position(p, r.item); found {
		p.records = slices.Delete(p.records, within, within+1)
	}
	if len(p.records) == 0 {
		s.buckets[hash>>56] = slices.Delete(s.buckets[hash>>56], at, at+1)
	}
}

// all yields the records in the order of a scan.
func (s *store) all() iter.Seq[*record] { return s.after(nil, 0, 1) }

// after yields the records of one segment of total that come after the item with the keys in
// start; without a start, all of the segment.
func (s *store) after(start Item, segment, total uint64) iter.Seq[*record] {
	return func(yield func(*record) bool) {
		var from uint64
		var key string
		if start != nil {
			key = start[s.keys.hash.name].Text()
			from = hashKey(key)
		}
		for _, bucket := range s.buckets[from>>56:] {
			for _, p := range bucket {
				if segmentOf(p.hash, total) != segment || p.hash < from {
					continue
				}
				if !yieldAll(yield, s.rest(p, start, from, key)) {
					return
				}
			}
		}
	}
}

// rest is what comes after start in a partition that does not come before it.
func (s *store) rest(p *partition, start Item, from uint64, key string) []*record {
	if start == nil || p.hash > from || p.key > key {
		return p.records
	}
	if p.key < key {
		return nil
	}
	at, found := s.position(p, start)
	if found {
		at++
	}
	return p.records[at:]
}

func yieldAll(yield func(*record) bool, records []*record) bool {
	for _, r := range records {
		if !yield(r) {
			return false
		}
	}
	return true
}

// segmentOf is the segment of total that a partition belongs to: an equal share of the hashes each.
func segmentOf(hash, total uint64) uint64 { return (hash >> 32) * total >> 32 }
