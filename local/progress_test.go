package local

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestBarIsStillAfterTheEnd has a bar without a total, which must draw nothing over what is printed behind it, and leave nothing running.
func TestBarIsStillAfterTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		p := &progress{out: &out, bar: newBar(&out, 0)}
		p.show(time.Now(), 4000, 2000)
		if !strings.Contains(out.String(), "stored (4,000 sent)") {
			t.Errorf("the bar shows %q", out.String())
		}
		p.end()
		before := out.Len()
		time.Sleep(time.Second)
		synctest.Wait()
		if drawn := out.String()[before:]; drawn != "" {
			t.Errorf("drawn after the end: %q", drawn)
		}
	})
}

// TestProgressSaysWhatItCounts has the line name Kinesis records where they are not clicks.
func TestProgressSaysWhatItCounts(t *testing.T) {
	t.Parallel()
	for aggregated, want := range map[bool]string{
		false: "  10s  sent 4,240  stored 3,860  behind 380  stored/s 386\n",
		true:  "  10s  sent 4,240 Kinesis records  stored 3,860  behind 380  stored/s 386\n",
	} {
		synctest.Test(t, func(t *testing.T) {
			var out strings.Builder
			newProgress(&out, 300_000, aggregated).show(time.Now().Add(10*time.Second), 4240, 3860)
			if out.String() != want {
				t.Errorf("aggregated %v: got %q, want %q", aggregated, out.String(), want)
			}
		})
	}
}
