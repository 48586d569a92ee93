package cleanup

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"time"

	"clickstream/internal/awsclient"
	"clickstream/internal/exit"
	"clickstream/internal/leases"
	"clickstream/internal/pause"
)

// deletionTimeout bounds the wait until a stream or a table is gone; AWS takes up to a minute. It is asked for in these intervals.
const (
	deletionTimeout = 3 * time.Minute
	lookInterval    = time.Second
)

var errNotGone = errors.New("it is still being deleted after " + deletionTimeout.String())

type cleaner struct {
	Config
	clients *awsclient.Clients
	names   leases.Names
}

func (c *cleaner) wants(part string) bool { return len(c.Only) == 0 || slices.Contains(c.Only, part) }

// survey looks at everything that may be there. What cannot be looked at is a problem; an error ends the run.
func (c *cleaner) survey(ctx context.Context) (steps []step, problems []error, err error) {
	looks := map[string]func(context.Context) ([]step, error){partStream: c.stream, partTables: c.tables, partBucket: c.bucket}
	for _, part := range Parts() {
		if !c.wants(part) {
			continue
		}
		found, err := looks[part](ctx)
		steps = append(steps, found...)
		if err == nil {
			continue
		}
		if ctx.Err() != nil {
			return nil, nil, context.Cause(ctx)
		}
		if _, unreachable := errors.AsType[*url.Error](err); unreachable || exit.Code(err) == exit.Usage {
			return nil, nil, err
		}
		if _, nobody := errors.AsType[*awsclient.NoCredentialsError](err); nobody {
			return nil, nil, exit.With(exit.Usage, err)
		}
		if several, ok := err.(interface{ Unwrap() []error }); ok { // of tables
			problems = append(problems, several.Unwrap()...)
		} else {
			problems = append(problems, err)
		}
	}
	return steps, problems, nil
}

// untilGone asks until something is no longer there.
func untilGone(ctx context.Context, gone func(context.Context) (bool, error)) error {
	ctx, cancel := context.WithTimeoutCause(ctx, deletionTimeout, errNotGone)
	defer cancel()
	for {
		is, err := gone(ctx)
		if is || err != nil {
			return err
		}
		if err := pause.For(ctx, lookInterval); err != nil {
			return err
		}
	}
}
