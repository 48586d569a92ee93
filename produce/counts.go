package produce

import (
	"maps"
	"sync"
	"time"
)

// counts is what a run has done so far. Every record that a source gave is, in the end, either stored, failed or undelivered.
type counts struct {
	sent        int64 // records given to be sent, each once
	stored      int64 // records that Kinesis has, with a shard and a sequence number
	bytes       int64 // data of the stored records
	failed      int64 // records that were refused by an error that cannot pass
	undelivered int64 // records that were still to be sent when the run was stopped

	attempts  int64 // records in requests, counted every time
	retried   int64 // of these, those that had been in a request before
	refusals  int64 // of these, those that were refused or whose request failed
	uncertain int64 // of these, those whose request had no answer: they may have been stored without being counted, and then again

	requests       int64
	failedRequests int64
	refusedLines   int64

	first, last time.Time // when the first request was made and when the last records were stored
	shards      map[string]int64
}

// ledger keeps the counts of several goroutines.
type ledger struct {
	mu sync.Mutex
	counts
}

func newLedger() *ledger {
	return &ledger{counts: counts{shards: make(map[string]int64)}}
}

// update changes the counts.
func (l *ledger) update(change func(c *counts)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change(&l.counts)
}

// read returns the counts as they are now.
func (l *ledger) read() counts {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.counts
	c.shards = maps.Clone(c.shards)
	return c
}
