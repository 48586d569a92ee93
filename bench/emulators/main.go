// Command emulators measures emulators of Kinesis and DynamoDB beside each other, each in turn with the server alone on the machine but for this
// client, which is aws-sdk-go-v2. It prints a Markdown table of medians: a row for each measure, a column for each emulator.
//
//	go run ./bench/emulators [flags] name=command…
//
// A command is split at spaces; {port} in it is where it has to listen, {folder} a folder to keep files in. The first one is compared with the best of the others.
// bench/emulator.sh calls this.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

func main() {
	if err := run(context.Background(), os.Stdout, os.Args[1:]); err != nil { //nolint:forbidigo // a program of its own
		fmt.Fprintln(os.Stderr, "emulators:", err)
		os.Exit(1) //nolint:forbidigo // this is main
	}
}

// load says how much is asked of each emulator in one turn.
type load struct {
	records  int           // to put; fewer where that takes longer than most
	most     time.Duration // for one measure
	inFlight int           // requests at once
	calls    int           // of measures that make one call at a time
	starts   int           // of the process
}

// contestant is an emulator to measure, and how it did.
type contestant struct {
	name    string
	command []string
	results map[measure][]float64
}

func run(ctx context.Context, out io.Writer, args []string) error {
	flags := flag.NewFlagSet("emulators", flag.ContinueOnError)
	turns := flags.Int("runs", 3, "turns of each emulator")
	var l load
	flags.IntVar(&l.records, "records", 1_000_000, "records to put in a turn")
	flags.DurationVar(&l.most, "most", 10*time.Second, "the longest that one measure may take in a turn")
	flags.IntVar(&l.inFlight, "in-flight", 8, "requests at once")
	flags.IntVar(&l.calls, "calls", 1000, "calls of measures that make one at a time")
	flags.IntVar(&l.starts, "starts", 5, "starts of the process in a turn")
	if err := flags.Parse(args); err != nil {
		return err
	}
	contestants, err := parseContestants(flags.Args())
	if err != nil {
		return err
	}
	for turn := range *turns {
		for _, c := range contestants {
			fmt.Fprintf(os.Stderr, "turn %d of %s\n", turn+1, c.name)
			if err := c.play(ctx, &l); err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
		}
	}
	return report(out, contestants)
}

func parseContestants(args []string) ([]*contestant, error) {
	if len(args) == 0 {
		return nil, errors.New("name the emulators to measure: name=command…")
	}
	var all []*contestant
	for _, arg := range args {
		name, command, ok := strings.Cut(arg, "=")
		if words := strings.Fields(command); ok && len(words) > 0 {
			all = append(all, &contestant{name: name, command: words, results: map[measure][]float64{}})
			continue
		}
		return nil, fmt.Errorf("%q is not name=command", arg)
	}
	return all, nil
}

// note keeps a result of a turn.
func (c *contestant) note(m measure, value float64) { c.results[m] = append(c.results[m], value) }

// play takes every measure once. What an emulator cannot do leaves a gap in its column, and a line on standard error.
func (c *contestant) play(ctx context.Context, l *load) error {
	for range l.starts - 1 {
		s, err := start(ctx, c.command)
		if err != nil {
			return err
		}
		c.note(startMillis, millis(s.answered))
		s.stop()
	}
	s, err := start(ctx, c.command)
	if err != nil {
		return err
	}
	defer s.stop()
	c.note(startMillis, millis(s.answered))
	const settled = time.Second
	time.Sleep(settled)
	idle, err := s.memory()
	if err != nil {
		return err
	}
	c.note(idleMiB, float64(idle)/(1<<20))
	for _, take := range []func(context.Context, *server, *load) error{c.streams, c.table} {
		if err := take(ctx, s, l); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", c.name, err)
		}
	}
	return nil
}
