package fetch

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"clickstream/internal/pause"
)

// How often and how soon a repository is asked again. An attempt that brought bytes does not count.
const (
	maxAttempts   = 6
	maxDials      = 3
	maxWrong      = 3
	maxFailed     = 3 // files in a row that no attempt brought
	firstPause    = 200 * time.Millisecond
	longestPause  = 15 * time.Second
	longestSilent = 2 * time.Minute // that a Retry-After may ask for
)

// retry makes attempts until one succeeds or no other is worth making. The error names the repository and the path.
func (r *Repository) retry(ctx context.Context, path string, attempt func() (progress bool, err error)) error {
	var tried tries
	for {
		err := r.await(ctx)
		if err == nil {
			var progress bool
			if progress, err = attempt(); err == nil {
				r.note(nil)
				return nil
			}
			if progress {
				tried = tries{wrong: tried.wrong}
			}
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		failed := classify(err)
		delay, again := tried.next(failed)
		if !again {
			r.note(failed)
			return fmt.Errorf("%s: %s: %w", r, path, failed.err)
		}
		r.silence(failed.after)
		if err := pause.For(ctx, delay); err != nil {
			return err
		}
	}
}

// tries counts attempts in a row that brought nothing.
type tries struct{ all, dials, wrong int }

// next tells whether another attempt is worth making, and how long to wait before.
func (t *tries) next(f *failure) (time.Duration, bool) {
	if f.final {
		return 0, false
	}
	t.all++
	if f.down {
		t.dials++
	}
	if errors.Is(f.err, ErrWrong) {
		t.wrong++
	}
	if t.all >= maxAttempts || t.dials >= maxDials || t.wrong >= maxWrong {
		return 0, false
	}
	delay := min(firstPause<<(t.all-1), longestPause)
	return delay/2 + rand.N(delay/2), true
}

// await waits while the server wants silence, whichever file it said so for.
func (r *Repository) await(ctx context.Context) error {
	r.mu.Lock()
	down, until := r.down, r.notBefore
	r.mu.Unlock()
	if down != nil {
		return &failure{err: down, final: true}
	}
	return pause.For(ctx, time.Until(until))
}

func (r *Repository) silence(wanted time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if until := time.Now().Add(wanted); until.After(r.notBefore) {
		r.notBefore = until
	}
}

// note keeps how the attempts at a file ended, nil for well: an error that other files would meet as well, or a few that all attempts met, end the use of
// the repository.
func (r *Repository) note(f *failure) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if f == nil {
		r.failed = 0
		return
	}
	if !f.final && !errors.Is(f.err, ErrWrong) {
		r.failed++
	}
	if r.down == nil && (f.down || r.failed >= maxFailed) {
		r.down = f.err
	}
}
