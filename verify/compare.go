package verify

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"clickstream/internal/delivery"
	"clickstream/kcl/deaggregate"
	"clickstream/kcl/multilang"
	"clickstream/properties"
)

// comparison reads a shard from its oldest record on, next to its chain of objects and gaps.
type comparison struct {
	*shardCheck
	hashKeys deaggregate.HashKeyRange

	next   int               // the object that records are expected in, of the chain
	gap    int               // the gap that they may be in, of the gaps
	tally  tally             // of the object's records
	oldest delivery.Position // the first record that the stream keeps
	last   delivery.Position // the newest that was read
	stray  gap               // records that are in neither
	before int64             // records before the place where the application began, though it was to begin with the oldest
}

// tally is what the stream has of one object.
type tally struct {
	digest   *delivery.Digest
	first    delivery.Position
	records  int
	rejected int
}

// compare reads the shard's records again and compares them with the chain, up to the checkpoint or the last object, whichever is
// later; of a shard that was processed to its end, all.
func (c *shardCheck) compare(ctx context.Context, shard *types.Shard) error {
	if len(c.chain) == 0 && len(c.gaps) == 0 && !c.ended && !c.strict {
		return nil // nothing was to be processed yet, as far as one can tell
	}
	hashKeys, err := deaggregate.ParseHashKeyRange(hashKeyRange(shard))
	if err != nil {
		return fmt.Errorf("shard %s: %w", c.result.ID, err)
	}
	m := &comparison{shardCheck: c, hashKeys: hashKeys}
	reader := m.reader("")
	for more := true; more; {
		records, err := reader.next(ctx)
		if err != nil {
			return err
		}
		more = len(records) > 0
		for i := range records {
			if more, err = m.record(ctx, &records[i]); err != nil {
				return err
			} else if !more {
				break
			}
		}
	}
	return m.finish(ctx)
}

func (m *comparison) reader(from string) *streamReader {
	return &streamReader{client: m.kinesis, stream: m.settings.StreamName, shard: m.result.ID, hashKeys: m.hashKeys, from: from}
}

// record takes the next record of the shard, and reports whether more are wanted.
func (m *comparison) record(ctx context.Context, r *multilang.Record) (more bool, err error) {
	p := position(r)
	if m.oldest.IsStart() {
		m.oldest = p
	}
	for m.next < len(m.chain) && m.chain[m.next].End.Compare(p) < 0 {
		if err := m.closeObject(ctx); err != nil {
			return false, err
		}
	}
	m.last = p
	if m.next < len(m.chain) && m.chain[m.next].First.Compare(p) <= 0 {
		m.tally.add(m.chain[m.next], p, r.Data)
		return true, nil
	}
	return m.outside(p), nil
}

func (t *tally) add(o *object, p delivery.Position, data []byte) {
	if t.digest == nil {
		t.digest, t.first = delivery.NewDigest(o.Format), p
	}
	apart := o.Records == 0 && o.Rejected > 0 // the store took no object so large
	if apart || delivery.Storable(o.Format, data) != nil {
		t.rejected++
		return
	}
	t.records++
	t.digest.Add(p, data)
}

// outside takes a record that is in no object, and reports whether more are wanted.
func (m *comparison) outside(p delivery.Position) (more bool) {
	g := m.gapAt(p)
	past := m.next == len(m.chain) && m.gap == len(m.gaps)
	switch {
	case g != nil:
		if m.strict || !g.after.IsStart() || g.first.Compare(p) <= 0 {
			g.count++
		}
	case past && m.unprocessed(p):
		m.behind = !m.ended
		return false
	case m.early(p):
		m.passOver()
	case m.stray.count == 0:
		m.stray = gap{after: p, end: p, count: 1}
	default:
		m.stray.end = p
		m.stray.count++
	}
	return true
}

// gapAt goes on to the gap that p may be in, and returns it if p is in it.
func (m *comparison) gapAt(p delivery.Position) *gap {
	for m.gap < len(m.gaps) && m.gaps[m.gap].end.Compare(p) < 0 {
		m.gap++
	}
	if m.gap < len(m.gaps) && m.gaps[m.gap].after.Compare(p) < 0 {
		return m.gaps[m.gap]
	}
	return nil
}

// early reports whether a record lies before the place where the application began.
func (m *comparison) early(p delivery.Position) bool {
	return m.next == 0 && m.gap == 0 && !m.strict && (m.begin.IsStart() || p.Compare(m.begin) <= 0)
}

// passOver notes a record before the place where the application began: nobody promised it, unless it was to begin with the oldest.
func (m *comparison) passOver() {
	if !m.begin.IsStart() && m.settings.InitialPositionInStream == properties.PositionTrimHorizon {
		m.before++
	}
}

// unprocessed reports whether a record behind all objects need not be in one.
func (m *comparison) unprocessed(p delivery.Position) bool {
	if m.ended {
		return len(m.chain)+len(m.gaps) == 0 && !m.strict // who knows where it began
	}
	return m.target.Compare(p) < 0
}

// closeObject compares what the stream has of the next object with it, and goes on to the one after.
func (m *comparison) closeObject(ctx context.Context) error {
	o, t := m.chain[m.next], m.tally
	m.next++
	m.tally = tally{}
	m.result.Compared += int64(t.records + t.rejected)
	trimmed := o.First.Compare(m.oldest) < 0 // its beginning at least
	switch {
	case t.digest == nil && (trimmed || m.oldest.IsStart()):
		return nil // the stream keeps nothing of it
	case t.digest == nil:
		o.problem = "holds records that the stream does not have, though it keeps older ones"
		o.twice = int64(o.Records)
		return nil
	case !trimmed && o.problem == "" && t.records == o.Records && t.digest.Sum() == o.Digest:
		if t.rejected != o.Rejected {
			o.problem = fmt.Sprintf("was stored with %d records rejected, the stream has %d such", o.Rejected, t.rejected)
		}
		return nil
	}
	return m.diff(ctx, o, t, trimmed)
}

// finish closes what is open at the end of what was read, and reports the gaps.
func (m *comparison) finish(ctx context.Context) error {
	for m.next < len(m.chain) {
		if err := m.closeObject(ctx); err != nil {
			return err
		}
	}
	for _, g := range m.gaps {
		m.reportGap(g, !m.oldest.IsStart() && m.oldest.Compare(g.end) <= 0)
	}
	m.reportBefore()
	if m.stray.count > 0 {
		m.wrong("", "%d records, the first %s, the last %s, are in no object", m.stray.count, m.stray.after, m.stray.end)
		m.result.Missing += m.stray.count
	}
	return nil
}

// reportBefore tells of records before the chain. A claim under the checkpoint that the chain begins with says that the application has
// begun there. A claim lasts longer than the records: without one, objects are gone and their claims with them.
func (m *comparison) reportBefore() {
	if m.before == 0 {
		return
	}
	if claimed, claims := m.found.claims[m.result.ID]; claims && claimed.Compare(m.begin) == 0 {
		m.notes = append(m.notes, fmt.Sprintf("shard %s: %d records that the stream keeps are before the checkpoint %s, where application %s began",
			m.result.ID, m.before, m.begin, m.settings.ApplicationName))
		return
	}
	m.wrong("", "%d records up to %s, where the objects begin, are in no object, and no claim says that the application began there", m.before, m.begin)
	m.result.Missing += m.before
}
