package kinesis

import "time"

// On-demand streams take up to twice the peak of what was written to them, and never less than four shards do
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
	peak           int   // shards that the busiest minute needed
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
	needed := int(max(t.records/(seconds*writeRecords), t.bytes/(seconds*writeBytes))) + 1
	if needed >= t.peak || t.minute-t.peakMinute > int64(peakMemory/time.Minute) {
		t.peak, t.peakMinute = needed, t.minute
	}
	t.minute, t.records, t.bytes = minute, 0, 0
}

// scale gives an on-demand stream the shards for twice its peak.
func (st *stream) scale(now time.Time) {
	minute := now.UnixMilli() / time.Minute.Milliseconds()
	if st.mode != modeOnDemand || st.traffic.minute == minute {
		return
	}
	st.traffic.turn(minute)
	wanted := min(max(2*st.traffic.peak, onDemandShards), mostOnDemandShards)
	if wanted > len(st.open) {
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
