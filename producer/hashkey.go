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
	slots []hashSlot
	seed  maphash.Seed
	find  func(text string) hashKey
}

type hashSlot struct {
	text string
	key  hashKey
}

const hashSlots = 1 << 10 // a power of two

func newHashCache(find func(string) hashKey) *hashCache {
	return &hashCache{slots: make([]hashSlot, hashSlots), seed: maphash.MakeSeed(), find: find}
}

func (c *hashCache) get(text string) hashKey {
	slot := &c.slots[maphash.String(c.seed, text)&(hashSlots-1)]
	if slot.text != text {
		slot.text, slot.key = text, c.find(text)
	}
	return slot.key
}
