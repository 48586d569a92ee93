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
