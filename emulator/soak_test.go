package emulator_test

import (
	"context"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime"
	"runtime/pprof"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"golang.org/x/sync/errgroup"

	"clickstream/emulator"
	"clickstream/internal/wholebody"
)

// soakFor is how long TestSoak goes on:
//
//	go test -race -run TestSoak -soak 10m -v ./emulator
var soakFor = flag.Duration("soak", 3*time.Second, "how long TestSoak goes on")

// soak is an emulator on a real port under a mixed load.
type soak struct {
	emulator *emulator.Emulator
	cfg      aws.Config
}

// TestSoak does the same work round after round, on all services at once. When it has begun to repeat itself, neither goroutines nor memory
// grow: rounds of the second quarter are compared with those of the last, each looked at when its work is done and its records are too old.
func TestSoak(t *testing.T) { //nolint:paralleltest // it measures the memory of the process
	if testing.Short() {
		t.Skip("some seconds of load are left out with -short")
	}
	s := newSoak(t)
	const fewest = 8
	var held, running []int64
	for began := time.Now(); len(held) < fewest || time.Since(began) < *soakFor; {
		s.round(t, len(held))
		if t.Failed() {
			t.Fatalf("round %d failed", len(held))
		}
		heap := heapInUse()
		held, running = append(held, heap), append(running, s.goroutines())
		if n := len(held); n&(n-1) == 0 {
			t.Logf("round %4d: %6d KiB held, %d goroutines", n, heap>>10, running[n-1])
		}
	}
	n := len(held)
	memory, memoryLast := slices.Max(held[n/4:n/2]), slices.Min(held[n-n/4:])
	count, countLast := slices.Max(running[n/4:n/2]), slices.Min(running[n-n/4:])
	t.Logf("%d rounds; of the second quarter at most %d KiB and %d goroutines, of the last at least %d KiB and %d", n, memory>>10, count, memoryLast>>10, countLast)
	if memoryLast > memory+memory/20 {
		t.Errorf("memory grew from %d to %d bytes", memory, memoryLast)
	}
	if countLast > count {
		_ = pprof.Lookup("goroutine").WriteTo(os.Stderr, 1)
		t.Errorf("goroutines grew from %d to %d", count, countLast)
	}
}

func newSoak(t *testing.T) *soak {
	t.Helper()
	var listening net.ListenConfig
	listener, err := listening.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	e, err := emulator.New(emulator.Options{Listener: listener})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	inject(t, e, "kinesis:DescribeLimits every=2 stall", "kinesis:DescribeLimits every=3 drop-before", "dynamodb:DescribeLimits drop-after")
	cfg := config(e)
	cfg.HTTPClient = &http.Client{Transport: wholebody.Transport{Transport: &http.Transport{MaxIdleConnsPerHost: 16}}}
	s := &soak{emulator: e, cfg: cfg}
	if err := s.prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// round does all work once, then lets two days pass.
func (s *soak) round(t *testing.T, number int) {
	t.Helper()
	group, ctx := errgroup.WithContext(t.Context())
	for name, work := range map[string]func(context.Context, int) error{
		"put and read": s.putAndRead, "fan out": s.fanOut, "reshard": s.reshard, "items": s.items, "tables": s.tables,
		"objects": s.objects, "uploads": s.uploads, "metrics and sessions": s.metricsAndSessions, "left": s.left,
	} {
		group.Go(func() error {
			if err := work(ctx, number); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Error(err)
	}
	advance(t, s.emulator, 48*time.Hour)
}

// goroutines counts those that are left when connections are closed, whose ends take a moment to be noticed.
func (s *soak) goroutines() int64 {
	s.cfg.HTTPClient.(*http.Client).CloseIdleConnections()
	fewest := runtime.NumGoroutine()
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for range 50 {
		<-look.C
		fewest = min(fewest, runtime.NumGoroutine())
	}
	return int64(fewest)
}
