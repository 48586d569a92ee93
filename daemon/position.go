package daemon

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"

	"clickstream/internal/leases"
)

// position is a place in a shard: a sequence number with a sub-sequence number, or one of the lease table's sentinels
// (KCL: ExtendedSequenceNumber).
type position struct {
	sequence string
	sub      int64
}

// errNotAPosition is what KCL calls an IllegalArgumentException.
var errNotAPosition = errors.New("neither a sequence number nor TRIM_HORIZON, LATEST, AT_TIMESTAMP or SHARD_END")

// String returns the position for people.
func (p position) String() string {
	if p.sub == 0 {
		return p.sequence
	}
	return fmt.Sprintf("%s.%d", p.sequence, p.sub)
}

// initial reports whether the position says only where to begin: no record has been processed.
func (p position) initial() bool {
	return p.sequence == leases.TrimHorizon || p.sequence == leases.Latest || p.sequence == leases.AtTimestamp
}

// check returns errNotAPosition unless p is a number or a sentinel.
func (p position) check() error {
	if p.initial() || p.sequence == leases.ShardEnd || digits([]byte(p.sequence)) {
		return nil
	}
	return errNotAPosition
}

// compare orders positions as KCL does: AT_TIMESTAMP, TRIM_HORIZON, LATEST, the numbers, SHARD_END. Both must be positions.
func (p position) compare(q position) int {
	if c := cmp.Compare(p.rank(), q.rank()); c != 0 {
		return c
	}
	if p.rank() == rankNumber {
		if c := compareNumbers([]byte(p.sequence), []byte(q.sequence)); c != 0 {
			return c
		}
	}
	return cmp.Compare(p.sub, q.sub)
}

const (
	rankTimestamp = iota
	rankTrimHorizon
	rankLatest
	rankNumber
	rankShardEnd
)

func (p position) rank() int {
	switch p.sequence {
	case leases.AtTimestamp:
		return rankTimestamp
	case leases.TrimHorizon:
		return rankTrimHorizon
	case leases.Latest:
		return rankLatest
	case leases.ShardEnd:
		return rankShardEnd
	}
	return rankNumber
}

// compareNumbers compares decimal numbers of any length; none at all is less than any.
func compareNumbers(a, b []byte) int {
	if len(a) == 0 || len(b) == 0 {
		return cmp.Compare(len(a), len(b))
	}
	a, b = bytes.TrimLeft(a, "0"), bytes.TrimLeft(b, "0")
	if c := cmp.Compare(len(a), len(b)); c != 0 {
		return c
	}
	return bytes.Compare(a, b)
}
