package producer

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"time"
)

// queue is what waits to be sent. All of it is used with the Producer's lock.
//
//	record ─► (lane) ─► (packer) ─► (shard's queue) ─► open batch ─► ready batches ─► sender
//	                                      ▲                                             │ refused
//	                                      └───────────────── retries ◄──────────────────┘
type queue struct {
	open  *batch  // being filled
	since instant // when the oldest thing came that is in the open batch or in a packer; never when there is none
	ready []*batch
	free  []*batch

	retries []retry // the next one first
	held    []*shardQueue
	byShard map[string]*shardQueue

	timer *time.Timer
	alarm instant // when the timer will wake the senders; never when it will not

	random *rand.Rand
}

// retry is entries that were refused and wait to be sent again.
type retry struct {
	due     instant
	entries []entry
}

// shardQueue is what a shard's allowance holds back.
type shardQueue struct {
	bucket  *bucket
	entries []entry
}

func newQueue(wake func(), seed uint64) queue {
	timer := time.AfterFunc(time.Hour, wake)
	timer.Stop()
	return queue{open: new(batch), since: never, alarm: never, timer: timer, byShard: make(map[string]*shardQueue), random: rand.New(rand.NewPCG(seed, 0))}
}

// wakeAt makes sure that the senders look for work at that time.
func (p *Producer) wakeAt(now, at instant) {
	if p.alarm == never || at < p.alarm {
		p.alarm = at
		p.timer.Reset(max(0, at-now))
	}
}

// begin starts the clock of what has come first.
func (p *Producer) begin() {
	if p.since != never {
		return
	}
	now := p.now()
	p.since = now
	p.wakeAt(now, now+p.opt.Linger)
}

// dispatch puts an entry in the open batch, or behind what its shard holds back.
func (p *Producer) dispatch(e *entry) {
	if !p.opt.ShardLimits || e.shard == nil {
		p.admit(e)
		return
	}
	now := p.now()
	q := p.shardQueue(e.shard.ID, now)
	if len(q.entries) == 0 && q.bucket.take(now, e.size()) {
		p.admit(e)
		return
	}
	if len(q.entries) == 0 {
		p.held = append(p.held, q)
	}
	q.entries = append(q.entries, *e)
	p.wakeAt(now, q.bucket.next(now))
}

func (p *Producer) shardQueue(id string, now instant) *shardQueue {
	q := p.byShard[id]
	if q == nil {
		q = &shardQueue{bucket: newBucket(p.limited, now)}
		p.byShard[id] = q
	}
	return q
}

// admit adds an entry to the open batch.
func (p *Producer) admit(e *entry) {
	if !p.open.fits(e, &p.opt) {
		p.seal()
	}
	p.open.add(e)
	if p.open.full(&p.opt) {
		p.seal()
		return
	}
	p.begin()
}

// seal makes the open batch a ready one.
func (p *Producer) seal() {
	p.ready = append(p.ready, p.open)
	p.open = p.newBatch()
	if p.packed == 0 {
		p.since = never
	}
	p.work.Signal()
}

func (p *Producer) newBatch() *batch {
	if n := len(p.free); n > 0 {
		b := p.free[n-1]
		p.free = p.free[:n-1]
		return b
	}
	return new(batch)
}

// postpone has refused entries sent again after a while: the longer, the more often they were.
func (p *Producer) postpone(refused []entry) {
	if len(refused) == 0 {
		return
	}
	const levels = 8
	var byAttempts [levels][]entry
	for i := range refused {
		level := min(int(refused[i].one.attempts), levels) - 1
		if p.opt.ShardLimits && refused[i].shard != nil {
			level = 0 // the shard's allowance sees to the rest
		}
		byAttempts[level] = append(byAttempts[level], refused[i])
	}
	now := p.now()
	for level, entries := range byAttempts {
		if len(entries) == 0 {
			continue
		}
		due := now + pause(level, p.random)
		i, _ := slices.BinarySearchFunc(p.retries, due, func(r retry, due instant) int { return cmp.Compare(r.due, due) })
		p.retries = slices.Insert(p.retries, i, retry{due, entries})
	}
	p.wakeAt(now, p.retries[0].due)
}

// revive sends on what was held back until now.
func (p *Producer) revive() {
	if len(p.retries) == 0 && len(p.held) == 0 {
		return
	}
	now := p.now()
	for len(p.retries) > 0 && p.retries[0].due <= now {
		entries := p.retries[0].entries
		p.retries = slices.Delete(p.retries, 0, 1)
		for i := range entries {
			p.dispatch(&entries[i])
		}
	}
	p.held = slices.DeleteFunc(p.held, func(q *shardQueue) bool {
		n := 0
		for n < len(q.entries) && q.bucket.take(now, q.entries[n].size()) {
			p.admit(&q.entries[n])
			n++
		}
		q.entries = slices.Delete(q.entries, 0, n)
		if len(q.entries) > 0 {
			p.wakeAt(now, q.bucket.next(now))
		}
		return len(q.entries) == 0
	})
	if len(p.retries) > 0 {
		p.wakeAt(now, p.retries[0].due)
	}
}

// next waits for the next batch. It returns nil when there will be none.
func (p *Producer) next(used *batch) *batch {
	p.mu.Lock()
	defer p.mu.Unlock()
	if used != nil {
		used.keep(0)
		p.free = append(p.free, used)
	}
	for {
		if p.ctx.Err() != nil {
			return nil
		}
		if p.revive(); len(p.ready) > 0 {
			return p.pop()
		}
		if p.overdue() {
			p.closePackers()
			if len(p.ready) == 0 && len(p.open.entries) > 0 {
				p.seal()
			}
			if len(p.ready) > 0 {
				return p.pop()
			}
			p.since = never // all of it is held back
		}
		if p.closed && p.buffered == 0 {
			return nil
		}
		p.work.Wait()
	}
}

// pop takes the first of the ready batches.
func (p *Producer) pop() *batch {
	b := p.ready[0]
	p.ready = slices.Delete(p.ready, 0, 1)
	if len(p.ready) > 0 {
		p.work.Signal()
	}
	return b
}

// overdue reports whether what is being gathered should wait no longer.
func (p *Producer) overdue() bool {
	if p.since == never {
		return false
	}
	if p.flushing > 0 || p.waiting > 0 || p.closed {
		return true
	}
	now := p.now()
	if due := p.since + p.opt.Linger; due > now {
		p.wakeAt(now, due)
		return false
	}
	return true
}

// gather takes all entries out of the queue.
func (p *Producer) gather() []entry {
	var all []entry
	for _, r := range p.retries {
		all = append(all, r.entries...)
	}
	for _, b := range append(p.ready, p.open) {
		all = append(all, b.entries...)
		b.keep(0)
		p.free = append(p.free, b)
	}
	for _, q := range p.byShard {
		all = append(all, q.entries...)
		q.entries = nil
	}
	p.retries, p.ready, p.held, p.open = nil, nil, nil, p.newBatch()
	p.since = never
	return all
}
