package producer

import "clickstream/kcl/aggregate"

// packer fills the aggregates of one shard.
type packer struct {
	open             *bundle
	serial           int // of the aggregate that is being filled
	shard            *shardRange
	places, explicit map[string]int // of the keys of records that have explicit hash keys, as far as they are in it
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
	room := limit - k.open.size
	return grows(r, room) <= room
}

// add adds a record whose key has that slot. A key whose slot another one had meanwhile is in the aggregate twice, which is as good.
func (k *packer) add(r *pending, slot *hashSlot) {
	b := k.open
	if slot == nil {
		b.add(r, k.place(&k.places, &b.keys, r.PartitionKey), k.place(&k.explicit, &b.hashKeys, r.ExplicitHashKey))
		return
	}
	if slot.in != k || slot.at != k.serial {
		slot.in, slot.at, slot.place = k, k.serial, int32(k.addKey(&b.keys, r.PartitionKey))
	}
	b.add(r, int(slot.place), -1)
}

// place returns the place of a key in its table, to which it is added if need be.
func (k *packer) place(places *map[string]int, keys *[]string, key string) int {
	at, ok := (*places)[key]
	if !ok {
		if *places == nil {
			*places = make(map[string]int)
		}
		at = k.addKey(keys, key)
		(*places)[key] = at
	}
	return at
}

// addKey adds a key to its table and returns its place.
func (k *packer) addKey(keys *[]string, key string) int {
	*keys = append(*keys, key)
	k.open.size += aggregate.KeySize(key)
	return len(*keys) - 1
}

// pack adds a record to the open aggregate of its shard where that is all there is to do, as it is for most: it is check and place for them,
// without their many questions.
func (p *Producer) pack(r *Record, done func(Result)) bool {
	slot := p.hashes.look(r.PartitionKey)
	if slot == nil || slot.in == nil || slot.at != slot.in.serial || r.ExplicitHashKey != "" || r.Data == nil || p.since == never {
		return false
	}
	b := slot.in.open
	n := len(b.parts)
	size := b.size + aggregate.RecordSize(int(slot.place), -1, len(r.Data))
	if n == cap(b.parts) || len(b.extras) > 0 || size > p.aggregateBytes {
		return false
	}
	b.size = size
	b.parts = b.parts[:n+1]
	last := &b.parts[n]
	last.data, last.done, last.key = r.Data, done, slot.place // one by one: a core waits where it reads in one piece what it wrote in several
	p.packed++
	return true
}

// packable reports whether a record may go into an aggregate at all.
func (p *Producer) packable(r *pending) bool {
	room := p.aggregateBytes - aggregate.EmptySize
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
		k = &packer{open: newBundle(0), shard: shard}
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
	b := k.open
	n := len(b.parts)
	if n == 0 {
		return
	}
	p.packed -= n
	e := entry{shard: k.shard}
	if n == 1 {
		e.one = b.pending(0)
		b.empty()
	} else {
		b.hashKey = p.hashKeyOf(b.record(0))
		b.from, b.serial = k, k.serial
		e.bundle, e.one.deadline = b, b.deadline()
		k.open = p.newBundle(n)
	}
	clear(k.places)
	clear(k.explicit)
	k.serial++
	p.dispatch(&e)
}

// hashKeyOf returns the explicit hash key that has the same effect as a record's keys.
func (p *Producer) hashKeyOf(r Record) string {
	if r.ExplicitHashKey != "" {
		return r.ExplicitHashKey
	}
	return p.hashes.key(r.PartitionKey).String()
}

// newBundle returns a bundle to be filled: one that is settled, or one with room for about as many records as the last one had.
func (p *Producer) newBundle(records int) *bundle {
	if n := len(p.bundles); n > 0 {
		b := p.bundles[n-1]
		p.bundles = p.bundles[:n-1]
		p.spare -= b.memory()
		return b
	}
	return newBundle(records + records/16)
}

// recycle keeps a bundle's memory for the next one, as long as all that is kept is less than the buffer may hold. It is called with the lock.
func (p *Producer) recycle(b *bundle) {
	if b == nil || p.spare+b.memory() > p.opt.BufferedBytes {
		return
	}
	if len(b.parts) > 0 {
		b.empty()
	}
	p.spare += b.memory()
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
