package producer

import (
	"crypto/md5"
	"slices"
	"unsafe"

	"clickstream/kcl/aggregate"
)

// bundle is what one aggregate holds. The aggregate itself is made by who sends it, and is there for as long as that takes: so the bytes of
// records go from the user's memory to the socket by way of one core's cache.
type bundle struct {
	keys     []string // partition keys, by their places in the aggregate
	hashKeys []string // explicit ones
	parts    []part
	extras   []extra // of the parts, in their order; none at all while each would be zero
	size     int     // of the aggregate, in bytes
	hashKey  string  // of the aggregate; "" as long as it is being filled

	from   *packer
	serial int // the packer's, when it was filled
}

// part is a record in a bundle. There are as many of them as the buffer has records: its size counts.
type part struct {
	data []byte
	done func(Result)
	key  int32 // its partition key's place
}

// extra is what few records have.
type extra struct {
	hashKey  int32 // 1 more than its explicit hash key's place; 0: none
	attempts int32
	deadline instant
	unsure   bool
	alone    bool
}

func newBundle(records int) *bundle {
	return &bundle{parts: make([]part, 0, records), size: aggregate.EmptySize}
}

// add adds a record whose keys have these places, a hashKey of -1 being none.
func (b *bundle) add(r *pending, key, hashKey int) {
	x := extra{int32(hashKey + 1), r.attempts, r.deadline, r.unsure, r.alone}
	if len(b.extras) > 0 || x != (extra{}) {
		for len(b.extras) < len(b.parts) {
			b.extras = append(b.extras, extra{})
		}
		b.extras = append(b.extras, x)
	}
	b.parts = append(b.parts, part{r.Data, r.done, int32(key)})
	b.size += aggregate.RecordSize(key, hashKey, len(r.Data))
}

// extra returns what is special about a part.
func (b *bundle) extra(i int) extra {
	if len(b.extras) == 0 {
		return extra{}
	}
	return b.extras[i]
}

// record returns a part as the user gave it.
func (b *bundle) record(i int) Record {
	r := Record{PartitionKey: b.keys[b.parts[i].key], Data: b.parts[i].data}
	if place := b.extra(i).hashKey; place > 0 {
		r.ExplicitHashKey = b.hashKeys[place-1]
	}
	return r
}

// pending returns a part as it was before it was packed.
func (b *bundle) pending(i int) pending {
	x := b.extra(i)
	return pending{
		Record: b.record(i), done: b.parts[i].done, deadline: x.deadline, attempts: x.attempts, unsure: x.unsure, alone: x.alone,
	}
}

// empty makes it as good as new, but for its memory.
func (b *bundle) empty() {
	clear(b.keys)
	clear(b.hashKeys)
	clear(b.parts)
	*b = bundle{keys: b.keys[:0], hashKeys: b.hashKeys[:0], parts: b.parts[:0], extras: b.extras[:0], size: aggregate.EmptySize}
}

// memory returns how many bytes the bundle takes, full or not.
func (b *bundle) memory() int64 {
	keys := int64(cap(b.keys)+cap(b.hashKeys)) * int64(unsafe.Sizeof(""))
	return keys + int64(cap(b.parts))*int64(unsafe.Sizeof(part{})) + int64(cap(b.extras))*int64(unsafe.Sizeof(extra{}))
}

// appendTo appends the aggregate to dst, its MD5 excepted, for which there is room at the end.
func (b *bundle) appendTo(dst []byte) []byte {
	dst = append(slices.Grow(dst, b.size), aggregate.Magic...)
	for _, key := range b.keys {
		dst = aggregate.AppendPartitionKey(dst, key)
	}
	for _, key := range b.hashKeys {
		dst = aggregate.AppendExplicitHashKey(dst, key)
	}
	for i := range b.parts {
		dst = aggregate.AppendRecord(dst, int(b.parts[i].key), int(b.extra(i).hashKey)-1, b.parts[i].data)
	}
	return dst[:len(dst)+md5.Size]
}

// tally is what a settled entry counts.
type tally struct {
	records     int
	bytes, data int64 // with the partition keys, as they count against the buffer, and without
	unsure      int64 // records that may be there twice
}

// settle calls back for each of the records, with common and what is its own, and returns what they count.
func (b *bundle) settle(common *Result) tally {
	t := tally{records: len(b.parts)}
	var results [8]Result // so many together: a core waits where it reads in one piece what it has only just written in several
	for i := range results {
		results[i] = *common
	}
	for at := 0; at < len(b.parts); at += len(results) {
		parts := b.parts[at:min(at+len(results), len(b.parts))]
		for i := range parts {
			b.result(&results[i], at+i, common)
			t.add(&results[i])
		}
		for i := range parts {
			if parts[i].done != nil {
				parts[i].done(results[i])
			}
		}
	}
	return t
}

// result sets what in a result is a part's own, or has to do with it.
func (b *bundle) result(r *Result, i int, common *Result) {
	part := &b.parts[i]
	r.Record.PartitionKey, r.Record.Data, r.SubSequenceNumber = b.keys[part.key], part.data, int64(i)
	if len(b.extras) == 0 {
		return
	}
	x := &b.extras[i]
	r.Record.ExplicitHashKey = ""
	if x.hashKey > 0 {
		r.Record.ExplicitHashKey = b.hashKeys[x.hashKey-1]
	}
	r.Attempts, r.MaybeTwice = common.Attempts+int(x.attempts), common.MaybeTwice || x.unsure
}

func (t *tally) add(r *Result) {
	t.data += int64(len(r.Record.Data))
	t.bytes += int64(r.Record.size())
	if r.MaybeTwice {
		t.unsure++
	}
}

// setApart marks the records whose time is over, so that they go alone from now on, and reports whether there are others.
func (b *bundle) setApart(now instant) (others bool) {
	for i := range b.extras {
		x := &b.extras[i]
		late := x.deadline != 0 && x.deadline <= now
		x.alone = x.alone || late
		others = others || !late
	}
	return others
}

// deadline returns when the first of the records is late, 0 when none ever is.
func (b *bundle) deadline() (first instant) {
	for i := range b.extras {
		if d := b.extras[i].deadline; d != 0 && (first == 0 || d < first) {
			first = d
		}
	}
	return first
}

// stray reports whether a part of an aggregate does not belong to the shard in which it has arrived.
func (b *bundle) stray(arrived *shardRange) bool {
	for i := range b.parts {
		r := b.record(i)
		key, explicit := parseHashKey(r.ExplicitHashKey)
		if !explicit {
			key = hashOf(r.PartitionKey)
		}
		if !arrived.has(key) {
			return true
		}
	}
	return false
}
