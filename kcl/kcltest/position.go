package kcltest

import (
	"cmp"
	"strings"

	"clickstream/kcl"
)

const shardEnd = "SHARD_END"

// position is an ExtendedSequenceNumber of the KCL.
type position struct {
	sequence string
	sub      int64
}

// valid tells whether the sequence is a number or one of the words that the lease table knows.
func (p position) valid() bool { return p.rank() != 0 }

// rank orders the kinds of sequences as the KCL does: the words that mean a start below all numbers, SHARD_END above.
func (p position) rank() int {
	switch p.sequence {
	case kcl.AtTimestamp:
		return 1
	case kcl.TrimHorizon:
		return 2
	case kcl.Latest:
		return 3
	case shardEnd:
		return 5
	}
	if p.sequence == "" || strings.Trim(p.sequence, "0123456789") != "" {
		return 0
	}
	return 4
}

// compare orders positions; two of SHARD_END are equal whatever their sub-sequence numbers.
func (p position) compare(q position) int {
	a, b := strings.TrimLeft(p.sequence, "0"), strings.TrimLeft(q.sequence, "0")
	switch {
	case p.rank() != q.rank():
		return cmp.Compare(p.rank(), q.rank())
	case p.rank() == 5:
		return 0
	case p.rank() != 4:
		return cmp.Compare(p.sub, q.sub)
	}
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b), cmp.Compare(p.sub, q.sub))
}
