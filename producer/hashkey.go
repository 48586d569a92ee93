package producer

import (
	"crypto/md5"
	"encoding/binary"
	"hash/maphash"
	"math/big"
)

// maxHashKey is 2^128-1, the last hash key, in decimal digits.
const maxHashKey = "340282366920938463463374607431768211455"

// hashKey is a place among the shards: a number from 0 to 2^128-1.
type hashKey struct{ hi, lo uint64 }

// above reports whether k is greater than other.
func (k hashKey) above(other hashKey) bool {
	return k.hi > other.hi || k.hi == other.hi && k.lo > other.lo
}

// String returns the number in decimal digits, as requests have it.
func (k hashKey) String() string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], k.hi)
	binary.BigEndian.PutUint64(b[8:], k.lo)
	return new(big.Int).SetBytes(b[:]).String()
}

// hashOf returns the hash key of a partition key, as the service computes it.
func hashOf(partitionKey string) hashKey {
	sum := md5.Sum([]byte(partitionKey))
	return hashKey{binary.BigEndian.Uint64(sum[:8]), binary.BigEndian.Uint64(sum[8:])}
}

// parseHashKey reads decimal digits as Kinesis takes them: no sign, no leading zero, at most 2^128-1.
func parseHashKey(digits string) (hashKey, bool) {
	if !isHashKey(digits) {
		return hashKey{}, false
	}
	n, _ := new(big.Int).SetString(digits, 10)
	var b [16]byte
	n.FillBytes(b[:])
	return hashKey{binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])}, true
}

// isHashKey reports whether parseHashKey would take it, at less cost.
func isHashKey(digits string) bool {
	if digits == "" || digits[0] == '0' && digits != "0" || len(digits) > len(maxHashKey) {
		return false
	}
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return false
		}
	}
	return len(digits) < len(maxHashKey) || digits <= maxHashKey
}

// hashCache remembers the hash keys of partition keys, or of explicit hash keys, that came a short while ago: few of a click stream's
// resources have most of its clicks. It holds on to at most as many texts as it has slots.
type hashCache struct {
	slots *[hashSlots]hashSlot
	seed  maphash.Seed
	find  func(text string) hashKey
}

// hashSlot is what is known of a text: its hash key, and what followed from it the last time.
type hashSlot struct {
	text  string
	key   hashKey
	shard *shardRange // nil before it was looked up
	in    *packer     // in whose aggregate of that serial number the text has that place
	at    int
	place int32
}

const (
	hashSlotBits = 12
	hashSlots    = 1 << hashSlotBits
)

func newHashCache(find func(string) hashKey) *hashCache {
	return &hashCache{slots: new([hashSlots]hashSlot), seed: maphash.MakeSeed(), find: find}
}

// get returns the slot of a text, which is good until the next call. Of two texts that want one place both have theirs.
func (c *hashCache) get(text string) *hashSlot {
	i := c.place(text)
	if slot := c.at(i, text); slot != nil {
		return slot
	}
	first, second := &c.slots[i], &c.slots[i^1]
	*second = *first
	*first = hashSlot{text: text, key: c.find(text)}
	return first
}

// look returns the slot of a text that has one, else nil.
func (c *hashCache) look(text string) *hashSlot {
	if text == "" {
		return nil // as are the texts of empty slots
	}
	return c.at(c.place(text), text)
}

// key returns the hash key of a text, and leaves all slots as they are.
func (c *hashCache) key(text string) hashKey {
	if slot := c.look(text); slot != nil {
		return slot.key
	}
	return c.find(text)
}

// forget drops what followed from the texts' hash keys: another table of shards makes it worthless, and it would hold on to the memory of
// aggregates of the last one.
func (c *hashCache) forget() {
	for i := range c.slots {
		s := &c.slots[i]
		s.shard, s.in = nil, nil
	}
}

func (c *hashCache) at(i uint64, text string) *hashSlot {
	if slot := &c.slots[i&(hashSlots-1)]; slot.text == text {
		return slot
	}
	if slot := &c.slots[(i^1)&(hashSlots-1)]; slot.text == text {
		return slot
	}
	return nil
}

// place returns a place for a text that is not empty: of what is short by less than [maphash.String] takes.
func (c *hashCache) place(text string) uint64 {
	const short, word = 16, 8
	n := len(text)
	if n < word || n > short {
		return maphash.String(c.seed, text) & (hashSlots - 1)
	}
	const factor = 0x9e3779b97f4a7c15
	h := (wordOf(text)*factor ^ wordOf(text[n-word:])) * factor
	return h >> (64 - hashSlotBits)
}

// wordOf returns the first eight bytes of a text as a number: one load of the processor.
func wordOf(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// shardIn returns the shard of the slot's key in the table, which is the same until forget is called.
func (s *hashSlot) shardIn(table *shardTable) *shardRange {
	if s.shard == nil {
		s.shard = table.predict(s.key)
	}
	return s.shard
}
