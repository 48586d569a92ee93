package kinesis

import (
	"context"
	"io"
	"time"

	"clickstream/emulator/internal/wire"
)

const (
	subscriptionLife  = 5 * time.Minute
	subscriptionGuard = 5 * time.Second // during which no other subscription may take its place
	heartbeat         = 5 * time.Second // between events when there are no records
	mostPushedBytes   = 2 << 20         // of data in one event
	pushedBytes       = 2 << 20         // a second, where there are limits
)

// subscription pushes a shard's records to a consumer. What changes in it is guarded by its stream's lock, and of its methods Next
// and Close are called by one goroutine, that of the reply.
type subscription struct {
	service  *Service
	stream   *stream
	consumer *consumer
	shard    *shard
	ends     time.Time

	next uint64    // index of the first record to push
	beat time.Time // when an event is due, with records or without
	paid time.Time // when, with limits, the next records may be pushed

	over    chan struct{} // closed when somebody else ended the subscription
	because error         // why
}

// latestSubscription is the last one of a consumer and a shard.
type latestSubscription struct {
	began time.Time
	live  *subscription // nil once it ended
}

// subscribe makes a subscription the consumer's only one of its shard.
func (c *consumer) subscribe(made *subscription, st *stream, now time.Time) error {
	latest, ok := c.latest[made.shard.number]
	inUse := wire.Errorf("ResourceInUseException", "Another active subscription exists for this consumer: %s:%s:%s:%s",
		st.scope.Account, st.name, made.shard.id, c.name)
	if ok && now.Sub(latest.began) < subscriptionGuard {
		return inUse
	}
	if latest.live != nil {
		latest.live.stop(inUse)
	}
	c.latest[made.shard.number] = latestSubscription{began: now, live: made}
	return nil
}

// stop ends all subscriptions of a consumer.
func (c *consumer) stop(because error) {
	for _, latest := range c.latest {
		if latest.live != nil {
			latest.live.stop(because)
		}
	}
}

func (sub *subscription) stop(because error) {
	if sub.because == nil {
		sub.because = because
		close(sub.over)
	}
}

// Close lets go of the stream.
func (sub *subscription) Close() {
	sub.stream.mu.Lock()
	defer sub.stream.mu.Unlock()
	latest := sub.consumer.latest[sub.shard.number]
	if latest.live == sub {
		latest.live = nil
		sub.consumer.latest[sub.shard.number] = latest
	}
}

// Next waits for records, for the time to say that there are none, or for the end.
func (sub *subscription) Next(ctx context.Context) (string, any, error) {
	for {
		advanced := sub.service.options.Clock.Advanced()
		now := sub.service.now()
		event, wait, err := sub.take(now)
		if err != nil {
			return "", nil, err
		}
		if event != nil {
			return "SubscribeToShardEvent", event, nil
		}
		timer := time.NewTimer(wait.until.Sub(now))
		select {
		case <-wait.records:
		case <-sub.over:
		case <-timer.C:
		case <-advanced:
		case <-sub.service.closed:
		case <-ctx.Done():
		}
		timer.Stop()
		if ctx.Err() != nil {
			return "", nil, ctx.Err()
		}
	}
}

// wait says for what a subscription waits that has nothing to push.
type wait struct {
	records <-chan struct{} // closed when the shard changes
	until   time.Time
}

// take returns the next event, or for what to wait.
func (sub *subscription) take(now time.Time) (*SubscribeToShardEvent, wait, error) {
	st, one := sub.stream, sub.shard
	st.mu.Lock()
	if err := sub.ended(now); err != nil {
		st.mu.Unlock()
		return nil, wait{}, err
	}
	first := max(sub.next, one.horizon(st.horizon(now)))
	if first == one.records.next() {
		defer st.mu.Unlock()
		event, pause := sub.idle(first, now)
		return event, pause, nil
	}
	if now.Before(sub.paid) {
		st.mu.Unlock()
		return nil, wait{until: sub.earliest(sub.paid)}, nil
	}
	pieces := one.records.view(first, mostReadRecords+1) // one more, to know when it arrived
	st.mu.Unlock()
	return sub.push(first, pieces, now), wait{}, nil
}

// ended returns why the subscription is over, or nil while it is not.
func (sub *subscription) ended(now time.Time) error {
	switch status := sub.stream.status(now); {
	case sub.because != nil:
		return sub.because
	case status == "" || status == statusDeleting:
		return notFound(streamKey{sub.stream.scope, sub.stream.name})
	case sub.service.isClosed() || !now.Before(sub.ends):
		return io.EOF
	}
	return nil
}

// push makes an event of records.
func (sub *subscription) push(first uint64, pieces []block, now time.Time) *SubscribeToShardEvent {
	place, following := sub.service.reuse.readRecords(sub.shard, first, pieces, mostReadRecords, mostPushedBytes)
	records := place.records
	last := records[len(records)-1].SequenceNumber
	event := &SubscribeToShardEvent{Records: records, ContinuationSequenceNumber: &last, room: place}
	if following != 0 {
		event.MillisBehindLatest = max(1, now.UnixMilli()-following)
	}
	sub.next = first + uint64(len(records))
	sub.beat = now.Add(heartbeat)
	if sub.service.options.Throttle {
		size := 0
		for i := range records {
			size += len(records[i].Data)
		}
		sub.paid = now.Add(time.Duration(size) * time.Second / pushedBytes)
	}
	return event
}

// idle returns an event without records, if it is time for one or the shard is at its end, or for what to wait.
func (sub *subscription) idle(next uint64, now time.Time) (*SubscribeToShardEvent, wait) {
	sub.next = next
	one := sub.shard
	if !one.isOpen() {
		sub.ends = now // nothing follows
		return &SubscribeToShardEvent{Records: []Record{}, ChildShards: one.describeChildren()}, wait{}
	}
	if now.Before(sub.beat) {
		return nil, wait{one.change(), sub.earliest(sub.beat)}
	}
	sub.beat = now.Add(heartbeat)
	passed := one.sequence(next-1, now.UnixMilli()).afterwards()
	return &SubscribeToShardEvent{Records: []Record{}, ContinuationSequenceNumber: &passed}, wait{}
}

func (sub *subscription) earliest(t time.Time) time.Time {
	if sub.ends.Before(t) {
		return sub.ends
	}
	return t
}
