//go:build linux

package main

import (
	"context"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"clickstream/internal/wholebody"
)

// TestKilledEmulatorKeepsWhatItAcknowledged kills the emulator under load, again and again, and looks each time at what the next one has:
// all that was acknowledged once and in order, what was under way at most once. CLICKSTREAM_TEST_KILLS=500 makes a long run of it,
// CLICKSTREAM_TEST_SEED another one. Snapshots are so frequent that kills come while they are written too.
func TestKilledEmulatorKeepsWhatItAcknowledged(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds; left out with -short")
	}
	t.Parallel()
	kills, seed := number("CLICKSTREAM_TEST_KILLS", 6), number("CLICKSTREAM_TEST_SEED", 1)
	h := &hardship{t: t, random: rand.New(rand.NewPCG(uint64(seed), 1)), data: filepath.Join(t.TempDir(), "data")}
	h.start()
	h.workers = []worker{newPutter(0), newPutter(1), newUpdater(), newStorer(), newSubscriber()}
	h.ready()
	for kill := range kills {
		h.load()
		h.start()
		for _, w := range h.workers {
			if err := w.check(t.Context(), h.clients); err != nil {
				t.Fatalf("after kill %d (seed %d): %v\n%s", kill+1, seed, err, h.program.output.String())
			}
		}
		h.ready()
	}
	records, pushed := 0, 0
	for _, w := range h.workers {
		switch w := w.(type) {
		case *putter:
			records += w.acknowledged
		case *subscriber:
			pushed = w.pushed
		}
	}
	found, err := filepath.Glob(filepath.Join(h.data, "snapshot-*"))
	if err != nil || len(found) != 1 {
		t.Fatalf("snapshots: %v, %v", found, err)
	}
	snapshots, err := strconv.Atoi(strings.TrimLeft(filepath.Base(found[0])[len("snapshot-"):], "0"))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d kills, %d of them left a torn end; %d records acknowledged, %d times a consumer of before was pushed all, about %d snapshots", kills, h.torn, records, pushed, snapshots)
}

func number(variable string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(variable)); err == nil {
		return n
	}
	return otherwise
}

// hardship is an emulator that is killed over and over, and those that work with it.
type hardship struct {
	t       *testing.T
	random  *rand.Rand
	data    string
	program *program
	clients clients
	workers []worker
	torn    int
}

type clients struct {
	kinesis  *kinesis.Client
	dynamodb *dynamodb.Client
	s3       *s3.Client
}

// worker does one thing after another, each known by whether it was acknowledged.
type worker interface {
	ready(ctx context.Context, c clients) error                   // makes what it needs
	work(ctx context.Context, c clients, random *rand.Rand) error // does one thing
	check(ctx context.Context, c clients) error                   // looks at what is left after a kill
}

// start runs another emulator on the same folder.
func (h *hardship) start() {
	h.t.Helper()
	args := []string{"emulator", "--port", "0", "--data-dir", h.data, "--data-dir-compact-at", "64KiB"}
	if h.program == nil {
		h.program = clickstream(h.t, args...)
	} else {
		before := h.program
		h.program = &program{t: h.t, dir: before.dir, cmd: exec.CommandContext(h.t.Context(), before.cmd.Path, args...), ended: make(chan struct{})}
		h.program.cmd.Dir, h.program.cmd.Env = before.dir, before.cmd.Env
		h.program.run()
	}
	ready := regexp.MustCompile(`ready on (http://\S+)`)
	h.program.until("the emulator is ready", func() bool { return ready.MatchString(h.program.output.String()) })
	if strings.Contains(h.program.output.String(), "ended within an entry") {
		h.torn++
	}
	url := ready.FindStringSubmatch(h.program.output.String())[1]
	static := credentials.NewStaticCredentialsProvider("test", "test", "")
	client := &http.Client{Transport: wholebody.Transport{Transport: &http.Transport{MaxIdleConnsPerHost: 8}}}
	h.clients = clients{
		kinesis.New(kinesis.Options{BaseEndpoint: &url, Region: "us-east-1", Credentials: static, HTTPClient: client, Retryer: aws.NopRetryer{}}),
		dynamodb.New(dynamodb.Options{BaseEndpoint: &url, Region: "us-east-1", Credentials: static, HTTPClient: client, Retryer: aws.NopRetryer{}}),
		s3.New(s3.Options{BaseEndpoint: &url, Region: "us-east-1", Credentials: static, HTTPClient: client, Retryer: aws.NopRetryer{}, UsePathStyle: true}),
	}
}

func (h *hardship) ready() {
	h.t.Helper()
	for _, w := range h.workers {
		if err := w.ready(h.t.Context(), h.clients); err != nil {
			h.t.Fatalf("%v\n%s", err, h.program.output.String())
		}
	}
}

// load lets all work until, after a random number of requests, the emulator is killed under them.
func (h *hardship) load() {
	var working sync.WaitGroup
	var done atomic.Int64
	until := 10 + h.random.Int64N(150)
	for _, w := range h.workers {
		random := rand.New(rand.NewPCG(h.random.Uint64(), 2))
		working.Go(func() {
			for w.work(h.t.Context(), h.clients, random) == nil {
				if done.Add(1) == until {
					_ = h.program.cmd.Process.Kill()
				}
			}
		})
	}
	working.Wait()
	_ = h.program.cmd.Process.Kill() // where all have failed before
	<-h.program.ended
}
