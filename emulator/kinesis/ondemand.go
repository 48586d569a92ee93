package kinesis

import "time"

// On-demand streams begin with four shards and take up to twice the peak of what was written to them
// (https://docs.aws.amazon.com/streams/latest/dev/how-do-i-size-a-stream.html). Here the peak is that of a whole minute within the last 30
// days; shards are added when the first record after such a minute comes in, and never merged again.
const (
	onDemandShards     = 4
	mostOnDemandShards = 200 // the default limit of 200 MB a second
	peakMemory         = 30 * 24 * time.Hour
)

// traffic counts what a stream took in the present minute, and remembers the busiest one.
type traffic struct {
	minute         int64 // since 1970
	records, bytes int64
	peak           int   // shards for twice of what the busiest minute had
	peakMinute     int64 //
}

// add counts records that arrived at a time in milliseconds.
func (t *traffic) add(millis, records, bytes int64) {
	if minute := millis / time.Minute.Milliseconds(); minute != t.minute {
		t.turn(minute)
	}
	t.records += records
	t.bytes += bytes
}

// turn ends the present minute.
func (t *traffic) turn(minute int64) {
	const seconds = 60
	const twice = 2
	needed := int(max(rounded(twice*t.records, seconds*writeRecords), rounded(twice*t.bytes, seconds*writeBytes)))
	if needed >= t.peak || t.minute-t.peakMinute > int64(peakMemory/time.Minute) {
		t.peak, t.peakMinute = needed, t.minute
	}
	t.minute, t.records, t.bytes = minute, 0, 0
}

// rounded divides, rounding up.
func rounded(n, by int64) int64 { return (n + by - 1) / by }

// scale gives an on-demand stream the shards for twice its peak.
func (st *stream) scale(now time.Time) {
	minute := now.UnixMilli() / time.Minute.Milliseconds()
	if st.mode != modeOnDemand || st.traffic.minute == minute {
		return
	}
	st.traffic.turn(minute)
	// A stream that came from the provisioned mode with fewer than four shards keeps them as long as they suffice.
	if wanted := min(st.traffic.peak, mostOnDemandShards); wanted > len(st.open) {
		st.resize(wanted, now)
	}
}

// warm keeps an on-demand stream ready for a throughput, beginning at once.
func (st *stream) warm(mib int64, now time.Time) {
	st.warmMiB = mib
	if int(mib) > len(st.open) {
		st.resize(int(mib), now)
	}
}

// warmThroughput describes what an on-demand stream is kept ready for; nil without.
func (st *stream) warmThroughput() *WarmThroughput {
	if st.mode != modeOnDemand || st.warmMiB == 0 {
		return nil
	}
	return &WarmThroughput{TargetMiBps: st.warmMiB, CurrentMiBps: st.warmMiB}
}
