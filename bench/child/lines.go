package main

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"time"

	"clickstream/kcl/multilang"
)

// line is one message of the daemon as it goes out.
type line struct {
	action string
	text   []byte
}

// makeLines returns what a shard gives after initialize: the records, batch of them in a line, in the Java daemon's shape, then the
// shard's end. They are clicks of about 65 bytes on two pages, and the same at each call.
func makeLines(records, batch int) []line {
	referrers := []string{
		"http://www.amazon.com", "http://www.google.com", "http://www.yahoo.com", "http://bing/com", "http://stackoverflow.com", "http://reddit.com",
	}
	random := rand.New(rand.NewPCG(42, 0))
	number, _ := new(big.Int).SetString("49680469734578211411426558216745703636935867210540253186", 10)
	step := new(big.Int).Lsh(big.NewInt(1), 80)
	start := time.UnixMilli(1795378421916)
	var lines []line
	var buffer []multilang.Record
	for i := range records {
		key := fmt.Sprintf("resource-%d", random.IntN(2))
		buffer = append(buffer, multilang.Record{
			Data:                        fmt.Appendf(nil, `{"resource":"%s","referrer":"%s"}`, key, referrers[random.IntN(len(referrers))]),
			PartitionKey:                key,
			SequenceNumber:              number.String(),
			ApproximateArrivalTimestamp: start.Add(time.Duration(i/50) * time.Millisecond),
		})
		number.Add(number, step)
		if len(buffer) == batch || i == records-1 {
			behind := int64(records-1-i) / 10
			lines = append(lines, toLine(&multilang.DaemonMessage{
				Action: multilang.ActionProcessRecords, Records: buffer, MillisBehindLatest: &behind,
			}))
			buffer = buffer[:0]
		}
	}
	return append(lines, toLine(&multilang.DaemonMessage{Action: multilang.ActionShardEnded}))
}

func toLine(m *multilang.DaemonMessage) line { return line{m.Action, m.AppendLine(nil)} }
