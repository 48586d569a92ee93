package e2e_test

import (
	"regexp"
	"slices"
	"strings"

	"clickstream/e2e"
)

// testTwoApplications: two applications read one stream into one bucket, each under a prefix of its own; a third that would write among
// their objects is refused; and cleanup takes what is the application's.
func testTwoApplications(s *scene) {
	t := s.T
	first := s.app(map[string]string{"keyTemplate": "{application}/{shardId}/{first}-{last}"})
	second := s.app(map[string]string{
		"keyTemplate": "{application}/{shardId}/{first}-{last}", "streamName": first.Name, "bucket": first.Name, "maxBufferSize": "7000",
	})
	intruder := s.app(map[string]string{"streamName": first.Name, "bucket": first.Name})

	lines := first.Clicks(600)
	first.Produce(t, lines)
	daemons := map[*e2e.App]*e2e.Process{first: first.Daemon(t), second: second.Daemon(t)}
	for app, daemon := range daemons {
		app.WaitStored(t, len(lines))
		app.StopDaemon(t, daemon)
	}
	for app := range daemons {
		app.SameLines(t, lines)
		app.Verify(t, len(lines))
	}

	daemon := intruder.Daemon(t)
	if code := daemon.Wait(t, s.at.Patience); code != 2 {
		t.Errorf("the daemon of an application without a prefix ends with exit code %d, want 2", code)
	}
	// Whoever came first has marked the bucket.
	refusal := regexp.MustCompile("the bucket belongs to application (" + first.Name + "|" + second.Name + ").*keyTemplate.*{application}")
	if !refusal.MatchString(daemon.Output()) {
		t.Errorf("it does not say whose the bucket is and what to do:\n%s", daemon.Output())
	}
	if keys := intruder.Keys(t); slices.ContainsFunc(keys, func(key string) bool { return strings.HasPrefix(key, "shardId-") }) {
		t.Errorf("it has stored something: %v", keys)
	}
	if r := intruder.Run(t, "cleanup", "--yes"); r.Code != 2 || !strings.Contains(r.Stderr, "belongs to application") {
		t.Errorf("cleanup of an application that the bucket is not of: exit code %d, %s", r.Code, r.Stderr)
	}

	second.Must(t, "cleanup", "--yes")
	first.SameLines(t, lines)
	for _, key := range first.Keys(t) {
		if strings.Contains(key, second.Name) {
			t.Errorf("cleanup has left %s", key)
		}
	}
	if left := second.Leftover(t); len(left) > 0 {
		t.Errorf("cleanup has left %v", left)
	}
	first.Must(t, "cleanup", "--yes")
	if left := first.Leftover(t); len(left) > 0 {
		t.Errorf("cleanup has left %v", left)
	}
}
