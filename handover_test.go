//go:build linux

package main

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"clickstream/internal/leases"
	"clickstream/kcl/aggregate"
)

// relay is a stream that daemons hand over to each other while it grows.
type relay struct {
	*site
	kinesis *kinesis.Client
	table   *leases.Table

	put  sync.WaitGroup
	stop context.CancelFunc
	n    int // records put so far, those within aggregates counted one by one
}

// relaySettings make both daemons notice within seconds what happens, and close batches by their age. The Java daemon lets shutdownGraceMillis
// pass when a record processor has died.
const relaySettings = `
streamName = clicks
applicationName = app
workerId = java
executableName = clickstream consume -p sample.properties
maxBufferAgeMillis = 300
shutdownGraceMillis = 6000
idleTimeBetweenReadsInMillis = 200
parentShardPollIntervalMillis = 500
failoverTimeMillis = 2000
shardSyncIntervalMillis = 1
leaseAssignmentIntervalMillis = 1000
workerMetricsReporterFreqInMillis = 1000
metricsLevel = NONE
`

const goWorker = "go"

func newRelay(t *testing.T, kclVersion, settings string) *relay {
	t.Helper()
	s := newSite(t, withJava(t, kclVersion), relaySettings+settings)
	endpoint := regexp.MustCompile(`http://\S+`).FindString(s.emulator.output.String())
	config := aws.Config{Region: "us-east-1", BaseEndpoint: &endpoint, Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")}
	r := &relay{site: s, kinesis: kinesis.NewFromConfig(config), table: leases.NewTable(dynamodb.NewFromConfig(config), "app")}
	s.must("produce", "--records", "500", "--batch", "500", "--tps", "0", "--quiet")
	r.n = 500
	ctx, stop := context.WithCancel(t.Context())
	r.stop = stop
	r.put.Go(func() { r.pump(ctx) })
	t.Cleanup(r.close)
	return r
}

func (r *relay) close() {
	r.stop()
	r.put.Wait()
}

// pump puts plain records and KPL aggregates, some two hundred user records a second, until ctx is done.
func (r *relay) pump(ctx context.Context) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for ctx.Err() == nil {
		var entries []types.PutRecordsRequestEntry
		for range 6 {
			// The users' records of an aggregate have one key, so that they belong together whatever is split.
			key := fmt.Sprint("key-", rand.N(1000))
			entries = append(entries, types.PutRecordsRequestEntry{PartitionKey: &key, Data: fmt.Appendf(nil, `{"plain":%q}`, key)})
			var packed aggregate.Builder
			for i := range 3 {
				packed.Add(key, "", fmt.Appendf(nil, `{"packed":%q,"n":%d}`, key, i))
			}
			entries = append(entries, types.PutRecordsRequestEntry{PartitionKey: &key, Data: packed.AppendTo(nil)})
		}
		// A call once begun is finished, so that it is known what it put.
		out, err := r.kinesis.PutRecords(context.WithoutCancel(ctx), &kinesis.PutRecordsInput{StreamName: aws.String("clicks"), Records: entries})
		if err != nil || aws.ToInt32(out.FailedRecordCount) > 0 {
			r.t.Errorf("the records were not put: %v, %+v", err, out)
			return
		}
		r.n += len(entries) / 2 * 4
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
}

// working waits until owner has moved the checkpoints of all shards that are not done with, the given ones among them.
func (r *relay) working(p *program, owner string, shards ...string) {
	r.t.Helper()
	var before map[string]string
	p.until(fmt.Sprintf("%s has moved the checkpoints of %v", owner, shards), func() bool {
		all, err := r.table.List(r.t.Context())
		if err != nil {
			return false // there is no table yet
		}
		now, same := map[string]string{}, false
		for i := range all {
			lease := &all[i]
			if lease.Ended() {
				continue
			}
			now[lease.Key] = lease.Checkpoint
			same = same || lease.Owner != owner || lease.Checkpoint == leases.TrimHorizon || lease.Checkpoint == before[lease.Key]
		}
		for _, shard := range shards {
			same = same || now[shard] == ""
		}
		if len(before) != len(now) {
			before, same = now, true
		}
		return !same && len(now) > 0
	})
}

// owners returns how many of the leases each worker holds.
func (r *relay) owners() map[string]int {
	all, err := r.table.List(r.t.Context())
	if err != nil {
		r.t.Error(err)
	}
	owners := map[string]int{}
	for i := range all {
		owners[all[i].Owner]++
	}
	return owners
}

func (r *relay) split(shard, at string) {
	r.t.Helper()
	if _, err := r.kinesis.SplitShard(r.t.Context(), &kinesis.SplitShardInput{
		StreamName: aws.String("clicks"), ShardToSplit: &shard, NewStartingHashKey: &at,
	}); err != nil {
		r.t.Fatal(err)
	}
}

func (r *relay) merge(one, other string) {
	r.t.Helper()
	if _, err := r.kinesis.MergeShards(r.t.Context(), &kinesis.MergeShardsInput{
		StreamName: aws.String("clicks"), ShardToMerge: &one, AdjacentShardToMerge: &other,
	}); err != nil {
		r.t.Fatal(err)
	}
}

// finish ends the stream's growth and waits until all of it is stored, nothing missing and nothing twice.
func (r *relay) finish(p *program) {
	r.t.Helper()
	r.close()
	look := time.NewTicker(200 * time.Millisecond)
	defer look.Stop()
	p.until(fmt.Sprintf("all %d records were stored", r.n), func() bool { <-look.C; return r.stored() == r.n })
}

// log is what a Java daemon has logged.
func (r *relay) log() string {
	text, _ := os.ReadFile(filepath.Join(r.emulator.dir, "logs", "application.log"))
	return string(text)
}

// startGo starts the Go daemon, under a name of its own.
func (r *relay) startGo() *program {
	r.t.Helper()
	return r.clickstream("daemon", "--worker-id", goWorker, "--retrieval-mode", "FANOUT")
}

// killChild kills the oldest child of a process.
func (r *relay) killChild(id int) {
	r.t.Helper()
	children := childrenOf(id)
	if len(children) == 0 {
		r.t.Fatalf("process %d has no child to kill", id)
	}
	kill(r.t, slices.Min(children))
}

const (
	first, second, left, right, merged = "shardId-000000000000", "shardId-000000000001", "shardId-000000000002", "shardId-000000000003", "shardId-000000000004"

	quarter = "85070591730234615865843651857942052864" // 2^126, half of the first shard of two
)

// The Java daemon leaves a live Go daemon its shards, and takes them when that is killed. Both read as the same consumer.
func TestJavaTakesOverFromGo(t *testing.T) {
	t.Parallel()
	r := newRelay(t, "", "retrievalMode = FANOUT\n")
	g := r.startGo()
	r.working(g, goWorker, first, second)
	r.split(first, quarter)
	r.working(g, goWorker, left, right, second)

	java := r.clickstream("bootstrap", "-e")
	leads := regexp.MustCompile(`is a leader, performing assignment`)
	java.until("the Java daemon has looked at the leases five times", func() bool { return len(leads.FindAllString(r.log(), -1)) >= 5 })
	r.working(g, goWorker, left, right, second)

	r.killChild(g.cmd.Process.Pid)
	g.until("a record processor is started again", func() bool { return strings.Contains(g.output.String(), "starting it again") })
	kill(t, g.cmd.Process.Pid)
	r.working(java, "java", left, right, second)
	r.merge(left, right)
	r.working(java, "java", merged, second)
	r.finish(java)
	_ = java.cmd.Process.Signal(syscall.SIGTERM)
	if code := java.exitCode(); code != 0 {
		t.Errorf("exit code %d:\n%s", code, java.output.String())
	}
}

// The Go daemon waits beside a live Java daemon, which is killed, its record processors too, and takes the shards over when there is silence.
func TestGoTakesOverFromJava(t *testing.T) {
	t.Parallel()
	r := newRelay(t, "", "retrievalMode = POLLING\n")
	java := r.clickstream("bootstrap", "-e", "--take-leases")
	r.working(java, "java", first, second)
	r.killChild(javaProcess(java))
	if code := java.exitCode(); code != 1 {
		t.Errorf("the Java daemon, of which a record processor was killed, ended with exit code %d", code)
	}
	java = r.clickstream("bootstrap", "-e")
	r.working(java, "java", first, second)
	r.split(first, quarter)
	r.working(java, "java", left, right, second)

	g := r.startGo()
	g.until("the Go daemon has found the leases held", func() bool {
		return strings.Contains(g.output.String(), second+": held by worker java")
	})
	r.working(java, "java", left, right, second)
	if said := g.output.String(); strings.Contains(said, "taken over from") {
		t.Errorf("the Go daemon has taken what is held:\n%s", said)
	}
	r.killChild(java.cmd.Process.Pid)
	r.working(g, goWorker, left, right, second)
	r.merge(left, right)
	r.working(g, goWorker, merged, second)
	r.finish(g)
	_ = g.cmd.Process.Signal(syscall.SIGTERM)
	if code := g.exitCode(); code != 143 {
		t.Errorf("exit code %d:\n%s", code, g.output.String())
	}
}

// Workers of KCL 2 take their share from whoever lives, the Go daemon too, which lets go of what it has lost and does not take it back.
func TestKCL2TakesItsShareFromGo(t *testing.T) {
	t.Parallel()
	r := newRelay(t, "2.7.2", "retrievalMode = POLLING\n")
	g := r.startGo()
	r.working(g, goWorker, first, second)
	java := r.clickstream("bootstrap", "-e", "--kcl-version", "2.7.2")
	share := map[string]int{goWorker: 1, "java": 1}
	java.until("each daemon has a shard", func() bool { return maps.Equal(r.owners(), share) })
	g.until("the Go daemon has noticed", func() bool { return strings.Contains(g.output.String(), ": held by worker java") })
	r.finish(java)
	if owners := r.owners(); !maps.Equal(owners, share) {
		t.Errorf("at the end the leases are held by %v", owners)
	}
}
