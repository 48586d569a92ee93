// Package clock keeps the time of one emulator, which may run ahead of the machine's.
package clock

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// Clock tells the machine's time, or a synctest bubble's, and by how much it was advanced. It is never put back: sequence numbers,
// allowances and the order of records rely on that. A nil Clock is one that nobody can advance. Its methods may be called at the same time.
type Clock struct {
	// Keep is optional, and set before anybody else has the Clock: it is told what the offset will be before each advance, which an error prevents.
	Keep func(offset time.Duration) error

	offset atomic.Int64

	mu       sync.Mutex
	advanced chan struct{} // closed at the next advance; nil while nobody waits for it
}

// Longest is how far a Clock can be ahead: a hundred years, so that no time that is reckoned from it overflows.
const Longest = 100 * 365 * 24 * time.Hour

// ErrBack says that a clock was to be put back.
var ErrBack = errors.New("the emulated time goes forward only")

// Now returns the emulated time.
func (c *Clock) Now() time.Time {
	if c == nil {
		return time.Now()
	}
	return time.Now().Add(time.Duration(c.offset.Load()))
}

// Offset returns by how much the emulated time is ahead of the machine's.
func (c *Clock) Offset() time.Duration {
	if c == nil {
		return 0
	}
	return time.Duration(c.offset.Load())
}

// Kept returns the offset that Keep was told of last: an advance that is under way is waited for.
func (c *Clock) Kept() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.Offset()
}

// Advance puts the clock forward and wakes all who wait for that. Nothing changes with an error, which is ErrBack for less than nothing.
func (c *Clock) Advance(by time.Duration) error {
	if by < 0 {
		return fmt.Errorf("%w, not by %v", ErrBack, by)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if by > Longest-c.Offset() {
		return fmt.Errorf("the emulated time cannot be more than %v ahead", Longest)
	}
	if c.Keep != nil && by > 0 {
		if err := c.Keep(c.Offset() + by); err != nil {
			return err
		}
	}
	c.offset.Add(int64(by))
	if c.advanced != nil {
		close(c.advanced)
		c.advanced = nil
	}
	return nil
}

// Advanced returns a channel that is closed at the next Advance. Who waits for a time asks for it before looking at the clock, so that no
// advance is missed.
func (c *Clock) Advanced() <-chan struct{} {
	if c == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.advanced == nil {
		c.advanced = make(chan struct{})
	}
	return c.advanced
}
