package produce

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"unicode/utf16"
	"unicode/utf8"

	"clickstream/internal/click"
)

// generatorSource makes random clicks, dealt out evenly to the open shards.
type generatorSource struct {
	clicks *click.Generator
	shards *shardMap
	left   int64 // clicks to make; less than 0 is without end
	warn   func(key string, text error)
}

func (g *generatorSource) fill(ctx context.Context, b *batch) error {
	if g.shards.due() {
		if err := g.shards.refresh(ctx); err != nil && ctx.Err() == nil {
			g.warn("shards", fmt.Errorf("list the shards of stream %s: %w; going on with those known", g.shards.target.name, err))
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	for g.left != 0 && !b.full() {
		next := g.clicks.Next()
		r := record{data: next.JSON, key: next.Key, hashKey: g.shards.key()}
		if !b.fits(&r) {
			break
		}
		b.add(r)
		g.left--
	}
	if g.left == 0 {
		return io.EOF
	}
	return nil
}

// partitionKey returns the partition key for a resource: the resource itself, or its SHA-256 in hexadecimal when Kinesis does not
// take it, because it is empty or longer than 256 characters. Characters are counted as UTF-16 does, which never counts
// fewer than any other way of counting.
func partitionKey(resource string) string {
	if resource != "" && (len(resource) <= maxKeyLength || utf16Length(resource) <= maxKeyLength) {
		return resource
	}
	sum := sha256.Sum256([]byte(resource))
	return hex.EncodeToString(sum[:])
}

func utf16Length(s string) int {
	n := utf8.RuneCountInString(s)
	for _, r := range s {
		if utf16.RuneLen(r) == 2 {
			n++
		}
	}
	return n
}
