package consume

import (
	"context"
	"errors"
	"fmt"
	"time"

	"clickstream/internal/delivery"
	"clickstream/kcl"
)

// processor serves one shard: it turns the daemon's calls into steps of a chain.
type processor struct {
	// open prepares what the shard's chain needs; it is called once, when the shard is known.
	open  func(ctx context.Context, shardID string) (*chain, error)
	ready func() // optional; called when the process can take records
	chain *chain
}

var _ interface {
	kcl.Processor
	kcl.ShutdownRequester
	kcl.Borrower
} = (*processor)(nil)

// BorrowsRecords implements kcl.Borrower: the batch copies what it keeps.
func (p *processor) BorrowsRecords() bool { return true }

// Initialize implements kcl.Processor.
func (p *processor) Initialize(ctx context.Context, in *kcl.InitializeInput) error {
	if p.chain != nil {
		return errors.New("the daemon has initialized this process twice")
	}
	position, err := startingPosition(in)
	if err != nil {
		return err
	}
	c, err := p.open(ctx, in.ShardID)
	if err != nil {
		return err
	}
	c.after, c.seen, c.heard = position, position, time.Now()
	c.log.Infof("shard %s of stream %s: records behind %s (%s) go on", c.shardID, c.stream, position, in.SequenceNumber)
	p.chain = c
	if p.ready != nil {
		p.ready()
	}
	return nil
}

// startingPosition is the end of the last batch that was checkpointed, or start. All that begin without a checkpoint begin at start, be
// it with the oldest record, the next one, or those behind a time: so they agree on one beginning.
func startingPosition(in *kcl.InitializeInput) (delivery.Position, error) {
	switch in.SequenceNumber {
	case kcl.TrimHorizon, kcl.Latest, kcl.AtTimestamp:
		return delivery.Position{}, nil
	}
	position := delivery.Position{Sequence: in.SequenceNumber, Sub: in.SubSequenceNumber}
	if err := position.Check(); err != nil {
		return delivery.Position{}, fmt.Errorf("checkpoint of shard %s: %w", in.ShardID, err)
	}
	return position, nil
}

// ProcessRecords implements kcl.Processor.
func (p *processor) ProcessRecords(ctx context.Context, in *kcl.ProcessRecordsInput) error {
	done, err := p.chain.listen()
	if err != nil {
		return err
	}
	defer done()
	p.chain.metrics.delivered(len(in.Records), in.MillisBehindLatest)
	more := in.MillisBehindLatest != nil && *in.MillisBehindLatest > 0
	return p.chain.take(ctx, in.Records, in.Checkpointer, more)
}

// LeaseLost implements kcl.Processor: what is not stored is the next worker's.
func (p *processor) LeaseLost(context.Context, *kcl.LeaseLostInput) error {
	p.chain.log.Infof("lease lost; %d records that were not stored are dropped, the next worker reads them again", p.chain.lose())
	return nil
}

// close waits for the end of what the last message has left running. It is called when the context of the calls has ended.
func (p *processor) close() {
	if p.chain != nil {
		p.chain.abandon()
		p.chain.pilot.Wait()
	}
}

// ShardEnded implements kcl.Processor.
func (p *processor) ShardEnded(ctx context.Context, in *kcl.ShardEndedInput) error {
	if _, err := p.chain.listen(); err != nil {
		return err
	}
	if err := p.chain.end(ctx, in.Checkpointer.Checkpoint); err != nil {
		return err
	}
	p.chain.log.Info("the shard has ended and all its records are stored")
	return nil
}

// ShutdownRequested implements kcl.ShutdownRequester: what can be stored is. Where another worker has agreed on a batch that goes on
// behind what was delivered, it is left to the next one.
func (p *processor) ShutdownRequested(ctx context.Context, in *kcl.ShutdownRequestedInput) error {
	done, err := p.chain.listen()
	if err != nil {
		return err
	}
	defer done()
	if err := p.chain.advance(ctx, in.Checkpointer, now, stored); err != nil {
		return err
	}
	p.chain.log.Infof("shutdown requested: all is stored up to %s, %d records are left for the next worker", p.chain.after, p.chain.batch.len())
	return nil
}
