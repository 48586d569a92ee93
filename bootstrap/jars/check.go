package jars

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// check returns the indices of the jars that are not there, or not as the lock says. Of the latter it tells progress, when there is one.
func (s *Set) check(ctx context.Context, progress *progress) ([]int, error) {
	problems := make([]error, len(s.paths))
	var next atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() error {
			buffer := make([]byte, readBuffer)
			for i := int(next.Add(1) - 1); i < len(s.paths); i = int(next.Add(1) - 1) {
				problems[i] = verify(s.paths[i], &s.Lock.Jars[i], buffer)
				if ctx.Err() != nil {
					return context.Cause(ctx)
				}
			}
			return nil
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
func verify(path string, jar *Jar, buffer []byte) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Size() != jar.Size {
		return fmt.Errorf("%d bytes instead of %d", info.Size(), jar.Size)
	}
	sum, size, err := digestFile(path, sha256.New(), buffer)
	if err != nil {
		return err
	}
	if sum != jar.SHA256 || size != jar.Size {
		return errors.New("its SHA-256 is " + sum)
	}
	return nil
}
