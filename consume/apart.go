package consume

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"

	"clickstream/internal/delivery"
	"clickstream/internal/exit"
)

// rejected is a record that goes under delivery.ErrorPrefix instead of into its batch's object.
type rejected struct {
	i      int // the batch's entry
	reason error
}

// saveApart stores the batch's first n records one by one, because the store has refused their object for its size, and an object
// without records in their place: so the shard's chain goes on, nothing is dropped, and nothing is tried for ever.
func (c *chain) saveApart(ctx context.Context, b *batch, claim delivery.Claim, n int, refusal error) error {
	c.log.Errorf("%v; its %d records are stored one by one under %s: lower maxBufferSize", refusal, n, delivery.ErrorPrefix)
	for i := range n {
		if err := c.saveRejected(ctx, b, claim, rejected{i, refusal}); err != nil {
			return err
		}
	}
	o, err := c.encoder.encodeNone(claim.Format, claim.Compression)
	if err != nil {
		return fmt.Errorf("object %s: %w", claim.Key, err)
	}
	return c.put(ctx, b, claim, n, o, n)
}

// dataSize is the size of the data of those of the first n records that are in their object.
func (b *batch) dataSize(n int, o *object) int {
	if o.records == 0 {
		return 0
	}
	size := b.entries[n-1].dataEnd - n*b.frame
	for _, i := range o.rejected {
		size -= len(b.record(i))
	}
	return size
}

// encodeNone makes the object of no records.
func (e *encoder) encodeNone(format, compression string) (*object, error) {
	e.body = e.body[:0]
	body, err := e.compress(e.body, compression)
	return &object{body: body, digest: delivery.NewDigest(format).Sum()}, err
}

// saveRejected puts a record where it can be found, with the reason.
func (c *chain) saveRejected(ctx context.Context, b *batch, claim delivery.Claim, r rejected) error {
	p, data := b.position(r.i), b.record(r.i)
	key := delivery.ErrorKey(c.application, c.shardID, p)
	metadata := map[string]string{
		"reason": ascii(r.reason.Error(), 300), "shard": c.shardID, "position": p.String(), "object": claim.Key,
		"arrival": time.UnixMilli(b.entries[r.i].arrival).UTC().Format(time.RFC3339Nano),
	}
	if partitionKey, kept := b.partitionKey(r.i); kept {
		metadata["partition-key"] = ascii(partitionKey, 500)
	}
	err := c.store.Create(ctx, StoredObject{Key: key, ContentType: "application/octet-stream", Body: data, Metadata: metadata})
	if errors.Is(err, ErrTooLarge) {
		return exit.With(exit.Usage, fmt.Errorf("record %s: the store does not take its %d bytes in an object of their own: %w", p, len(data), err))
	}
	if err != nil && !errors.Is(err, ErrExists) {
		return err
	}
	c.log.Warnf("record %s is stored as %s: %v", p, key, r.reason)
	return nil
}

// ascii quotes text for metadata, which S3 limits to ASCII and to 2 KB in all: what is longer than limit is cut and ends in "...".
func ascii(text string, limit int) string {
	quoted := strconv.QuoteToASCII(text)
	for len(quoted) > limit {
		_, size := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-size]
		quoted = strconv.QuoteToASCII(text + "...")
	}
	return quoted
}
