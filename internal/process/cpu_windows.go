package process

import "time"

// CPU returns the CPU time of this process so far, without its children; false where the system does not tell.
func CPU() (time.Duration, bool) { return 0, false }
