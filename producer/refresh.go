package producer

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// shardRefresh is the least time between two readings of the shards: ListShards is shared by everybody who uses the stream (1000 calls
// a second for all), and is of no use before the service has finished a split.
const shardRefresh = time.Second

// Shards returns the stream's open shards in the order of their hash keys, as far as they are known, and a number that changes with
// them. There are none unless an option needs them: Aggregate, ShardLimits or FollowShards.
//
// They are read again when an answer names a shard that is not among them, as happens after a split or a merge.
func (p *Producer) Shards() (shards []Shard, version int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shards == nil {
		return nil, 0
	}
	for _, shard := range p.shards.open {
		shards = append(shards, shard.Shard)
	}
	return shards, p.mappings
}

// ShardsVersion returns the number that Shards returns.
func (p *Producer) ShardsVersion() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.mappings
}

// unknown reports whether a shard should be looked up. It is called with the lock.
func (p *Producer) unknown(id string) bool {
	return p.shards != nil && p.shards.byID[id] == nil
}

// refresh has the shards read again. It is called with the lock.
func (p *Producer) refresh() {
	if p.refreshing || p.ctx.Err() != nil {
		return
	}
	p.refreshing = true
	wait := p.mappedAt + shardRefresh - p.now()
	p.group.Go(func() {
		random := rand.New(rand.NewPCG(p.opt.Seed, ^uint64(0)))
		for failures := 0; ; failures++ {
			if sleep(p.ctx, wait) != nil {
				return
			}
			err := p.readShards()
			if err == nil || p.ctx.Err() != nil {
				return
			}
			p.opt.Warn("shards", fmt.Errorf("list the shards: %w; going on with those known", err))
			p.mu.Lock()
			p.unmapped++
			p.mapped.Broadcast()
			p.mu.Unlock()
			wait = shardRefresh + pause(failures, random)
		}
	})
}

func (p *Producer) readShards() error {
	limited, cancel := context.WithTimeout(p.ctx, p.opt.RequestTimeout)
	defer cancel()
	name, arn := p.opt.ids()
	table, err := listShards(limited, p.opt.Client, name, arn)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mappedAt = p.now()
	p.mappings++
	p.refreshing = false
	p.adopt(table)
	p.mapped.Broadcast()
	p.work.Broadcast()
	return nil
}

// adopt goes over to another table of shards. What waits to be sent is predicted anew; aggregates for shards that have been closed are made
// anew. It is called with the lock.
func (p *Producer) adopt(table *shardTable) {
	if !p.predicts {
		p.shards = table
		return
	}
	p.closePackers()
	waiting := p.gather()
	p.shards = table
	p.hashes.forget()
	p.explicitHashes.forget()
	for i := range waiting {
		e := &waiting[i]
		switch {
		case e.bundle == nil:
			e.shard, _ = p.predict(&e.one)
			p.dispatch(e)
		case table.byID[e.shard.ID] != nil && table.byID[e.shard.ID].open:
			e.shard = table.byID[e.shard.ID]
			p.dispatch(e)
		default:
			p.unpack(e, false)
			p.recycle(e.bundle)
		}
	}
}

// shardTries is how often the shards are read, or cannot be, before one that an answer named is taken for unknown.
const shardTries = 3

// resolve returns the shard of an id, after reading the shards again if need be; nil when that does not find it.
func (p *Producer) resolve(id string) *shardRange {
	p.mu.Lock()
	defer p.mu.Unlock()
	for tries := 0; ; tries++ {
		if shard := p.shards.byID[id]; shard != nil || tries == shardTries || p.ctx.Err() != nil {
			return shard
		}
		p.refresh()
		for read, failed := p.mappings, p.unmapped; read == p.mappings && failed == p.unmapped && p.ctx.Err() == nil; {
			p.mapped.Wait()
		}
	}
}
