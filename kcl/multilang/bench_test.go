package multilang_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"
	"time"

	"clickstream/kcl/multilang"
)

// clicks returns a processRecords message of n records of the size that the click stream has: about 280 bytes a record.
func clicks(n int) *multilang.DaemonMessage {
	referrers := []string{"www.amazon.com", "www.google.com", "www.yahoo.com", "bing/com", "stackoverflow.com", "reddit.com"}
	random := rand.New(rand.NewPCG(1, 2))
	number, _ := new(big.Int).SetString("49680469734578211411426558216745703636935867210540253186", 10)
	step, _ := new(big.Int).SetString("1208925819614629174706176", 10)
	behind := int64(0)
	m := &multilang.DaemonMessage{Action: multilang.ActionProcessRecords, MillisBehindLatest: &behind}
	for i := range n {
		resource := fmt.Sprintf("resource-%d", random.IntN(2))
		m.Records = append(m.Records, multilang.Record{
			Data:           fmt.Appendf(nil, `{"resource":"%s","referrer":"http://%s"}`, resource, referrers[random.IntN(6)]),
			PartitionKey:   resource,
			SequenceNumber: number.Add(number, step).String(),

			ApproximateArrivalTimestamp: time.UnixMilli(1795378421916 + int64(i/50)),
		})
	}
	return m
}

func BenchmarkParseDaemonMessage(b *testing.B) {
	for _, records := range []int{1, 10_000} {
		b.Run(fmt.Sprint(records), func(b *testing.B) {
			line := clicks(records).AppendLine(nil)
			b.SetBytes(int64(len(line)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := multilang.ParseDaemonMessage(line); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N*records)/b.Elapsed().Seconds(), "records/s")
		})
	}
}

func BenchmarkAppendLine(b *testing.B) {
	m := clicks(10_000)
	line := m.AppendLine(nil)
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	for b.Loop() {
		line = m.AppendLine(line[:0])
	}
	b.ReportMetric(float64(b.N*len(m.Records))/b.Elapsed().Seconds(), "records/s")
}
