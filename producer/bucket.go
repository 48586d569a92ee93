package producer

import (
	"math"
	"time"
)

// Limits of a shard: https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
const (
	shardRecords = 1000    // a second
	shardBytes   = 1 << 20 // a second
)

const (
	burst       = 50 * time.Millisecond // what may be sent at once after a pause, as a part of the rate
	backOff     = 0.7                   // what is left of the rate after a refusal
	recovery    = 0.05                  // of the limit, or of the rate where there is none, that comes back each second
	refusalGap  = time.Second           // the service counts by the second: what it refuses in one counts once
	breather    = 0.25                  // seconds in which nothing is sent after a refusal
	leastRate   = 5.0                   // records a second that are tried whatever happens
	forgetAfter = time.Minute           // without refusals, after which an on-demand shard is unlimited again
)

// bucket is a shard's allowance. It is filled at a rate that refusals lower by a factor and time raises by steps. Where there is no fixed
// limit the rate is infinite until something is refused, and then what has lately gone through.
//
// It counts in shares of a second: a record takes 1/1000 of a shard's second, or its bytes' part of 1 MiB, whichever is more. One may be
// taken as long as there is anything in the bucket, which then owes the rest, so that large records pass too.
type bucket struct {
	limit float64 // shares a second: 1, or infinite
	rate  float64 // shares a second, at most limit
	level float64 // shares; less than 0 is owed
	at    instant // of level

	refusedAt instant
	second    int64   // the second that passed is of
	passed    float64 // shares taken in that second
	previous  float64 // and in the one before it
}

func newBucket(limited bool, now instant) *bucket {
	b := &bucket{limit: math.Inf(1), rate: math.Inf(1), at: now, refusedAt: never}
	if limited {
		b.limit, b.rate, b.level = 1, 1, burst.Seconds()
	}
	return b
}

func share(records, bytes int) float64 {
	return max(float64(records)/shardRecords, float64(bytes)/shardBytes)
}

// take takes a record of so many bytes out, if it may be sent now.
func (b *bucket) take(now instant, bytes int) bool {
	b.fill(now)
	if b.level <= 0 && !math.IsInf(b.rate, 1) {
		return false
	}
	n := share(1, bytes)
	b.level -= n
	if second := int64(now / time.Second); second != b.second {
		b.previous = 0
		if second == b.second+1 {
			b.previous = b.passed
		}
		b.second, b.passed = second, 0
	}
	b.passed += n
	return true
}

// fill adds what has come since the last time.
func (b *bucket) fill(now instant) {
	passed := (now - b.at).Seconds()
	b.at = now
	if math.IsInf(b.rate, 1) {
		b.level = 0
		return
	}
	if math.IsInf(b.limit, 1) {
		if now-b.refusedAt > forgetAfter {
			b.rate, b.level = b.limit, 0
			return
		}
		b.rate += b.rate * recovery * passed
	} else {
		b.rate = min(b.limit, b.rate+b.limit*recovery*passed)
	}
	b.level = min(b.level+b.rate*passed, max(b.rate*burst.Seconds(), share(1, 0)))
}

// refused lowers the rate. Refusals that come together count as one.
func (b *bucket) refused(now instant) {
	if b.refusedAt != never && now-b.refusedAt < refusalGap {
		return
	}
	b.fill(now)
	b.refusedAt = now
	if math.IsInf(b.rate, 1) {
		b.rate = max(b.passed, b.previous)
	}
	b.rate = max(b.rate*backOff, leastRate/shardRecords)
	b.level = -b.rate * breather
}

// next returns when something may be taken again.
func (b *bucket) next(now instant) instant {
	if b.level > 0 || math.IsInf(b.rate, 1) {
		return now
	}
	const least = 2 * time.Millisecond // so that what becomes free is worth a request
	return now + max(least, time.Duration(-b.level/b.rate*float64(time.Second))+time.Microsecond)
}
