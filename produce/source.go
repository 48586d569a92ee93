package produce

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"unicode/utf16"
	"unicode/utf8"

	"clickstream/internal/click"
	"clickstream/producer"
)

// source gives the records to be sent.
type source interface {
	// run gives records to the outlet until there are no more (nil), ctx ends (nil), or something goes wrong.
	run(ctx context.Context, to *outlet) error
}

// generatorSource makes random clicks, dealt out evenly to the open shards by explicit hash keys, so that every shard gets as many as the
// others, whatever their number and however unequal their hash key ranges. After a split or a merge the old hash keys still lead to
// shards, only not evenly, until the new ones are known.
type generatorSource struct {
	clicks *click.Generator
	left   int64 // clicks to make; less than 0 is without end

	version int
	keys    []string // one hash key inside each open shard's range
	turn    int
}

// lookEvery is how many clicks are dealt out between two looks at whether there are other shards now.
const lookEvery = 64

func (g *generatorSource) run(ctx context.Context, to *outlet) error {
	for n := 0; g.left != 0 && ctx.Err() == nil; n++ {
		if n%lookEvery == 0 {
			g.look(to.producer)
		}
		next := g.clicks.Next()
		if err := to.put(producer.Record{PartitionKey: next.Key, ExplicitHashKey: g.key(), Data: next.JSON}, 0); err != nil {
			return err
		}
		g.left--
	}
	return nil
}

func (g *generatorSource) look(p *producer.Producer) {
	if g.keys != nil && p.ShardsVersion() == g.version {
		return
	}
	shards, version := p.Shards()
	g.keys, g.version, g.turn = g.keys[:0], version, 0
	for _, shard := range shards {
		g.keys = append(g.keys, shard.StartingHashKey)
	}
}

// key returns the explicit hash key for the next record.
func (g *generatorSource) key() string {
	if g.turn >= len(g.keys) {
		g.turn = 0
	}
	g.turn++
	return g.keys[g.turn-1]
}

// partitionKey returns the partition key for a resource: the resource itself, or its SHA-256 in hexadecimal when Kinesis does not
// take it, because it is empty or longer than 256 characters. Characters are counted as UTF-16 does, which never counts
// fewer than any other way of counting.
func partitionKey(resource string) string {
	if resource != "" && (len(resource) <= producer.MaxKeyLength || utf16Length(resource) <= producer.MaxKeyLength) {
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
