package consume

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strconv"
	"testing"
	"time"

	"clickstream/internal/delivery"
	"clickstream/kcl"
	"clickstream/kcl/multilang"
)

// BenchmarkConsume is a child's whole work but for the network: lines of 10,000 click records each in the daemon's shape, batches of
// 1 MiB, claims, digests and a store that forgets. One operation is one line; MB/s are of protocol.
func BenchmarkConsume(b *testing.B) {
	for _, test := range []struct{ format, compression string }{
		{delivery.FormatJSONL, delivery.CompressionNone},
		{delivery.FormatRaw, delivery.CompressionNone},
		{delivery.FormatJSONL, delivery.CompressionGzip},
		{delivery.FormatJSONL, delivery.CompressionZstd},
	} {
		b.Run(test.format+"-"+test.compression, func(b *testing.B) {
			const records = 10_000
			daemon := newBenchDaemon(b, records)
			log, _ := testLog()
			log.Logger.SetOutput(io.Discard)
			template, err := delivery.ParseTemplate("")
			if err != nil {
				b.Fatal(err)
			}
			p := &processor{open: func(context.Context, string) (*chain, error) {
				return &chain{
					rules: rules{
						application: "app", stream: "stream", template: template, format: test.format, compression: test.compression,
						maxSize: 1 << 20, maxAge: time.Hour,
					},
					shardID: "shardId-000000000000", store: forgetfulStore{}, wait: &patience{log: log}, log: log,
				}, nil
			}}
			b.SetBytes(int64(len(daemon.line)))
			b.ReportAllocs()
			if err := kcl.Run(b.Context(), daemon, daemon, p); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(b.N)*records/b.Elapsed().Seconds(), "records/s")
		})
	}
}

// benchDaemon is the daemon's end of both pipes. Each processRecords line is the same but for the sequence numbers.
type benchDaemon struct {
	b        *testing.B
	line     []byte
	digits   []int // where in line the running part of each sequence number begins
	count    int
	messages chan []byte // to the child
	rest     []byte
	reply    []byte
}

// running is the number of digits that are counted on.
const running = 12

func newBenchDaemon(b *testing.B, records int) *benchDaemon {
	b.Helper()
	const prefix = "49680469734578211411426558216745703636935867"
	d := &benchDaemon{b: b, messages: make(chan []byte, 1)}
	behind := int64(1) // there is always more: what is due is stored meanwhile
	message := &multilang.DaemonMessage{Action: multilang.ActionProcessRecords, MillisBehindLatest: &behind}
	for i := range records {
		message.Records = append(message.Records, multilang.Record{
			Data:           fmt.Appendf(nil, `{"resource":"resource-%d","referrer":"http://www.stackoverflow.com"}`, i%10),
			PartitionKey:   "resource-" + strconv.Itoa(i%10),
			SequenceNumber: prefix + fmt.Sprintf("%0*d", running, 0), ApproximateArrivalTimestamp: time.UnixMilli(1_795_378_421_916),
		})
	}
	d.line = message.AppendLine(nil)
	for at := 0; ; {
		i := bytes.Index(d.line[at:], []byte(prefix))
		if i < 0 {
			break
		}
		at += i + len(prefix)
		d.digits = append(d.digits, at)
	}
	start := "TRIM_HORIZON"
	first := &multilang.DaemonMessage{Action: multilang.ActionInitialize, ShardID: "shardId-000000000000", SequenceNumber: &start, SubSequenceNumber: new(int64)}
	d.messages <- first.AppendLine(nil)
	return d
}

// Read gives the child the daemon's lines.
func (d *benchDaemon) Read(p []byte) (int, error) {
	if len(d.rest) == 0 {
		var ok bool
		if d.rest, ok = <-d.messages; !ok {
			return 0, io.EOF
		}
	}
	n := copy(p, d.rest)
	d.rest = d.rest[n:]
	return n, nil
}

// Write answers the child's lines.
func (d *benchDaemon) Write(p []byte) (int, error) {
	switch {
	case bytes.Contains(p, []byte(`"checkpoint"`)):
		d.reply = append(d.reply[:0], `{"action":"checkpoint","sequenceNumber":"1","subSequenceNumber":0,"error":null}`+"\n"...)
		d.messages <- d.reply
	case d.b.Loop():
		for _, at := range d.digits {
			d.count++
			for i, n := at+running-1, d.count; n > 0; i, n = i-1, n/10 {
				d.line[i] = byte('0' + n%10)
			}
		}
		d.messages <- d.line
	default:
		close(d.messages)
	}
	return len(p), nil
}

// forgetfulStore keeps nothing.
type forgetfulStore struct{}

func (forgetfulStore) Create(context.Context, StoredObject) error { return nil }

func (forgetfulStore) Get(context.Context, string) (StoredObject, error) {
	return StoredObject{}, ErrNotFound
}

func (forgetfulStore) Renew(context.Context, StoredObject) error { return ErrNotFound }

func (forgetfulStore) Head(context.Context, string) (StoredObject, error) {
	return StoredObject{}, ErrNotFound
}
