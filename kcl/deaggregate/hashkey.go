package deaggregate

import (
	"bytes"
	"crypto/md5"
	"fmt"
	"math/big"
)

// HashKeyRange is a shard's part of the hash keys 0 to 2^128-1, both ends included, as numbers of 16 bytes.
type HashKeyRange struct{ Start, End [16]byte }

// AllHashKeys is the range of a shard that is alone in its stream. Nothing lies outside.
func AllHashKeys() HashKeyRange {
	var all HashKeyRange
	for i := range all.End {
		all.End[i] = 0xff
	}
	return all
}

// ParseHashKeyRange reads a range in decimal digits, as ListShards and the lease table have it.
func ParseHashKeyRange(start, end string) (HashKeyRange, error) {
	var r HashKeyRange
	var ok bool
	if r.Start, ok = parseHashKey(start); !ok {
		return r, fmt.Errorf("deaggregate: the starting hash key %q is not a number from 0 to 2^128-1", start)
	}
	if r.End, ok = parseHashKey(end); !ok {
		return r, fmt.Errorf("deaggregate: the ending hash key %q is not a number from 0 to 2^128-1", end)
	}
	return r, nil
}

func parseHashKey(digits string) (key [16]byte, ok bool) {
	n, ok := new(big.Int).SetString(digits, 10)
	if !ok || !isHashKey(n) {
		return key, false
	}
	n.FillBytes(key[:])
	return key, true
}

func isHashKey(n *big.Int) bool { return n.Sign() >= 0 && n.BitLen() <= 128 }

// contains tells whether the record's hash key is in the range: the explicit one, or the MD5 of the partition key. An
// explicit one that is not a number is an error.
func (r *HashKeyRange) contains(partitionKey string, explicit *string) (bool, error) {
	if explicit == nil {
		return *r == AllHashKeys() || r.has(md5.Sum([]byte(partitionKey))), nil
	}
	n, ok := new(big.Int).SetString(*explicit, 10)
	if !ok {
		return false, ErrBrokenReference
	}
	if !isHashKey(n) {
		return false, nil
	}
	var key [16]byte
	n.FillBytes(key[:])
	return r.has(key), nil
}

func (r *HashKeyRange) has(key [16]byte) bool {
	return bytes.Compare(r.Start[:], key[:]) <= 0 && bytes.Compare(key[:], r.End[:]) <= 0
}
