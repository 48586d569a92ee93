// Command child measures record processors of a MultiLangDaemon against each other. It plays the daemon for each of them in turn, all on
// the same records, and prints a Markdown table: how soon they are ready, how fast they are, and what they take for it.
//
//	go run ./bench/child [flags] name=command…
//
// A command is split at spaces, as the daemons do. bench/child.sh calls this with clickstream and with a processor for Node.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
)

func main() {
	if err := run(os.Stdout, os.Args[1:]); err != nil { //nolint:forbidigo // a program of its own, not a child of a daemon
		fmt.Fprintln(os.Stderr, "child:", err)
		os.Exit(1) //nolint:forbidigo // this is main
	}
}

// contestant is a program to measure, and how it did.
type contestant struct {
	name    string
	command []string
	results []result
}

func run(out io.Writer, args []string) error {
	flags := flag.NewFlagSet("child", flag.ContinueOnError)
	runs := flags.Int("runs", 5, "measured runs of each command, in turns; one before them is not counted")
	records := flags.Int("records", 400_000, "records of a run")
	batch := flags.Int("batch", 10_000, "records of a line; the daemons send up to 10000")
	if err := flags.Parse(args); err != nil {
		return err
	}
	contestants, err := parseContestants(flags.Args())
	if err != nil {
		return err
	}
	lines := makeLines(*records, *batch)
	for turn := range *runs + 1 {
		for _, c := range contestants {
			shardID := fmt.Sprintf("shardId-%012d", turn) // a shard of its own for each run: nothing of it is stored yet
			r, err := play(c.command, shardID, lines)
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			if turn > 0 { // the first one makes the bucket and warms the disk's cache
				c.results = append(c.results, r)
			}
		}
	}
	return report(out, contestants, *records)
}

func parseContestants(args []string) ([]*contestant, error) {
	if len(args) == 0 {
		return nil, errors.New("name the commands to measure: name=command…")
	}
	var all []*contestant
	for _, arg := range args {
		name, command, ok := strings.Cut(arg, "=")
		if words := strings.Fields(command); ok && len(words) > 0 {
			all = append(all, &contestant{name: name, command: words})
			continue
		}
		return nil, fmt.Errorf("%q is not name=command", arg)
	}
	return all, nil
}

// report prints each run, the medians, and how many times the first command is better than the others.
func report(out io.Writer, contestants []*contestant, records int) error {
	var b strings.Builder
	b.WriteString("| child | run | ready after, ms | records/s | MB/s | CPU s | peak memory, MB | checkpoints |\n|---|---|---|---|---|---|---|---|\n")
	for turn := range contestants[0].results {
		for _, c := range contestants {
			c.results[turn].row(&b, c.name, fmt.Sprint(turn+1), records)
		}
	}
	for _, c := range contestants {
		median(c.results).row(&b, "**"+c.name+"**", "median", records)
	}
	ours := median(contestants[0].results)
	for _, c := range contestants[1:] {
		theirs := median(c.results)
		fmt.Fprintf(&b, "\n%s against %s: ready in 1/%.1f of the time, %.1f times the records/s, 1/%.1f of the CPU, 1/%.1f of the memory\n",
			contestants[0].name, c.name, ratio(theirs.ready, ours.ready), ratio(theirs.took, ours.took), ratio(theirs.cpu, ours.cpu),
			float64(theirs.peak)/float64(max(ours.peak, 1)))
	}
	_, err := io.WriteString(out, b.String())
	return err
}

func ratio(a, b time.Duration) float64 { return a.Seconds() / b.Seconds() }

func (r result) row(b *strings.Builder, name, run string, records int) {
	fmt.Fprintf(b, "| %s | %s | %.1f | %.0f | %.0f | %.2f | %.1f | %d |\n", name, run, r.ready.Seconds()*1000, float64(records)/r.took.Seconds(),
		float64(r.bytes)/1e6/r.took.Seconds(), r.cpu.Seconds(), float64(r.peak)/1e6, r.checkpoints)
}

// median takes each column's median by itself.
func median(results []result) result {
	var m result
	m.ready = middle(results, func(r result) time.Duration { return r.ready })
	m.took = middle(results, func(r result) time.Duration { return r.took })
	m.cpu = middle(results, func(r result) time.Duration { return r.cpu })
	m.peak = middle(results, func(r result) int64 { return r.peak })
	m.bytes = middle(results, func(r result) int64 { return r.bytes })
	m.checkpoints = middle(results, func(r result) int { return r.checkpoints })
	return m
}

func middle[T int | int64 | time.Duration](results []result, column func(result) T) T {
	var values []T
	for _, r := range results {
		values = append(values, column(r))
	}
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	return values[len(values)/2]
}
