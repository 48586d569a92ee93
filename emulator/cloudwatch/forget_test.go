package cloudwatch

import (
	"testing"
	"time"

	"clickstream/emulator/internal/wire"
)

// TestForget holds no more than it may, and keeps what is newest.
func TestForget(t *testing.T) {
	t.Parallel()
	s := New(nil)
	now := time.Now()
	key := metricKey{wire.Scope{}, "n", "m", ""}
	for i := range int64(100) {
		s.add(key, nil, unitNone, i*minute, Statistics{1, 1, 1, 1}, now)
		s.forget(60)
		if s.periods > 60 {
			t.Fatalf("%d periods are held", s.periods)
		}
	}
	if _, ok := s.metrics[key].units[unitNone][99*minute]; !ok {
		t.Error("the newest is forgotten")
	}
	if _, ok := s.metrics[key].units[unitNone][0]; ok {
		t.Error("the oldest is there")
	}
	for i := range 100 { // all of one time
		s.add(metricKey{wire.Scope{}, "n", "m", string(rune(i))}, nil, unitNone, 1000*minute, Statistics{1, 1, 1, 1}, now)
		s.forget(60)
	}
	held := 0
	for _, one := range s.metrics {
		held += len(one.units[unitNone])
	}
	if held > 60 || held < 30 || held != s.periods {
		t.Errorf("%d periods are held, counted as %d", held, s.periods)
	}
}
