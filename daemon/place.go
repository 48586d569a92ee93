package daemon

import (
	"fmt"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/smithy-go/middleware"

	"clickstream/internal/leases"
)

// place is where in a shard reading goes on.
type place struct {
	stream  *stream
	shardID string
	start   position     // the checkpoint
	latest  *latestStart // where LATEST was
	seen    string       // how far the shard has been read; "" for not at all
}

// passed takes note of an answer. A subscription says how far it has come also where there are no records.
func (p *place) passed(a *answer) {
	p.latest.read(a.records)
	if n := len(a.records); n > 0 {
		p.seen = string(a.records[n-1].sequence)
	}
	if compareNumbers([]byte(p.seen), []byte(a.continuation)) < 0 {
		p.seen = a.continuation
	}
}

// starting returns the place after the last record read, or the checkpoint.
func (p *place) starting() (*types.StartingPosition, error) {
	switch {
	case p.seen != "":
		return &types.StartingPosition{Type: types.ShardIteratorTypeAfterSequenceNumber, SequenceNumber: &p.seen}, nil
	case p.start.sequence == leases.TrimHorizon:
		return &types.StartingPosition{Type: types.ShardIteratorTypeTrimHorizon}, nil
	case p.start.sequence == leases.AtTimestamp && p.stream.initialTime.IsZero():
		return nil, fmt.Errorf("%w: the lease of shard %s begins at %s; set initialPositionInStreamExtended to that time, as it was set "+
			"when the lease was created", leases.ErrForeign, p.shardID, leases.AtTimestamp)
	case p.start.sequence == leases.AtTimestamp:
		return &types.StartingPosition{Type: types.ShardIteratorTypeAtTimestamp, Timestamp: &p.stream.initialTime}, nil
	case p.start.sequence == leases.Latest:
		return p.latest.starting(), nil
	default:
		// As KCL does, at the checkpoint itself and not after it: it may lie within an aggregate, and a checkpoint that names no
		// sub-sequence number does, whatever it means, say 0. The records up to it are left out of the batches.
		return &types.StartingPosition{Type: types.ShardIteratorTypeAtSequenceNumber, SequenceNumber: &p.start.sequence}, nil
	}
}

// refused explains the error of a read that could not begin at a place that starting returned.
func (p *place) refused(at *types.StartingPosition, err error) error {
	if at.SequenceNumber == nil {
		return err
	}
	return leases.Refused(p.stream.label(), p.shardID, *at.SequenceNumber, err)
}

// begun takes note of a read that did begin there.
func (p *place) begun(at *types.StartingPosition, metadata middleware.Metadata) {
	if at.Type == types.ShardIteratorTypeLatest {
		p.latest.looked(metadata)
	}
}

// latestStart remembers where LATEST was when a shard without a checkpoint was first read. Everything from there on is to be
// processed: when the iterator expires or the child dies before its first checkpoint, LATEST asked for again would skip what came in
// between. (KCL does ask again. So does this daemon when it is itself started again.)
type latestStart struct {
	at    time.Time // by the service's clock
	first string    // the sequence number of the first record read since; "" for none yet
}

// starting returns the place that begins there.
func (l *latestStart) starting() *types.StartingPosition {
	switch {
	case l.first != "":
		return &types.StartingPosition{Type: types.ShardIteratorTypeAtSequenceNumber, SequenceNumber: &l.first}
	case !l.at.IsZero():
		return &types.StartingPosition{Type: types.ShardIteratorTypeAtTimestamp, Timestamp: &l.at}
	default:
		return &types.StartingPosition{Type: types.ShardIteratorTypeLatest}
	}
}

// looked takes note of the time of a read that begins at LATEST. The service's clock counts whole seconds, rounded down.
func (l *latestStart) looked(metadata middleware.Metadata) {
	at, known := awsmiddleware.GetServerTime(metadata)
	if !known {
		at = time.Now()
	}
	l.at = at
}

// read takes note of records read.
func (l *latestStart) read(records []wireRecord) {
	if l.first == "" && len(records) > 0 {
		l.first = string(records[0].sequence)
	}
}
