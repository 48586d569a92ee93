package e2e_test

import (
	"bufio"
	"context"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"clickstream/e2e"
	"clickstream/kcl"
)

// testReshard: the stream is resharded twice while records come in. None is lost or stored twice.
func testReshard(s *scene) {
	t := s.T
	app := s.app(nil)
	lines := app.Clicks(900)
	app.Produce(t, lines[:300])
	daemon := app.Daemon(t)
	app.WaitStored(t, 100)
	double(t, app)
	app.Produce(t, lines[300:600])
	split(t, app)
	app.Produce(t, lines[600:])
	app.WaitStored(t, len(lines))
	// Four shards of the first resharding, one of which was split in two.
	daemon.WaitFor(t, s.at.Patience, 8, started)
	app.StopDaemon(t, daemon)
	app.SameLines(t, lines)
	app.Verify(t, len(lines))
}

// testOrder: an own record processor, this test's binary, writes down what it is given. The records of each partition key must come in
// the order in which they were sent, although they move from shard to shard; to provoke it, the processor takes its time to finish a shard.
func testOrder(s *scene) {
	t := s.T
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	app := s.app(map[string]string{"executableName": self})
	journal := filepath.Join(app.Folder, "journal")
	lines := app.Clicks(600)
	app.Produce(t, lines[:200])
	daemon := app.Daemon(t, journalVariable+"="+journal)
	waitJournal(t, app, journal, 100)
	double(t, app)
	app.Produce(t, lines[200:400])
	split(t, app)
	app.Produce(t, lines[400:])
	events := waitJournal(t, app, journal, len(lines))
	app.StopDaemon(t, daemon)

	parents := map[string][]string{}
	for _, shard := range listShards(t, app) {
		for _, parent := range []*string{shard.ParentShardId, shard.AdjacentParentShardId} {
			if parent != nil {
				parents[*shard.ShardId] = append(parents[*shard.ShardId], *parent)
			}
		}
	}
	ended := map[string]bool{}
	last := map[string]int{} // number of the last record of each key
	for _, event := range events {
		what, shard, rest := event[0], event[1], event[2]
		switch what {
		case "ended":
			ended[shard] = true
		case "initialize":
			for _, parent := range parents[shard] {
				if !ended[parent] {
					t.Errorf("%s began before its parent %s was processed to its end", shard, parent)
				}
			}
		case "record":
			key, number, _ := strings.Cut(rest, " ")
			n, err := strconv.Atoi(number)
			if err != nil {
				t.Fatal(err)
			}
			if before, known := last[key]; known && n <= before {
				t.Errorf("record %d of key %s came after %d", n, key, before)
			}
			last[key] = n
		}
	}
}

// journalVariable makes this binary a record processor that writes to the file it names.
const journalVariable = "E2E_JOURNAL"

// journal is the record processor: a line for each event and record, in one file for all shards.
type journal struct {
	file  *os.File
	shard string
}

func runJournal() int {
	file, err := os.OpenFile(os.Getenv(journalVariable), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = file.Close() }()
	return kcl.Main(&journal{file: file})
}

func (j *journal) note(what, rest string) error {
	_, err := fmt.Fprintf(j.file, "%s %s %s\n", what, j.shard, rest)
	return err
}

// Initialize implements kcl.Processor.
func (j *journal) Initialize(_ context.Context, in *kcl.InitializeInput) error {
	j.shard = in.ShardID
	return j.note("initialize", in.SequenceNumber)
}

// ProcessRecords implements kcl.Processor.
func (j *journal) ProcessRecords(ctx context.Context, in *kcl.ProcessRecordsInput) error {
	for _, record := range in.Records {
		line := string(record.Data)
		number := strings.TrimSuffix(line[strings.LastIndexByte(line, '/')+1:], `"}`)
		if err := j.note("record", strings.ReplaceAll(record.PartitionKey, " ", "_")+" "+number); err != nil {
			return err
		}
	}
	if len(in.Records) == 0 {
		return nil
	}
	return in.Checkpointer.Checkpoint(ctx)
}

// LeaseLost implements kcl.Processor.
func (j *journal) LeaseLost(context.Context, *kcl.LeaseLostInput) error { return j.note("lost", "") }

// ShardEnded implements kcl.Processor.
func (j *journal) ShardEnded(ctx context.Context, in *kcl.ShardEndedInput) error {
	select {
	case <-ctx.Done():
	case <-time.After(2 * time.Second): // a child that does not wait for its parent has time to begin
	}
	if err := j.note("ended", ""); err != nil {
		return err
	}
	return in.Checkpointer.Checkpoint(ctx)
}

// waitJournal waits until n records are in the journal and returns all events, each as what, shard, rest.
func waitJournal(t *testing.T, app *e2e.App, path string, n int) [][3]string {
	t.Helper()
	var events [][3]string
	e2e.Eventually(t, app.Patience, fmt.Sprintf("%d records in the journal", n), func() bool {
		events = nil
		file, err := os.Open(path)
		if err != nil {
			return false
		}
		defer func() { _ = file.Close() }()
		records := 0
		for scanner := bufio.NewScanner(file); scanner.Scan(); {
			parts := strings.SplitN(scanner.Text(), " ", 3)
			if len(parts) < 3 {
				continue
			}
			events = append(events, [3]string(parts))
			if parts[0] == "record" {
				records++
			}
		}
		return records >= n
	})
	return events
}

// double makes two shards of each.
func double(t *testing.T, app *e2e.App) {
	t.Helper()
	open := openShards(t, app)
	_, err := app.Kinesis.UpdateShardCount(t.Context(), &kinesis.UpdateShardCountInput{
		StreamName: &app.Name, TargetShardCount: aws.Int32(int32(2 * len(open))), ScalingType: types.ScalingTypeUniformScaling,
	})
	if err != nil {
		t.Fatal(err)
	}
	waitActive(t, app)
	if now := openShards(t, app); len(now) != 2*len(open) {
		t.Fatalf("%d shards are open, want %d", len(now), 2*len(open))
	}
}

// split cuts the first open shard in the middle.
func split(t *testing.T, app *e2e.App) {
	t.Helper()
	first := openShards(t, app)[0]
	from, _ := new(big.Int).SetString(*first.HashKeyRange.StartingHashKey, 10)
	to, _ := new(big.Int).SetString(*first.HashKeyRange.EndingHashKey, 10)
	middle := new(big.Int).Rsh(new(big.Int).Add(from, to), 1)
	_, err := app.Kinesis.SplitShard(t.Context(), &kinesis.SplitShardInput{
		StreamName: &app.Name, ShardToSplit: first.ShardId, NewStartingHashKey: aws.String(middle.String()),
	})
	if err != nil {
		t.Fatal(err)
	}
	waitActive(t, app)
}

func listShards(t *testing.T, app *e2e.App) []types.Shard {
	t.Helper()
	out, err := app.Kinesis.ListShards(t.Context(), &kinesis.ListShardsInput{StreamName: &app.Name})
	if err != nil {
		t.Fatal(err)
	}
	return out.Shards
}

func openShards(t *testing.T, app *e2e.App) []types.Shard {
	t.Helper()
	return slices.DeleteFunc(listShards(t, app), func(shard types.Shard) bool { return shard.SequenceNumberRange.EndingSequenceNumber != nil })
}
