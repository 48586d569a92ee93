// Command bootstrap measures programs that fetch the daemon's jars against each other. It serves a local Maven repository that answers each
// request after a latency, runs the programs in turns, each first into an empty folder and then once more, and prints a Markdown table.
//
//	go run ./bench/bootstrap [flags] name=command…
//
// A command is words with blanks between them, those before the program's name being NAME=value for its environment; {url} in it is the
// repository's address, and {jars} the folder for the jars. No shell runs it, whose own start would count. bench/bootstrap.sh calls this.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

func main() {
	if err := run(os.Stdout, os.Args[1:]); err != nil { //nolint:forbidigo // a program of its own, not a child of a daemon
		fmt.Fprintln(os.Stderr, "bootstrap:", err)
		os.Exit(1) //nolint:forbidigo // this is main
	}
}

// contestant is a program to measure, and how it did.
type contestant struct {
	name, command string
	cold, warm    []result
}

// result is one run of a program.
type result struct {
	time, cpu time.Duration
	requests  int64
}

func run(out io.Writer, args []string) error {
	flags := flag.NewFlagSet("bootstrap", flag.ContinueOnError)
	runs := flags.Int("runs", 5, "measured runs of each program, in turns; one before them is not counted")
	latency := flags.Duration("latency", 20*time.Millisecond, "between a request and its answer")
	folder := flags.String("repository", "", "the folder of the Maven repository to serve")
	if err := flags.Parse(args); err != nil {
		return err
	}
	var contestants []*contestant
	for _, arg := range flags.Args() {
		name, command, ok := strings.Cut(arg, "=")
		if !ok {
			return fmt.Errorf("%q is not name=command", arg)
		}
		contestants = append(contestants, &contestant{name: name, command: command})
	}
	if *folder == "" || len(contestants) == 0 {
		return errors.New("name the repository and the programs")
	}
	s, err := serve(*folder, *latency)
	if err != nil {
		return err
	}
	defer s.close()
	for turn := range *runs + 1 {
		for _, c := range contestants {
			if err := c.turn(s, turn > 0); err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
		}
	}
	return report(out, contestants)
}

// turn runs a program into an empty folder, and then again.
func (c *contestant) turn(s *server, counted bool) error {
	dir, err := os.MkdirTemp("", "bench-jars-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // of a temporary folder
	cold, err := c.once(s, dir)
	if err != nil {
		return err
	}
	warm, err := c.once(s, dir)
	if err != nil {
		return err
	}
	if jars, err := filepath.Glob(filepath.Join(dir, "*.jar")); err != nil || int64(len(jars)) != cold.requests || warm.requests != 0 {
		return fmt.Errorf("%d jars are there after %d requests and %d more, %w", len(jars), cold.requests, warm.requests, err)
	}
	if counted {
		c.cold, c.warm = append(c.cold, cold), append(c.warm, warm)
	}
	return nil
}

func (c *contestant) once(s *server, dir string) (result, error) {
	before := s.requests.Load()
	words := strings.Fields(strings.NewReplacer("{url}", s.address, "{jars}", dir).Replace(c.command))
	program := slices.IndexFunc(words, func(word string) bool { return !strings.Contains(word, "=") })
	if program < 0 {
		return result{}, fmt.Errorf("no program in %q", c.command)
	}
	command := exec.CommandContext(context.Background(), words[program], words[program+1:]...)
	command.Env = append(os.Environ(), words[:program]...)
	start := time.Now()
	if out, err := command.CombinedOutput(); err != nil {
		return result{}, fmt.Errorf("%w: %s", err, out)
	}
	r := result{time: time.Since(start), requests: s.requests.Load() - before}
	r.cpu = command.ProcessState.UserTime() + command.ProcessState.SystemTime()
	return r, nil
}

// server is a Maven repository in a folder.
type server struct {
	address  string
	requests atomic.Int64
	http     *http.Server
	done     chan struct{}
}

func serve(folder string, latency time.Duration) (*server, error) {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &server{address: "http://" + listener.Addr().String(), done: make(chan struct{})}
	files := http.FileServer(http.Dir(folder))
	s.http = &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.requests.Add(1)
		<-time.After(latency)
		files.ServeHTTP(w, r)
	})}
	go func() {
		defer close(s.done)
		_ = s.http.Serve(listener) // ends by close
	}()
	return s, nil
}

func (s *server) close() {
	_ = s.http.Close() // nobody is asking any more
	<-s.done
}

func report(out io.Writer, contestants []*contestant) error {
	var text strings.Builder
	text.WriteString("| program | run | cold, s | CPU, s | warm, ms | CPU, ms |\n|---|---|---|---|---|---|\n")
	for i := range contestants[0].cold {
		for _, c := range contestants {
			row(&text, c.name, fmt.Sprint(i+1), c.cold[i], c.warm[i])
		}
	}
	for _, c := range contestants {
		row(&text, "**"+c.name+"**", "median", median(c.cold), median(c.warm))
	}
	first := contestants[0]
	for _, c := range contestants[1:] {
		cold := median(first.cold).time.Seconds() / median(c.cold).time.Seconds()
		warm := median(c.warm).time.Seconds() / median(first.warm).time.Seconds()
		fmt.Fprintf(&text, "\nThe time of %s beside %s: cold %.2f times, warm 1/%.1f\n", first.name, c.name, cold, warm)
	}
	_, err := io.WriteString(out, text.String())
	return err
}

func row(text *strings.Builder, name, run string, cold, warm result) {
	fmt.Fprintf(text, "| %s | %s | %.2f | %.2f | %.1f | %.1f |\n",
		name, run, cold.time.Seconds(), cold.cpu.Seconds(), milliseconds(warm.time), milliseconds(warm.cpu))
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func median(results []result) result {
	of := func(get func(result) time.Duration) time.Duration {
		all := make([]time.Duration, len(results))
		for i, r := range results {
			all[i] = get(r)
		}
		slices.Sort(all)
		return all[len(all)/2]
	}
	return result{time: of(func(r result) time.Duration { return r.time }), cpu: of(func(r result) time.Duration { return r.cpu })}
}
