package e2e_test

import (
	"strings"
)

// testInContainer: the program runs in containers that hold nothing else, on one network with the endpoint.
func testInContainer(s *scene) {
	t := s.T
	app := s.app(map[string]string{"recordsToWritePerBatch": "50"})
	if r := app.Container(t, "produce", "--records", "500").Wait(); r.Code != 0 || !strings.Contains(r.Stdout, "500 stored, 0 failed") {
		t.Fatalf("produce: exit code %d\n%s", r.Code, r.Stdout)
	}
	daemon := app.Container(t, "daemon")
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(daemon.Output())
		}
	})
	app.WaitStored(t, 500)
	if r := daemon.Stop(); r.Code != 143 || !strings.Contains(r.Stdout, "daemon: stopping") {
		t.Errorf("daemon: exit code %d\n%s", r.Code, r.Stdout)
	}
	if r := app.Container(t, "verify").Wait(); r.Code != 0 || !strings.Contains(r.Stdout, "500 stored / 0 missing / 0 twice") {
		t.Errorf("verify: exit code %d\n%s", r.Code, r.Stdout)
	}
	if r := app.Container(t, "cleanup", "--yes").Wait(); r.Code != 0 {
		t.Errorf("cleanup: exit code %d\n%s", r.Code, r.Stdout)
	}
	if left := app.Leftover(t); len(left) > 0 {
		t.Errorf("cleanup has left %v", left)
	}
}
