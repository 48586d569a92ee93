package verify

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"clickstream/internal/awsclient"
	"clickstream/internal/delivery"
	"clickstream/internal/leases"
	"clickstream/properties"
)

// shardCheck verifies one shard.
type shardCheck struct {
	*verifier
	result   Shard
	findings []Finding
	notes    []string
	behind   bool // the stream has records that are not processed yet

	target delivery.Position // the checkpoint; start where there is none
	ended  bool              // processed to its end: every record must be there
	strict bool              // the chain begins with the shard's first record

	begin delivery.Position // the chain follows this
	chain []*object         // in order
	gaps  []*gap            // in order
}

// gap is a part of the shard that no object holds.
type gap struct {
	after, end delivery.Position // behind after, up to and with end
	first      delivery.Position // where its claim begins, start if there is no claim
	key        string            // the object that its claim names, "" if there is no claim
	count      int64             // records that the stream still keeps
}

func (v *verifier) newCheck(id string) *shardCheck {
	c := &shardCheck{verifier: v, result: Shard{ID: id}}
	lease, leased := v.leases[id]
	switch {
	case !leased:
		c.result.Checkpoint = "no lease"
		c.ended = v.cleanedUp(id)
	case lease.Checkpoint == leases.ShardEnd:
		c.result.Checkpoint, c.ended = leases.ShardEnd, true
	case lease.Checkpoint == leases.TrimHorizon, lease.Checkpoint == leases.Latest, lease.Checkpoint == leases.AtTimestamp:
		c.result.Checkpoint = "none"
	default:
		c.target = delivery.Position{Sequence: lease.Checkpoint, Sub: lease.CheckpointSub}
		c.result.Checkpoint = c.target.String()
	}
	return c
}

// cleanedUp reports whether a shard without a lease had one: the daemons delete the lease of a closed shard when its children have made
// progress.
func (v *verifier) cleanedUp(id string) bool {
	shard, known := v.shards[id]
	if known && (shard.SequenceNumberRange == nil || shard.SequenceNumberRange.EndingSequenceNumber == nil) {
		return false // open
	}
	if len(v.found.objects[id]) > 0 {
		return true
	}
	for childID, child := range v.shards {
		if aws.ToString(child.ParentShardId) == id || aws.ToString(child.AdjacentParentShardId) == id {
			lease, leased := v.leases[childID]
			// Where the application began at LATEST its first shards may be children of shards that it never read.
			if leased && lease.Checkpoint != leases.Latest && v.settings.InitialPositionInStream == properties.PositionTrimHorizon {
				return true
			}
		}
	}
	return false
}

func (c *shardCheck) wrong(object, format string, args ...any) {
	c.findings = append(c.findings, Finding{Shard: c.result.ID, Object: object, Problem: fmt.Sprintf(format, args...)})
}

func (c *shardCheck) run(ctx context.Context) error {
	objects := c.originals()
	if err := c.walk(ctx, objects); err != nil {
		return err
	}
	for _, o := range c.chain {
		c.result.Objects++
		c.result.Records += int64(o.Records)
		c.result.Bytes += o.size
		c.result.Rejected += int64(o.Rejected)
	}
	shard, kept := c.shards[c.result.ID]
	if kept {
		var err error
		if kept, err = c.fits(ctx); err != nil {
			return err
		}
	}
	if kept {
		if err := c.compare(ctx, &shard); err != nil {
			return err
		}
	} else {
		c.unkept()
	}
	c.reportBodies()
	c.checkRejected()
	return nil
}

// fits reports whether the checkpoint is a place in the stream's shard. If not, the stream was made anew: nothing that was stored came from
// it, and nothing that it holds will be processed.
func (c *shardCheck) fits(ctx context.Context) (bool, error) {
	if c.target.IsStart() {
		return true, nil
	}
	err := begin(ctx, c.kinesis, c.settings.StreamName, c.result.ID, c.target.Sequence)
	if errors.Is(err, leases.ErrForeign) {
		c.wrong("", "%v", err)
		return false, nil
	}
	if err != nil {
		return false, awsclient.Explain(err, "read shard "+c.result.ID)
	}
	return true, nil
}

// originals returns the shard's objects in order, without those that lie under another key than they were stored under.
func (c *shardCheck) originals() []*object {
	list := c.found.objects[c.result.ID]
	slices.SortFunc(list, func(a, b *object) int {
		if order := a.First.Compare(b.First); order != 0 {
			return order
		}
		return a.End.Compare(b.End)
	})
	there := map[string]bool{}
	for _, o := range list {
		there[o.key] = true
	}
	var originals []*object
	for _, o := range list {
		switch {
		case o.key == o.Key:
			originals = append(originals, o)
		case there[o.Key]:
			c.wrong(o.key, "is a copy of %s", o.Key)
			c.result.Twice += int64(o.Records)
		default:
			c.wrong(o.key, "lies there instead of %s, where it was stored", o.Key)
			there[o.Key] = true // a second copy is a copy
			originals = append(originals, o)
		}
	}
	return originals
}

