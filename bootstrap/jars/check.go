package jars

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"

	"golang.org/x/sync/errgroup"
)

// check returns the indices of the jars that are not there, or not as the lock says. Of the latter it tells progress, when there is one.
func (s *Set) check(ctx context.Context, progress *progress) ([]int, error) {
	problems := make([]error, len(s.paths))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i := range s.paths {
		group.Go(func() error {
			problems[i] = verify(s.paths[i], &s.Lock.Jars[i])
			return context.Cause(ctx)
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var missing []int
	for i, problem := range problems {
		if problem == nil {
			continue
		}
		missing = append(missing, i)
		if progress != nil && !errors.Is(problem, fs.ErrNotExist) {
			progress.line("%s is not as the lock says (%v): it is fetched again", s.paths[i], problem)
		}
	}
	return missing, nil
}

// verify reads a jar and compares it with the lock. The size goes first, as it costs nothing.
func verify(path string, jar *Jar) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Size() != jar.Size {
		return fmt.Errorf("%d bytes instead of %d", info.Size(), jar.Size)
	}
	sum, size, err := sha256File(path)
	if err != nil {
		return err
	}
	if sum != jar.SHA256 || size != jar.Size {
		return errors.New("its SHA-256 is " + sum)
	}
	return nil
}
