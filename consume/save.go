package consume

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"clickstream/internal/delivery"
	"clickstream/internal/pause"
)

// save stores the batch's first n records as the claim says. They are all of its records, or the part that was delivered: the stream
// may have trimmed the others since they were claimed.
func (c *chain) save(ctx context.Context, b *batch, claim delivery.Claim, n int) error {
	o, err := c.encoder.encode(b, n, claim.Format, claim.Compression)
	if err != nil {
		return fmt.Errorf("object %s: %w", claim.Key, err)
	}
	for _, i := range o.rejected {
		if err := c.saveRejected(ctx, b, claim, rejected{i, delivery.Storable(claim.Format, b.record(i))}); err != nil {
			return err
		}
	}
	err = c.put(ctx, b, claim, n, o, len(o.rejected))
	if errors.Is(err, ErrTooLarge) {
		return c.saveApart(ctx, b, claim, n, err)
	}
	return err
}

// put stores the object of the batch's first n records, of which some lie under delivery.ErrorPrefix.
func (c *chain) put(ctx context.Context, b *batch, claim delivery.Claim, n int, o *object, apart int) error {
	meta := delivery.ObjectMetadata{
		Key: claim.Key, ShardID: c.shardID, Previous: c.after, First: b.first(), End: b.position(n - 1),
		Records: o.records, Rejected: apart, Digest: o.digest, Format: claim.Format, Compression: claim.Compression,
	}
	whole := meta.First == claim.First && meta.End == claim.End
	if !whole {
		c.log.Warnf("of the batch %s to %s only %s to %s was delivered; that part is stored as %s unless the whole is there",
			claim.First, claim.End, meta.First, meta.End, claim.Key)
	}
	stored := StoredObject{
		Key: claim.Key, ContentType: delivery.ContentType(claim.Format, claim.Compression), Metadata: meta.ToMap(), Body: o.body,
	}
	if claim.Compression == delivery.CompressionNone {
		stored.SHA256 = delivery.ContentOf(o.digest)
	}
	if err := c.create(ctx, stored, meta, whole); err != nil {
		return err
	}
	c.metrics.put(o.records, apart, b.dataSize(n, o), len(o.body))
	c.log.Debugf("%s holds %d records, %d bytes; %d rejected", claim.Key, o.records, len(o.body), apart)
	return nil
}

// create stores an object, or finds it stored with the very same records.
func (c *chain) create(ctx context.Context, o StoredObject, meta delivery.ObjectMetadata, whole bool) error {
	for {
		err := c.store.Create(ctx, o)
		if !errors.Is(err, ErrExists) {
			return err
		}
		there, err := c.store.Head(ctx, o.Key)
		if errors.Is(err, ErrNotFound) { // it was there and is not: somebody cleans up
			if err := pause.For(ctx, firstWait); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		return c.matches(ctx, there, o, meta, whole)
	}
}

// matches compares what is stored under our key with what was to be stored. Either may be a part of the batch: the stream may have
// trimmed its beginning, or, while a worker stood still, something in its midst.
func (c *chain) matches(ctx context.Context, there, o StoredObject, ours delivery.ObjectMetadata, whole bool) error {
	theirs, err := delivery.ParseMetadata(there.Metadata)
	switch {
	case err != nil:
		return fmt.Errorf("object %s exists and was not written by clickstream (%w): nothing is checkpointed; move it away", ours.Key, err)
	case theirs.First.Compare(ours.First) > 0:
		c.log.Errorf("records %s to before %s of %s are not stored: %s was stored without them, by a worker that the stream did not give them to",
			ours.First, theirs.First, c.shardID, ours.Key)
		return nil
	case !whole || theirs.Digest == ours.Digest:
		return nil
	}
	contained, err := c.contained(ctx, o, ours)
	if err != nil {
		return err
	}
	if !contained {
		return fmt.Errorf("object %s holds other records than the shard: %d with digest %s there, %d with digest %s here: nothing is checkpointed",
			ours.Key, theirs.Records, theirs.Digest, ours.Records, ours.Digest)
	}
	c.log.Warnf("%s holds %d records, of which %d were delivered here, in their order: the stream has trimmed the others",
		ours.Key, theirs.Records, ours.Records)
	return nil
}

// contained reports whether all records of o, in their order, are among those of the object that is stored under its key.
func (c *chain) contained(ctx context.Context, o StoredObject, ours delivery.ObjectMetadata) (bool, error) {
	there, err := c.store.Get(ctx, o.Key)
	if err != nil {
		return false, err
	}
	theirRecords, err := delivery.ReadObject(o.Key, ours.Format, ours.Compression, there.Body)
	if err != nil {
		return false, err
	}
	ourRecords, err := delivery.ReadObject(o.Key, ours.Format, ours.Compression, o.Body)
	if err != nil {
		return false, err
	}
	rest := ourRecords.Records
	for _, data := range theirRecords.Records {
		if len(rest) > 0 && bytes.Equal(rest[0], data) {
			rest = rest[1:]
		}
	}
	return len(rest) == 0, nil
}

// reportMissing says, of a batch of which nothing was delivered, whether it is stored or gone. Nothing can be done about it: the stream
// has trimmed the records, or begins anew at LATEST.
func (c *chain) reportMissing(ctx context.Context, claim delivery.Claim) error {
	_, err := c.store.Head(ctx, claim.Key)
	if errors.Is(err, ErrNotFound) {
		c.log.Errorf("records %s to %s of %s are gone: they were claimed for %s, which was never stored, and the stream no longer delivers them",
			claim.First, claim.End, c.shardID, claim.Key)
		return nil
	}
	return err
}
