package producer

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"clickstream/internal/kinesiswire"
)

// Producer sends records to one stream. Any number of goroutines may use it. Make one with New, end it with Close.
type Producer struct {
	opt            Options
	maxRecord      int
	aggregateBytes int
	limited        bool // shards have fixed limits, as they do not in on-demand mode
	predicts       bool // the shard of each record is wanted
	plain          bool // the records of a shard are packed as they come, and there is nothing special about any
	started        time.Time
	pace           *pacer
	ctx            context.Context // of all requests
	cancel         context.CancelFunc
	group          sync.WaitGroup
	dialect        kinesiswire.Dialect

	mu    sync.Mutex
	work  sync.Cond // senders wait for something to send
	space sync.Cond // Put waits for room, Flush and Close for the buffer to be empty
	stats Stats

	buffered      int // records taken and not settled
	bufferedBytes int64
	waiting       int // calls of Put that wait for room
	flushing      int // calls of Flush
	closed        bool
	undelivered   error // what Close has returned

	queue
	hashes, explicitHashes *hashCache
	packed                 int // records in packers
	bundles                []*bundle
	spare                  int64            // the memory of bundles, in bytes
	lanes                  map[string]*lane // nil without OrderByKey

	shards     *shardTable
	mapped     sync.Cond // waits for shards to be read
	mappings   int       // how often they were
	unmapped   int       // how often they could not be
	mappedAt   instant
	refreshing bool
}

// New returns a Producer for a stream that is there. It asks for the stream's record size and mode, and for its shards, as far as the
// options need them; ctx is for these calls only. Close has to be called.
func New(ctx context.Context, options Options) (*Producer, error) {
	o, err := options.withDefaults()
	if err != nil {
		return nil, err
	}
	p := &Producer{
		opt: o, maxRecord: o.MaxRecordBytes, limited: true, predicts: o.Aggregate || o.ShardLimits, plain: o.Aggregate && !o.OrderByKey && o.TimeToLive == 0,
		started: time.Now(), pace: newPacer(o.RequestsPerSecond),
		hashes: newHashCache(hashOf),
		explicitHashes: newHashCache(func(digits string) hashKey {
			key, _ := parseHashKey(digits)
			return key
		}),
	}
	p.work.L, p.space.L, p.mapped.L = &p.mu, &p.mu, &p.mu
	p.stats.Shards = make(map[string]int64)
	if o.OrderByKey {
		p.lanes = make(map[string]*lane)
	}
	if err := p.look(ctx); err != nil {
		return nil, err
	}
	p.aggregateBytes = min(o.AggregateBytes, p.maxRecord-len(bundleKey))
	p.start()
	return p, nil
}

// look asks about the stream what has to be known of it.
func (p *Producer) look(ctx context.Context) error {
	name, arn := p.opt.ids()
	if p.maxRecord == 0 || p.opt.ShardLimits {
		out, err := p.opt.Client.DescribeStreamSummary(ctx, &kinesis.DescribeStreamSummaryInput{StreamName: name, StreamARN: arn})
		if err != nil {
			return fmt.Errorf("producer: look at the stream: %w", err)
		}
		summary := out.StreamDescriptionSummary
		if summary == nil {
			return errors.New("producer: the answer describes no stream")
		}
		p.limited = summary.StreamModeDetails == nil || summary.StreamModeDetails.StreamMode != types.StreamModeOnDemand
		if p.maxRecord == 0 {
			p.maxRecord = RecordLimit(summary)
		}
	}
	if p.opt.needsShards() {
		table, err := listShards(ctx, p.opt.Client, name, arn)
		if err != nil {
			return fmt.Errorf("producer: list the shards: %w", err)
		}
		p.shards, p.mappedAt = table, p.now()
	}
	return nil
}

// RecordLimit returns how large a record may be that the stream takes, data and partition key, in bytes.
func RecordLimit(summary *types.StreamDescriptionSummary) int {
	if kib := aws.ToInt32(summary.MaxRecordSizeInKiB); kib > 0 {
		return int(kib) << 10
	}
	return usualRecord
}

// start starts the senders.
func (p *Producer) start() {
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.queue = newQueue(p.wake, p.opt.Seed)
	if p.opt.JSON {
		p.dialect.JSON()
	}
	for i := range p.opt.InFlight {
		s := &sender{Producer: p, random: rand.New(rand.NewPCG(p.opt.Seed, uint64(i)+1)), call: kinesiswire.NewCall(&p.dialect)}
		s.maker.most = int(p.opt.BufferedBytes / int64(p.opt.InFlight))
		p.group.Go(s.run)
	}
}

func (p *Producer) now() instant { return time.Since(p.started) }

// wake makes the senders look for work again.
func (p *Producer) wake() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.alarm = never
	p.work.Broadcast()
}

