package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// measure is a row of the table.
type measure int

const (
	putRate measure = iota
	putCPU
	getRate
	getCPU
	putMillis
	putToGetMillis
	pushMillis
	updateRate
	updateMillis
	updateCPU
	startMillis
	idleMiB
	recordBytes
	measures
)

// rows say what the measures are called, and of which more is better.
func rows() [measures]struct {
	title string
	more  bool
} {
	return [measures]struct {
		title string
		more  bool
	}{
		putRate:        {"PutRecords, records/s", true},
		putCPU:         {"server CPU s per million records put", false},
		getRate:        {"GetRecords, records/s", true},
		getCPU:         {"server CPU s per million records read", false},
		putMillis:      {"PutRecord p50, ms", false},
		putToGetMillis: {"put to get p50, ms", false},
		pushMillis:     {"fan-out, put to push p50, ms", false},
		updateRate:     {"conditional updates/s", true},
		updateMillis:   {"conditional update p50, ms", false},
		updateCPU:      {"server CPU s per million updates", false},
		startMillis:    {"start to first answer, ms", false},
		idleMiB:        {"idle memory, MiB", false},
		recordBytes:    {"memory per stored record, bytes", false},
	}
}

// cost is what a measure took.
type cost struct{ took, cpu time.Duration }

// costs runs f and says how long it took, and how much of the processor's time the server took for it.
func (s *server) costs(f func() error) (cost, error) {
	before, err := s.cpu()
	if err != nil {
		return cost{}, err
	}
	begin := time.Now()
	if err := f(); err != nil {
		return cost{}, err
	}
	took := time.Since(begin)
	after, err := s.cpu()
	return cost{took, after - before}, err
}

// report prints the medians, and how many times better the first contestant is than the best of the others.
func report(out io.Writer, contestants []*contestant) error {
	var b strings.Builder
	b.WriteString("| measure |")
	for _, c := range contestants {
		b.WriteString(" " + c.name + " |")
	}
	b.WriteString(" times better than the best of the others |\n" + strings.Repeat("|---", len(contestants)+2) + "|\n")
	for m, row := range rows() {
		b.WriteString("| " + row.title + " |")
		best := 0.0
		for i, c := range contestants {
			value := median(c.results[measure(m)])
			b.WriteString(" " + figure(value) + " |")
			if i > 0 && value > 0 && (best == 0 || row.more == (value > best)) {
				best = value
			}
		}
		b.WriteString(" " + figure(better(median(contestants[0].results[measure(m)]), best, row.more)) + " |\n")
	}
	_, err := io.WriteString(out, b.String())
	return err
}

func better(ours, best float64, more bool) float64 {
	switch {
	case ours == 0 || best == 0:
		return 0
	case more:
		return ours / best
	default:
		return best / ours
	}
}

// figure writes three digits or more; 0 is a gap.
func figure(value float64) string {
	switch {
	case value == 0:
		return "–"
	case value >= 100:
		return strconv.FormatFloat(value, 'f', 0, 64)
	default:
		return fmt.Sprintf("%.3g", value)
	}
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

func millis(d time.Duration) float64 { return d.Seconds() * 1000 }
