package kinesis

import "time"

// The states of streams and consumers.
const (
	statusCreating = "CREATING"
	statusDeleting = "DELETING"
	statusActive   = "ACTIVE"
	statusUpdating = "UPDATING"
)

// lifecycle is the state of a stream or a consumer. It waits for no timer: what it is follows from when it is read.
type lifecycle struct {
	changing string    // state that holds until settled
	settled  time.Time // when changing gives way to ACTIVE, or, from DELETING, to nothing
}

// status returns the state at a time, or "" when what had it is gone.
func (l *lifecycle) status(now time.Time) string {
	switch {
	case now.Before(l.settled):
		return l.changing
	case l.changing == statusDeleting:
		return ""
	default:
		return statusActive
	}
}

// change begins a state that lasts for a time.
func (l *lifecycle) change(status string, now time.Time, delay time.Duration) {
	l.changing, l.settled = status, now.Add(delay)
}
