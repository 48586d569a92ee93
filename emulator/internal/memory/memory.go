// Package memory counts the bytes that the services hold, and bounds them.
package memory

import "sync/atomic"

// Budget counts bytes up to a limit. A nil Budget counts nothing and has no limit. Its methods may be called at the same time.
type Budget struct {
	limit int64
	used  atomic.Int64
}

// New makes a Budget of some bytes; 0 is no limit.
func New(limit int64) *Budget { return &Budget{limit: limit} }

// Take counts bytes that are to be held, or, if that were more than the limit, says no and counts nothing.
func (b *Budget) Take(n int) bool {
	if b == nil {
		return true
	}
	if used := b.used.Add(int64(n)); b.limit > 0 && used > b.limit && n > 0 {
		b.used.Add(-int64(n))
		return false
	}
	return true
}

// Give gives back bytes that were taken.
func (b *Budget) Give(n int) {
	if b != nil {
		b.used.Add(-int64(n))
	}
}

// Add counts bytes that are held already, whatever the limit.
func (b *Budget) Add(n int) { b.Give(-n) }

// Used returns how many bytes are held.
func (b *Budget) Used() int64 {
	if b == nil {
		return 0
	}
	return b.used.Load()
}

// Room says whether bytes that are yet to come would be within the limit.
func (b *Budget) Room(n int64) bool {
	return b == nil || b.limit == 0 || b.used.Load()+n <= b.limit
}
