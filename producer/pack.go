package producer

import (
	"crypto/md5"
	"slices"

	"clickstream/kcl/aggregate"
)

// packer fills the aggregates of one shard.
type packer struct {
	shard   *shardRange
	builder aggregate.Builder
	parts   []pending
	bytes   int64 // as the parts count against the buffer
	data    int64 // of them, those of data
	asked   bool  // somebody wants to know what becomes of one of them
	unsure  int64 // how many of them are
	serial  int   // of the aggregate that is being filled
}

// mostFrame is more than a record of an aggregate is longer than its data and keys.
const mostFrame = 40

// grows returns what a record adds to an aggregate at most; roughly, where that is all one.
func grows(r *pending, room int) int {
	if rough := len(r.PartitionKey) + len(r.ExplicitHashKey) + len(r.Data) + mostFrame; rough <= room {
		return rough
	}
	return aggregate.Most(r.PartitionKey, r.ExplicitHashKey, r.Data)
}

// fits reports whether a record can go into the aggregate that is being filled, of at most limit bytes.
func (k *packer) fits(r *pending, limit int) bool {
	room := limit - k.builder.Size()
	return grows(r, room) <= room
}

// add adds a record whose key has that slot.
func (k *packer) add(r *pending, slot *hashSlot) {
	if slot == nil {
		k.builder.Add(r.PartitionKey, r.ExplicitHashKey, r.Data)
	} else {
		if slot.in != k || slot.at != k.serial {
			slot.in, slot.at, slot.place = k, k.serial, k.builder.Place(r.PartitionKey)
		}
		k.builder.AddAt(slot.place, "", r.Data)
	}
	k.parts = append(k.parts, *r)
	k.bytes += int64(r.size())
	k.data += int64(len(r.Data))
	k.asked = k.asked || r.done != nil
	if r.unsure {
		k.unsure++
	}
}

// pack adds a record to the open aggregate of its shard where that is all there is to do, as it is for most: it is place for them, without
// its many questions. slot is that of its partition key.
func (p *Producer) pack(slot *hashSlot, r *Record, done func(Result)) bool {
	if !p.packs || r.ExplicitHashKey != "" || r.Data == nil || p.since == never {
		return false
	}
	shard := slot.shardIn(p.shards)
	if shard == nil || shard.packer == nil {
		return false
	}
	k := shard.packer
	if slot.in != k || slot.at != k.serial || len(k.parts) == cap(k.parts) || k.builder.Size()+len(r.Data)+mostFrame > p.aggregateBytes {
		return false
	}
	k.builder.AddAt(slot.place, "", r.Data)
	k.parts = k.parts[:len(k.parts)+1]
	part := &k.parts[len(k.parts)-1]
	part.PartitionKey, part.Data, part.done, part.deadline = r.PartitionKey, r.Data, done, p.deadline() // the rest is zero
	k.bytes += int64(r.size())
	k.data += int64(len(r.Data))
	k.asked = k.asked || done != nil
	p.packed++
	return true
}

// packable reports whether a record may go into an aggregate at all.
func (p *Producer) packable(r *pending) bool {
	const frame = 4 + md5.Size
	room := p.aggregateBytes - frame
	return !r.alone && grows(r, room) <= room
}

// predict returns the shard that a record will come to, nil when that is not known or needed, and the slot of its partition key when that
// decides.
func (p *Producer) predict(r *pending) (*shardRange, *hashSlot) {
	switch {
	case !p.predicts:
		return nil, nil
	case r.ExplicitHashKey != "":
		return p.explicitHashes.get(r.ExplicitHashKey).shardIn(p.shards), nil
	default:
		slot := p.hashes.get(r.PartitionKey)
		return slot.shardIn(p.shards), slot
	}
}

// route packs a record, and returns where, or sends it on by itself. It is called with the lock.
func (p *Producer) route(r *pending) *packer {
	shard, slot := p.predict(r)
	if !p.opt.Aggregate || shard == nil || !p.packable(r) {
		p.dispatch(&entry{one: *r, shard: shard})
		return nil
	}
	k := shard.packer
	if k == nil {
		k = &packer{shard: shard}
		shard.packer = k
	}
	if !k.fits(r, p.aggregateBytes) {
		p.closePacker(k)
	}
	k.add(r, slot)
	p.packed++
	p.begin()
	return k
}

// closePacker sends the aggregate on that is being filled. One record needs none.
func (p *Producer) closePacker(k *packer) {
	n := len(k.parts)
	if n == 0 {
		return
	}
	p.packed -= n
	e := entry{shard: k.shard}
	if n == 1 {
		e.one = k.parts[0]
		clear(k.parts)
		k.parts = k.parts[:0]
	} else {
		e.bundle = p.bundle(k)
		for i := range e.bundle.parts {
			if d := e.bundle.parts[i].deadline; d != 0 && (e.one.deadline == 0 || d < e.one.deadline) {
				e.one.deadline = d
			}
		}
	}
	k.builder.Reset()
	k.bytes, k.data, k.asked, k.unsure = 0, 0, false, 0
	k.serial++
	p.dispatch(&e)
}

// bundle makes the aggregate of what was packed, but for its MD5.
func (p *Producer) bundle(k *packer) *bundle {
	b := p.newBundle(k)
	first := &k.parts[0]
	b.hashKey = first.ExplicitHashKey
	if b.hashKey == "" {
		b.hashKey = p.hashes.key(first.PartitionKey).String()
	}
	b.data, b.memory = k.builder.Take(b.memory)
	b.summed = false
	b.parts, k.parts = k.parts, b.parts[:0]
	b.bytes, b.dataBytes, b.asked, b.unsure = k.bytes, k.data, k.asked, k.unsure
	b.from, b.serial = k, k.serial
	return b
}

// newBundle returns memory for what a packer fills next: that of a bundle that is settled, or as much as this one took.
func (p *Producer) newBundle(k *packer) *bundle {
	if n := len(p.bundles); n > 0 {
		b := p.bundles[n-1]
		p.bundles = p.bundles[:n-1]
		return b
	}
	return &bundle{parts: make([]pending, 0, len(k.parts)+len(k.parts)/16), memory: make([]byte, 0, k.builder.Size())}
}

// recycle keeps a bundle's memory for the next one. It is called with the lock.
func (p *Producer) recycle(b *bundle) {
	const most = 512
	if b == nil || len(p.bundles) >= most || int64(len(p.bundles))*int64(p.aggregateBytes) > p.opt.BufferedBytes {
		return
	}
	clear(b.parts)
	b.parts, b.from = b.parts[:0], nil
	p.bundles = append(p.bundles, b)
}

// closePackers sends on all that is being packed.
func (p *Producer) closePackers() {
	if p.packed == 0 {
		return
	}
	for _, shard := range p.shards.open {
		if k := shard.packer; k != nil {
			p.closePacker(k)
		}
	}
}

// setApart marks the records whose time is over, so that they go alone from now on, and reports whether there are others.
func (b *bundle) setApart(now instant) (others bool) {
	for i := range b.parts {
		part := &b.parts[i]
		late := part.deadline != 0 && part.deadline <= now
		part.alone = part.alone || late
		others = others || !late
	}
	return others
}

// stray reports whether a part of an aggregate does not belong to the shard in which it has arrived.
func (b *bundle) stray(arrived *shardRange) bool {
	return slices.ContainsFunc(b.parts, func(r pending) bool {
		if r.ExplicitHashKey == "" {
			return !arrived.has(hashOf(r.PartitionKey))
		}
		key, _ := parseHashKey(r.ExplicitHashKey)
		return !arrived.has(key)
	})
}
