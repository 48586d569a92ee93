package e2e_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"clickstream/bootstrap"
	"clickstream/e2e"
	"clickstream/properties"
)

// javaSettings make the Java daemon quick.
func javaSettings() map[string]string {
	return map[string]string{
		"failoverTimeMillis": "2000", "shardSyncIntervalMillis": "1", "leaseAssignmentIntervalMillis": "1000",
		"workerMetricsReporterFreqInMillis": "1000",
	}
}

// testJavaDaemon is the user's own flow with the real Java daemon: produce, bootstrap, the bucket, verify, cleanup.
func testJavaDaemon(s *scene) {
	t := s.T
	e2e.NeedsJava(t)
	patient := *s.at
	patient.Patience = 5 * time.Minute // java works ten seconds of CPU time until it begins
	app := e2e.NewApp(t, &patient, s.program, javaSettings())
	lines := app.Clicks(300)
	app.Produce(t, lines[:200])
	daemon := app.JavaDaemon(t, "--take-leases")
	app.WaitStored(t, 200)
	app.Produce(t, lines[200:])
	app.WaitStored(t, len(lines))
	if code := daemon.Stop(t); code != 0 {
		t.Errorf("exit code %d after an orderly stop:\n%s", code, daemon.Output())
	}
	app.SameLines(t, lines)
	app.Verify(t, len(lines))
	if left := app.Leftover(t); !slices.Contains(left, "table "+app.Name+"-CoordinatorState") {
		t.Errorf("the daemon was not KCL 3: there are %v", left)
	}
	app.Must(t, "cleanup", "--yes")
	if left := app.Leftover(t); len(left) > 0 {
		t.Errorf("cleanup has left %v", left)
	}
}

// stockRun is a run of the real Java daemon with sample.properties as it comes, for which a cold start takes over two minutes.
type stockRun struct {
	app    *e2e.App
	daemon *e2e.Process
}

const stockRecords = 500

// beginStock starts the run, where this machine can; other tests may go on meanwhile.
func beginStock(t *testing.T, program string) *stockRun {
	t.Helper()
	if e2e.JavaLacks() != "" {
		return nil
	}
	app := e2e.NewApp(t, e2e.Embedded(t), program, nil)
	if err := os.Remove(filepath.Join(app.Folder, properties.SampleName)); err != nil {
		t.Fatal(err)
	}
	if r := app.Must(t, "bootstrap", "-p", properties.SampleName); !strings.Contains(r.Stderr, "wrote "+properties.SampleName) {
		t.Errorf("bootstrap says %q", r.Stderr)
	}
	app.ProduceRandom(t, "--records", strconv.Itoa(stockRecords))
	return &stockRun{app: app, daemon: app.JavaDaemon(t)}
}

// finish waits until the record processors have the records. They store them when the daemon is stopped.
func (r *stockRun) finish(t *testing.T) {
	e2e.NeedsJava(t)
	const patience = 5 * time.Minute
	e2e.Eventually(t, patience, "both shards to be read", func() bool {
		log, _ := os.ReadFile(filepath.Join(r.app.Folder, bootstrap.DaemonLog)) // not there at first
		return bytes.Contains(log, []byte("Writing ProcessRecordsMessage to child process for shard shardId-000000000000")) &&
			bytes.Contains(log, []byte("Writing ProcessRecordsMessage to child process for shard shardId-000000000001"))
	})
	if code := r.daemon.Stop(t); code != 0 {
		t.Errorf("exit code %d after an orderly stop:\n%s", code, r.daemon.Output())
	}
	r.app.Verify(t, stockRecords)
}
