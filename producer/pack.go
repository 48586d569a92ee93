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
	bytes   int64
	serial  int // of the aggregate that is being filled
}

// fits reports whether a record can go into the aggregate that is being filled, of at most limit bytes.
func (k *packer) fits(r *pending, limit int) bool {
	return k.builder.Size()+aggregate.Most(r.PartitionKey, r.ExplicitHashKey, r.Data) <= limit
}

// packable reports whether a record may go into an aggregate at all.
func (p *Producer) packable(r *pending) bool {
	const frame = 4 + md5.Size
	return !r.alone && frame+aggregate.Most(r.PartitionKey, r.ExplicitHashKey, r.Data) <= p.aggregateBytes
}

// predict returns the shard that a record will come to, nil when that is not known or needed.
func (p *Producer) predict(r *pending) *shardRange {
	if !p.predicts {
		return nil
	}
	return p.shards.predict(p.hash(r))
}

func (p *Producer) hash(r *pending) hashKey {
	if r.ExplicitHashKey != "" {
		return p.explicitHashes.get(r.ExplicitHashKey)
	}
	return p.hashes.get(r.PartitionKey)
}

// route packs a record, and returns where, or sends it on by itself. It is called with the lock.
func (p *Producer) route(r pending) *packer {
	shard := p.predict(&r)
	if !p.opt.Aggregate || shard == nil || !p.packable(&r) {
		p.dispatch(entry{one: r, shard: shard})
		return nil
	}
	k := shard.packer
	if k == nil {
		k = &packer{shard: shard}
		shard.packer = k
	}
	if !k.fits(&r, p.aggregateBytes) {
		p.closePacker(k)
	}
	k.builder.Add(r.PartitionKey, r.ExplicitHashKey, r.Data)
	k.parts = append(k.parts, r)
	k.bytes += int64(r.size())
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
	k.bytes = 0
	k.serial++
	p.dispatch(e)
}

// bundle makes the aggregate of what was packed.
func (p *Producer) bundle(k *packer) *bundle {
	b := &bundle{}
	if n := len(p.bundles); n > 0 {
		b, p.bundles = p.bundles[n-1], p.bundles[:n-1]
	}
	first := &k.parts[0]
	b.hashKey = first.ExplicitHashKey
	if b.hashKey == "" {
		b.hashKey = p.hash(first).String()
	}
	b.data = k.builder.AppendTo(b.data[:0])
	b.parts, k.parts = k.parts, b.parts[:0]
	b.bytes, b.from, b.serial = k.bytes, k, k.serial
	return b
}

// recycle keeps a bundle's memory for the next one. It is called with the lock.
func (p *Producer) recycle(b *bundle) {
	const most = 512
	if b == nil || len(p.bundles) >= most {
		return
	}
	clear(b.parts)
	b.parts = b.parts[:0]
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
