package jars

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
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
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // read only
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if info.Size() != jar.Size {
		return fmt.Errorf("%d bytes instead of %d", info.Size(), jar.Size)
	}
	sum := sha256.New()
	if _, err := io.CopyBuffer(sum, onlyReader{file}, make([]byte, 256<<10)); err != nil {
		return err
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != jar.SHA256 {
		return errors.New("its SHA-256 is " + got)
	}
	return nil
}

// onlyReader hides what else a file can do, so that [io.CopyBuffer] uses its buffer.
type onlyReader struct{ io.Reader }
