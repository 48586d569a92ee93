package producer

import (
	"maps"
	"time"
)

// Stats is what a Producer has done so far. Accepted = Delivered + Failed + Expired + Undelivered + Buffered. Records are the user's,
// whether they travel alone or in aggregates.
type Stats struct {
	Accepted       int64 // records that Put took
	Delivered      int64 // records that Kinesis has
	DeliveredBytes int64 // data of these
	Failed         int64 // records whose request failed for good
	Expired        int64 // records whose time to live was over
	Undelivered    int64 // records that Close gave up
	Buffered       int64 // records that are not settled yet
	BufferedBytes  int64 // data and partition keys of these

	Requests       int64 // calls of PutRecords
	FailedRequests int64 // of these, those that failed as a whole
	Attempts       int64 // records in requests, counted every time
	Retried        int64 // of these, those that had been in a request before
	Throttled      int64 // of these, those that were refused because a shard takes no more for now
	Refused        int64 // of these, those that were refused for a fault of the service
	Lost           int64 // of these, those whose request failed
	Uncertain      int64 // of the lost, those whose request had no answer and may have been carried out

	MaybeTwice     int64 // delivered records of which an earlier request had no answer: at most so many are in the stream more than once
	Strayed        int64 // records sent again by themselves because their aggregate came to a shard that not all of them belong to
	KinesisRecords int64 // what Kinesis has: aggregates, and records that are in none

	Shards       map[string]int64 // delivered records by shard
	FirstRequest time.Time        // when the first request was made; zero when there was none
	LastDelivery time.Time        // when Kinesis last took a record; zero when it took none
}

// Stats returns what the Producer has done so far.
func (p *Producer) Stats() Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.stats
	s.Shards = maps.Clone(s.Shards)
	s.Buffered, s.BufferedBytes = int64(p.buffered), p.bufferedBytes
	return s
}
