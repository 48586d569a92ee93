package producer

import "time"

// notes are what a sender has done and not yet written down: it takes the lock once a request.
type notes struct {
	Stats // what is to be added

	records   int // settled
	bytes     int64
	settled   []entry // settled ones with memory or lanes to be released
	refused   []entry // to be sent again
	strays    []entry // aggregates to be unpacked and sent again
	parted    []entry // aggregates of which some records are too old, to be unpacked
	throttled []*shardRange
}

// delivered counts an entry that Kinesis has.
func (n *notes) delivered(t *tally, shard string) {
	if n.Shards == nil {
		n.Shards = make(map[string]int64)
	}
	n.KinesisRecords++
	n.Shards[shard] += int64(t.records)
	n.DeliveredBytes += t.data
	n.MaybeTwice += t.unsure
}

// settle tells the user what became of the records of an entry.
func (s *sender) settle(e *entry, shard, sequence string, err error) {
	t := e.settle(shard, sequence, err)
	if err == nil {
		s.note.delivered(&t, shard)
	}
	s.note.records += t.records
	s.note.bytes += t.bytes
	if e.bundle != nil || s.opt.OrderByKey {
		s.note.settled = append(s.note.settled, *e)
	}
	if e.bundle != nil && !s.opt.OrderByKey {
		e.bundle.empty() // here, without the lock; lanes still have to be found by its keys
	}
}

// commit writes the notes down, lets the records go that waited for the settled ones, and puts what is to be sent again in the queue.
func (s *sender) commit() {
	n := &s.note
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count(n)
	for i := range n.settled {
		s.release(&n.settled[i])
		s.recycle(n.settled[i].bundle)
	}
	for i := range n.strays {
		s.stats.Strayed += int64(n.strays[i].records())
		s.unpack(&n.strays[i], true)
		s.recycle(n.strays[i].bundle)
	}
	for i := range n.parted {
		s.unpack(&n.parted[i], false)
		s.recycle(n.parted[i].bundle)
	}
	for _, shard := range n.throttled {
		now := s.now()
		s.shardQueue(shard.ID, now).bucket.refused(now)
	}
	s.postpone(n.refused)
	s.buffered -= n.records
	s.bufferedBytes -= n.bytes
	if n.records > 0 && (s.waiting > 0 || s.buffered == 0) {
		s.space.Broadcast()
	}
	if s.closed && s.buffered == 0 {
		s.work.Broadcast()
	}
	n.clear()
}

// count adds to the Stats.
func (p *Producer) count(n *notes) {
	to := &p.stats
	for shard, records := range n.Shards {
		to.Delivered += records
		to.Shards[shard] += records
		if p.unknown(shard) {
			p.refresh()
		}
	}
	if len(n.Shards) > 0 {
		to.LastDelivery = time.Now()
	}
	if to.FirstRequest.IsZero() || !n.FirstRequest.IsZero() && n.FirstRequest.Before(to.FirstRequest) {
		to.FirstRequest = n.FirstRequest
	}
	for _, sum := range []struct {
		to *int64
		n  int64
	}{
		{&to.DeliveredBytes, n.DeliveredBytes},
		{&to.Failed, n.Failed},
		{&to.Expired, n.Expired},
		{&to.Undelivered, n.Undelivered},
		{&to.Requests, n.Requests},
		{&to.FailedRequests, n.FailedRequests},
		{&to.Attempts, n.Attempts},
		{&to.Retried, n.Retried},
		{&to.Throttled, n.Throttled},
		{&to.Refused, n.Refused},
		{&to.Lost, n.Lost},
		{&to.Uncertain, n.Uncertain},
		{&to.MaybeTwice, n.MaybeTwice},
		{&to.KinesisRecords, n.KinesisRecords},
	} {
		*sum.to += sum.n
	}
}

// clear empties the notes and keeps their memory.
func (n *notes) clear() {
	shards := n.Shards
	clear(shards)
	clear(n.settled)
	clear(n.refused)
	clear(n.strays)
	clear(n.parted)
	*n = notes{
		Stats: Stats{Shards: shards}, settled: n.settled[:0], refused: n.refused[:0], strays: n.strays[:0], parted: n.parted[:0],
		throttled: n.throttled[:0],
	}
}