// walk follows the objects from the first one to the checkpoint and notes gaps and overlaps.
func (c *shardCheck) walk(ctx context.Context, objects []*object) error {
	p := c.beginning(objects)
	c.begin, c.strict = p, p.IsStart() && c.settings.InitialPositionInStream == properties.PositionTrimHorizon
	for _, o := range objects {
		var err error
		if p, err = c.fill(ctx, p, o.Previous); err != nil {
			return err
		}
		if o.Previous.Compare(p) < 0 || o.First.Compare(p) <= 0 {
			c.wrong(o.key, "overlaps the objects before it: it follows %s, they reach to %s", o.Previous, p)
			c.result.Twice += int64(o.Records)
			continue
		}
		c.chain = append(c.chain, o)
		p = o.End
	}
	p, err := c.fill(ctx, p, c.target)
	if err != nil || !c.ended {
		return err
	}
	return c.fillEnd(ctx, p)
}

// beginning is what the chain follows: start, or a checkpoint that was there before the application's first object. A claim that is filed
// under an earlier position tells that objects are gone.
func (c *shardCheck) beginning(objects []*object) delivery.Position {
	claimed, claims := c.found.claims[c.result.ID]
	switch {
	case len(objects) == 0 && claims:
		return claimed
	case len(objects) == 0:
		return delivery.Position{}
	case claims && claimed.Compare(objects[0].Previous) < 0:
		return claimed
	}
	return objects[0].Previous
}

// fill notes what is missing between p and next, by the claims as far as there are any, and returns the position reached.
func (c *shardCheck) fill(ctx context.Context, p, next delivery.Position) (delivery.Position, error) {
	for p.Compare(next) < 0 {
		claim, err := c.bucket.claim(ctx, c.result.ID, p)
		if err != nil {
			return p, err
		}
		if claim == nil {
			c.gaps = append(c.gaps, &gap{after: p, end: next})
			return next, nil
		}
		c.gaps = append(c.gaps, &gap{after: p, end: claim.End, first: claim.First, key: claim.Key})
		p = claim.End
	}
	return p, nil
}

// fillEnd notes claims behind the last object of a shard that was processed to its end.
func (c *shardCheck) fillEnd(ctx context.Context, p delivery.Position) error {
	for {
		claim, err := c.bucket.claim(ctx, c.result.ID, p)
		if err != nil || claim == nil {
			return err
		}
		c.gaps = append(c.gaps, &gap{after: p, end: claim.End, first: claim.First, key: claim.Key})
		p = claim.End
	}
}

// unkept reports the gaps of a shard whose records the stream does not keep.
func (c *shardCheck) unkept() {
	for _, g := range c.gaps {
		c.reportGap(g, false)
	}
}

// reportGap reports a gap. Kept says that the stream keeps all records of it.
func (c *shardCheck) reportGap(g *gap, kept bool) {
	switch {
	case g.key != "" && g.count > 0:
		c.wrong(g.key, "is missing, and with it %d records from behind %s to %s", g.count, g.after, g.end)
	case g.key != "":
		c.wrong(g.key, "is missing, and with it the records from behind %s to %s", g.after, g.end)
	case g.count > 0:
		c.wrong("", "%d records from behind %s to %s are in no object", g.count, g.after, g.end)
	case kept:
		c.wrong("", "no object leads from %s to %s, though the stream has no records there", g.after, g.end)
		return
	default:
		c.wrong("", "no object leads from %s to %s", g.after, g.end)
	}
	c.result.Missing += max(g.count, 1)
}

// reportBodies reports objects whose bytes are not those that were stored.
func (c *shardCheck) reportBodies() {
	for _, o := range c.chain {
		if o.problem != "" {
			if !o.diffed && o.found < o.Records {
				o.missing = int64(o.Records - o.found)
			}
			c.wrong(o.key, "%s", o.problem)
			c.result.Missing += o.missing
			c.result.Twice += o.twice
		}
	}
}

// checkRejected looks that each object's rejected records lie where such records are put.
func (c *shardCheck) checkRejected() {
	stored := c.found.errors[c.result.ID]
	for _, o := range c.chain {
		from, _ := slices.BinarySearchFunc(stored, o.First, delivery.Position.Compare)
		to, exact := slices.BinarySearchFunc(stored, o.End, delivery.Position.Compare)
		if exact {
			to++
		}
		if there := max(to-from, 0); there < o.Rejected {
			c.wrong(o.key, "was stored with %d records rejected, but %d of them are not under %s", o.Rejected, o.Rejected-there, delivery.ErrorPrefix)
			c.result.Missing += int64(o.Rejected - there)
		}
	}
}

// hashKeyRange is the shard's, as ListShards has it.
func hashKeyRange(shard *types.Shard) (start, end string) {
	if shard.HashKeyRange == nil {
		return "", ""
	}
	return aws.ToString(shard.HashKeyRange.StartingHashKey), aws.ToString(shard.HashKeyRange.EndingHashKey)
}
