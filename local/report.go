package local

import (
	"strconv"
	"time"
)

// shardCount says how far a shard is.
type shardCount struct {
	Shard   string
	Records int64 // that the stream accepted
	Stored  int64 // of these, what the checkpoint covers
}

func total(rows []shardCount) shardCount {
	sum := shardCount{Shard: "total"}
	for _, row := range rows {
		sum.Records += row.Records
		sum.Stored += row.Stored
	}
	return sum
}

// rate writes records per second: 123,456.
func rate(records int64, elapsed time.Duration) string {
	if elapsed <= 0 {
		return "0"
	}
	return grouped(int64(float64(records) / elapsed.Seconds()))
}

// grouped writes n, which is not negative, with its thousands apart.
func grouped(n int64) string {
	digits := strconv.FormatInt(n, 10)
	start := len(digits) % 3
	out := digits[:start]
	for i := start; i < len(digits); i += 3 {
		if out != "" {
			out += ","
		}
		out += digits[i : i+3]
	}
	return out
}
