// Package pause waits for a while, unless somebody wants it to end.
package pause

import (
	"context"
	"time"
)

// For returns nil after d, at once when there is nothing to wait for, or the cause of the context's end when that comes first.
func For(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
