package kcl_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	"clickstream/kcl"
	"clickstream/kcl/multilang"
)

// BenchmarkRun runs a child over lines of 10,000 records, all of them ready on its input.
func BenchmarkRun(b *testing.B) {
	const batch, lines = 10_000, 20
	m := multilang.DaemonMessage{Action: multilang.ActionProcessRecords, MillisBehindLatest: new(int64(0))}
	for i := range batch {
		resource := fmt.Sprintf("resource-%d", i%2)
		m.Records = append(m.Records, kcl.Record{
			Data:           fmt.Appendf(nil, `{"resource":"%s","referrer":"http://stackoverflow.com"}`, resource),
			PartitionKey:   resource,
			SequenceNumber: fmt.Sprintf("4968046973457821141142655821674570363693586%013d", i),

			ApproximateArrivalTimestamp: time.UnixMilli(1795378421916),
		})
	}
	input := append([]byte(initialize), bytes.Repeat(m.AppendLine(nil), lines)...)
	records, size := 0, 0
	p := funcs{records: func(_ context.Context, in *kcl.ProcessRecordsInput) error {
		records += len(in.Records)
		for i := range in.Records {
			size += len(in.Records[i].Data)
		}
		return nil
	}}
	b.SetBytes(int64(len(input)))
	b.ReportAllocs()
	for b.Loop() {
		if err := kcl.Run(b.Context(), bytes.NewReader(input), io.Discard, p); err != nil {
			b.Fatal(err)
		}
	}
	if records != b.N*batch*lines || size == 0 {
		b.Fatalf("%d records of %d bytes", records, size)
	}
	b.ReportMetric(float64(records)/b.Elapsed().Seconds(), "records/s")
}
