package consume

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// metrics are what a person can scrape of one shard's process. Its methods may be called on nil, where nobody asked for metrics.
type metrics struct {
	stream, application, shardID string

	received             atomic.Int64
	stored, storedBytes  atomic.Int64
	rejected             atomic.Int64
	objects, objectBytes atomic.Int64
	checkpoints, retries atomic.Int64
	behind               atomic.Int64 // milliseconds; unknown until the daemon says it
	held, heldBytes      atomic.Int64
	oldestArrival        atomic.Int64 // milliseconds since 1970, 0 while nothing is held
}

// unknown is the lag before the daemon has said one.
const unknown = -1

func newMetrics(rules *rules, shardID string) *metrics {
	m := &metrics{stream: rules.stream, application: rules.application, shardID: shardID}
	m.behind.Store(unknown)
	return m
}

// delivered notes a message of the daemon's. The lag may be unknown.
func (m *metrics) delivered(records int, millisBehindLatest *int64) {
	if m == nil {
		return
	}
	m.received.Add(int64(records))
	if millisBehindLatest != nil {
		m.behind.Store(*millisBehindLatest)
	}
}

// holds notes what is in the batches, the oldest one first.
func (m *metrics) holds(batches ...*batch) {
	if m == nil {
		return
	}
	var records, bytes int
	var oldest int64
	for _, b := range batches {
		if b.len() > 0 && oldest == 0 {
			oldest = b.entries[0].arrival
		}
		records, bytes = records+b.len(), bytes+b.size()
	}
	m.held.Store(int64(records))
	m.heldBytes.Store(int64(bytes))
	m.oldestArrival.Store(oldest)
}

// put notes an object that was stored, or was found stored. dataSize is that of its records before framing and compression.
func (m *metrics) put(records, rejected, dataSize, objectSize int) {
	if m == nil {
		return
	}
	m.stored.Add(int64(records))
	m.rejected.Add(int64(rejected))
	m.storedBytes.Add(int64(dataSize))
	m.objects.Add(1)
	m.objectBytes.Add(int64(objectSize))
}

func (m *metrics) checkpointed() {
	if m != nil {
		m.checkpoints.Add(1)
	}
}

func (m *metrics) retry() {
	if m != nil {
		m.retries.Add(1)
	}
}

// text writes the metrics in Prometheus' text format 0.0.4.
func (m *metrics) text(now time.Time) []byte {
	var b bytes.Buffer
	labels := fmt.Sprintf(`{application="%s",shard="%s",stream="%s"}`, label(m.application), label(m.shardID), label(m.stream))
	sample := func(name, kind, help, value string) {
		fmt.Fprintf(&b, "# HELP clickstream_%s %s\n# TYPE clickstream_%[1]s %[3]s\nclickstream_%[1]s%[4]s %[5]s\n", name, help, kind, labels, value)
	}
	count := func(name, help string, v *atomic.Int64) {
		sample(name, "counter", help, strconv.FormatInt(v.Load(), 10))
	}
	count("received_records_total", "Records that the daemon has delivered.", &m.received)
	count("stored_records_total", "Records in objects that are stored.", &m.stored)
	count("stored_bytes_total", "Data bytes of the records in objects that are stored, before framing and compression.", &m.storedBytes)
	count("rejected_records_total", "Records that are stored under the error prefix.", &m.rejected)
	count("objects_total", "Data objects that are stored.", &m.objects)
	count("object_bytes_total", "Bytes of the data objects that are stored.", &m.objectBytes)
	count("checkpoints_total", "Checkpoints that the daemon has taken.", &m.checkpoints)
	count("retries_total", "Requests to the store and checkpoints that failed and were tried again.", &m.retries)
	if behind := m.behind.Load(); behind != unknown {
		sample("behind_latest_seconds", "gauge", "How far the last delivery lies behind the newest record of the shard: the daemon's millisBehindLatest.", seconds(behind))
	}
	sample("unstored_records", "gauge", "Records in memory that are not stored yet.", strconv.FormatInt(m.held.Load(), 10))
	sample("unstored_bytes", "gauge", "Data bytes of the records that are not stored yet.", strconv.FormatInt(m.heldBytes.Load(), 10))
	sample("oldest_unstored_record_age_seconds", "gauge", "Time since the oldest record that is not stored yet came into the stream; 0 while there is none.", seconds(m.oldestAge(now)))
	return b.Bytes()
}

func (m *metrics) oldestAge(now time.Time) (millis int64) {
	arrival := m.oldestArrival.Load()
	if arrival == 0 {
		return 0
	}
	return max(0, now.UnixMilli()-arrival)
}

func seconds(millis int64) string { return strconv.FormatFloat(float64(millis)/1000, 'f', -1, 64) }

// label quotes a label's value as the format wants it.
func label(value string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(value)
}
