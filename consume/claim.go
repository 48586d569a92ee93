package consume

import (
	"context"
	"errors"
	"fmt"

	"clickstream/internal/delivery"
	"clickstream/internal/pause"
)

// claim settles what follows c.after: the batch b, unless another worker has said something else before.
func (c *chain) claim(ctx context.Context, b *batch) (agreed delivery.Claim, ours bool, err error) {
	proposal := c.proposal(b)
	limited, cancel := c.whileFresh(ctx, b)
	defer cancel()
	agreed, err = c.settle(limited, proposal)
	return agreed, agreed == proposal, err
}

// agree goes by what another worker has said before of what follows c.after.
func (c *chain) agree(claim delivery.Claim) {
	c.log.Infof("behind %s another worker has agreed on %s to %s, here lie %s to %s", c.after, claim.First, claim.End, c.batch.first(), c.batch.last())
	c.agreed = &claim
	if claim.First.Compare(c.batch.first()) > 0 {
		c.skipped = c.batch.before(claim.First)
		c.batch.drop(c.skipped)
	}
}

// proposal is the claim for the batch b.
func (c *chain) proposal(b *batch) delivery.Claim {
	first, end := b.first(), b.last()
	claim := delivery.Claim{First: first, End: end, Format: c.format, Compression: c.compression}
	claim.Key = c.template.Key(delivery.KeyFields{
		Application: c.application, Stream: c.stream, ShardID: c.shardID,
		First: first, End: end, Arrival: b.arrival(),
	})
	return claim
}

// settle files ours, and returns it or the one that is filed already.
func (c *chain) settle(ctx context.Context, ours delivery.Claim) (delivery.Claim, error) {
	body, err := ours.Encode()
	if err != nil {
		return delivery.Claim{}, fmt.Errorf("claim of what follows %s in %s: %w", c.after, c.shardID, err)
	}
	o := StoredObject{Key: delivery.ClaimKey(c.application, c.shardID, c.after), ContentType: "application/json", Body: body}
	for {
		err := c.store.Create(ctx, o)
		if err == nil {
			return ours, nil
		}
		if !errors.Is(err, ErrExists) {
			return delivery.Claim{}, err
		}
		theirs, err := c.follow(ctx)
		if !errors.Is(err, ErrNotFound) {
			return theirs, err
		}
		// It was there and is not: claims have a limited life, or somebody cleans up.
		if err := pause.For(ctx, firstWait); err != nil {
			return delivery.Claim{}, err
		}
	}
}

// readClaim returns what was claimed to follow c.after.
func (c *chain) readClaim(ctx context.Context) (delivery.Claim, StoredObject, error) {
	key := delivery.ClaimKey(c.application, c.shardID, c.after)
	o, err := c.store.Get(ctx, key)
	if err != nil {
		return delivery.Claim{}, o, err
	}
	claim, err := delivery.ParseClaim(o.Body)
	if err != nil {
		return delivery.Claim{}, o, fmt.Errorf("%s cannot be understood, so nothing can be stored behind it: %w", key, err)
	}
	if claim.First.Compare(c.after) <= 0 {
		return delivery.Claim{}, o, fmt.Errorf("%s leads backwards, to %s: nothing can be stored behind it", key, claim.First)
	}
	return claim, o, nil
}
