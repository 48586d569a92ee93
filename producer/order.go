package producer

import "slices"

// lane is what OrderByKey knows of a partition key that has a record on its way. The records behind it are parked, unless they can still
// go into the aggregate that it is in, for aggregates keep the order.
type lane struct {
	busy   bool
	in     *packer // where the record is being packed, if it is
	serial int     // the packer's at that time: as long as it has not changed, the aggregate is open
	parked []pending
}

// place sends a record on its way, or parks it. It is called with the lock.
func (p *Producer) place(r *pending) {
	if r.Data == nil {
		r.Data = []byte{}
	}
	if p.lanes == nil {
		p.route(r)
		return
	}
	l := p.lanes[r.PartitionKey]
	if l == nil {
		l = new(lane)
		p.lanes[r.PartitionKey] = l
	}
	if l.busy && !p.joins(l, r) {
		l.parked = append(l.parked, *r)
		return
	}
	p.enter(l, r)
}

// enter sends a record of the lane on its way.
func (p *Producer) enter(l *lane, r *pending) {
	l.busy = true
	l.in = p.route(r)
	if l.in != nil {
		l.serial = l.in.serial
	}
}

// joins reports whether a record can go into the aggregate in which the lane's last one is.
func (p *Producer) joins(l *lane, r *pending) bool {
	if l.in == nil || l.in.serial != l.serial || r.alone {
		return false
	}
	shard, _ := p.predict(r)
	return shard != nil && shard.packer == l.in && l.in.fits(r, p.aggregateBytes)
}

// leave lets the next record of a key go, the one on its way being settled. It is called with the lock.
func (p *Producer) leave(key string) {
	l := p.lanes[key]
	l.busy, l.in = false, nil
	for len(l.parked) > 0 && (!l.busy || p.joins(l, &l.parked[0])) {
		r := l.parked[0]
		l.parked[0] = pending{}
		l.parked = l.parked[1:]
		p.enter(l, &r)
	}
	if !l.busy {
		delete(p.lanes, key)
	}
}

// release lets the records behind a settled entry go. It is called with the lock.
func (p *Producer) release(e *entry) {
	switch {
	case p.lanes == nil:
	case e.bundle == nil:
		p.leave(e.one.PartitionKey)
	default:
		for i := range e.bundle.parts {
			key := e.bundle.record(i).PartitionKey
			if l := p.lanes[key]; l != nil && l.in == e.bundle.from && l.serial == e.bundle.serial {
				p.leave(key)
			}
		}
	}
}

// unpack sends the records of an aggregate on their way again, before those that wait behind them; alone, if so, outside of aggregates. It
// is called with the lock.
func (p *Producer) unpack(e *entry, alone bool) {
	part := func(i int) pending {
		r := e.bundle.pending(i)
		r.attempts += e.one.attempts
		r.unsure = r.unsure || e.one.unsure
		r.alone = r.alone || alone
		return r
	}
	if p.lanes == nil {
		for i := range e.bundle.parts {
			r := part(i)
			p.route(&r)
		}
		return
	}
	for i := range slices.Backward(e.bundle.parts) {
		r := part(i)
		l := p.lanes[r.PartitionKey]
		l.parked = slices.Insert(l.parked, 0, r)
	}
	p.release(e)
}
