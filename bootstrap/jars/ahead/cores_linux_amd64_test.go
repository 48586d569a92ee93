package ahead

import (
	"runtime"
	"slices"
	"testing"
)

// TestMove has a thread moved to each core, and free to leave it again.
func TestMove(t *testing.T) {
	t.Parallel()
	all := allowedCores()
	if !slices.Contains(all, thisCore()) {
		t.Errorf("this is core %d, and not of %v", thisCore(), all)
	}
	for _, core := range all {
		done := make(chan struct{})
		go func() {
			defer close(done)
			begin(core)
			if left := allowedCores(); !slices.Equal(left, all) {
				t.Errorf("on core %d it is kept to %v, and not free to %v", core, left, all)
			}
		}()
		<-done
	}
	runtime.KeepAlive(all)
}

func TestCores(t *testing.T) {
	t.Parallel()
	here := allowedCores()[0]
	all := cores(here)
	if n := len(all); n > 0 && all[n-1] != here && all[n-1] != anyCore {
		t.Errorf("%v does not end with %d", all, here)
	}
}