// Put takes a record to be sent. It waits while the buffer is full, until ctx ends. An error says that the record was not taken: it is the
// context's, ErrClosed, or a *RecordError. Of a record that was taken done is told once what became of it, nil if nobody wants to know.
//
// done is called by the goroutine that made the request, before the next request that it makes: it must return soon, and must not wait for
// this Producer (Put, PutSync, Flush, Close).
func (p *Producer) Put(ctx context.Context, r Record, done func(Result)) error {
	p.mu.Lock()
	if p.plain && !p.closed && p.room(r.size()) && p.pack(&r, done) {
		p.took(r.size())
		p.mu.Unlock()
		return nil
	}
	defer p.mu.Unlock()
	if err := r.check(p.maxRecord); err != nil {
		return err
	}
	if !p.room(r.size()) && !p.closed {
		if err := p.waitForRoom(ctx, r.size()); err != nil {
			return err
		}
	}
	if p.closed {
		return ErrClosed
	}
	p.took(r.size())
	p.place(&pending{Record: r, done: done, deadline: p.deadline()})
	return nil
}

// took counts a record.
func (p *Producer) took(size int) {
	p.buffered++
	p.bufferedBytes += int64(size)
	p.stats.Accepted++
}

// deadline returns when the time of a record is over that comes now.
func (p *Producer) deadline() instant {
	if p.opt.TimeToLive == 0 {
		return 0
	}
	return p.now() + p.opt.TimeToLive
}

func (p *Producer) room(size int) bool {
	return p.buffered == 0 || p.buffered < p.opt.BufferedRecords && p.bufferedBytes+int64(size) <= p.opt.BufferedBytes
}

// waitForRoom waits, with the lock, until there is room, the Producer is closed, or ctx ends.
func (p *Producer) waitForRoom(ctx context.Context, size int) error {
	p.waiting++
	defer func() { p.waiting-- }()
	p.work.Signal() // nothing more comes until something has gone
	return p.until(ctx, func() bool { return p.closed || p.room(size) })
}

// until waits, with the lock, for a condition that changes of space announce. It returns nil, or the context's error.
func (p *Producer) until(ctx context.Context, is func() bool) error {
	stop := context.AfterFunc(ctx, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.space.Broadcast()
	})
	defer stop()
	for !is() {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		p.space.Wait()
	}
	return nil
}

// PutSync takes a record and waits for what becomes of it. The error is Put's, the Result's, or the context's; after the last the record
// may still be delivered.
func (p *Producer) PutSync(ctx context.Context, r Record) (Result, error) {
	results := make(chan Result, 1)
	if err := p.Put(ctx, r, func(result Result) { results <- result }); err != nil {
		return Result{Record: r, Err: err}, err
	}
	select {
	case result := <-results:
		return result, result.Err
	case <-ctx.Done():
		return Result{Record: r, Err: ctx.Err()}, ctx.Err()
	}
}

// Flush sends what is there without waiting for more, and returns when every record is settled, or with the context's error. While others
// go on to call Put, it waits for their records too.
func (p *Producer) Flush(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.flushing++
	defer func() { p.flushing-- }()
	p.work.Broadcast()
	return p.until(ctx, func() bool { return p.buffered == 0 })
}

// Close takes no more records, and waits until those taken are settled. When ctx ends before that it gives up the others: their results wrap
// ErrUndelivered, and the error is an *UndeliveredError. Afterwards nothing of the Producer is at work. A second Close has nothing to do, and
// returns the first one's error.
func (p *Producer) Close(ctx context.Context) error {
	p.mu.Lock()
	p.closed = true
	p.work.Broadcast()
	p.space.Broadcast()
	_ = p.until(ctx, func() bool { return p.buffered == 0 })
	p.mu.Unlock()
	p.cancel()
	p.mu.Lock()
	p.work.Broadcast()
	p.mapped.Broadcast()
	p.mu.Unlock()
	p.group.Wait()
	p.abandon() //nolint:contextcheck // it makes no calls
	p.timer.Stop()
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := p.stats.Undelivered; n > 0 && p.undelivered == nil {
		p.undelivered = &UndeliveredError{Records: n, Cause: context.Cause(ctx)}
	}
	return p.undelivered
}

// abandon gives up what no sender has taken.
func (p *Producer) abandon() {
	p.mu.Lock()
	p.closePackers()
	left := p.gather()
	for _, l := range p.lanes {
		for i := range l.parked {
			left = append(left, entry{one: l.parked[i]})
		}
		l.parked = nil
	}
	p.lanes = nil
	p.mu.Unlock()
	s := &sender{Producer: p}
	b := &batch{entries: left}
	s.giveUp(b, nil)
	s.commit()
}
