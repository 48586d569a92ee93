package e2e_test

import (
	"os"
	"strconv"
	"testing"

	"clickstream/e2e"
	"clickstream/internal/leases"
)

// started is what the daemon says of each child that it starts.
const started = `(shardId-\d+): record processor started \(process (\d+)\)`

// testKilled: children and daemon are killed at whatever they are doing; nothing is lost and nothing is there twice.
func testKilled(s *scene) {
	t := s.T
	app := s.app(map[string]string{"maxBufferSize": "2000"})
	lines := app.Clicks(1000)
	app.Produce(t, lines[:500])
	daemon := app.Daemon(t)
	for n := range 4 {
		children := daemon.WaitFor(t, s.at.Patience, 2+n, started)
		app.WaitStored(t, 100*(n+1))
		kill(t, children[len(children)-1][2])
	}
	daemon.WaitFor(t, s.at.Patience, 6, started)
	app.Produce(t, lines[500:])
	app.WaitStored(t, 600)
	daemon.Kill()
	daemon = app.Daemon(t)
	app.WaitStored(t, len(lines))
	app.StopDaemon(t, daemon)
	app.SameLines(t, lines)
	app.Verify(t, len(lines))
}

func kill(t *testing.T, pid string) {
	t.Helper()
	number, err := strconv.Atoi(pid)
	if err != nil {
		t.Fatal(err)
	}
	process, err := os.FindProcess(number)
	if err != nil {
		t.Fatal(err)
	}
	_ = process.Kill() // it may have ended
}

// testCheckpointAfterObject: while S3 takes no objects there is no checkpoint, so that a crash loses nothing.
func testCheckpointAfterObject(s *scene) {
	t := s.T
	gate := e2e.NewGate(t, s.at)
	app := s.app(nil)
	lines := app.Clicks(400)
	app.Produce(t, lines)
	gate.Refuse()
	daemon := app.Daemon(t, gate.Environment)
	e2e.Eventually(t, s.at.Patience, "uploads that are refused", func() bool { return gate.Stopped() >= 4 })
	for _, lease := range leaseList(t, app) {
		if lease.Checkpoint != leases.TrimHorizon {
			t.Errorf("lease %s is checkpointed at %s although no object is stored", lease.Key, lease.Checkpoint)
		}
	}
	daemon.Kill()
	gate.Open()
	daemon = app.Daemon(t, gate.Environment)
	app.WaitStored(t, len(lines))
	app.StopDaemon(t, daemon)
	app.SameLines(t, lines)
	app.Verify(t, len(lines))
}

// testClaims: a worker dies between an upload and its checkpoint. The next one, whose settings make other batches, must not store
// those records again in another object.
func testClaims(s *scene) {
	t := s.T
	gate := e2e.NewGate(t, s.at)
	app := s.app(map[string]string{"shards": "1", "maxBufferSize": "3000"})
	lines := app.Clicks(400)
	app.Produce(t, lines)
	gate.Lose()
	daemon := app.Daemon(t, gate.Environment)
	e2e.Eventually(t, s.at.Patience, "an upload whose answer is lost", func() bool { return gate.Stopped() >= 1 })
	daemon.Kill()
	gate.Open()
	app.Set(t, map[string]string{"maxBufferSize": "1000000"})
	daemon = app.Daemon(t, gate.Environment)
	app.WaitStored(t, len(lines))
	app.StopDaemon(t, daemon)
	app.SameLines(t, lines)
	if report := app.Verify(t, len(lines)); report.Totals.Objects < 2 {
		t.Errorf("all is in %d object, so the first worker's was not kept", report.Totals.Objects)
	}
}

func leaseList(t *testing.T, app *e2e.App) []leases.Lease {
	t.Helper()
	list, err := leases.NewTable(app.DynamoDB, app.Settings["applicationName"]).List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(list) == 0 {
		t.Fatal("there are no leases")
	}
	return list
}
