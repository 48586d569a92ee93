package jars

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"clickstream/bootstrap/jars/sum"
)

// check returns the indices of the jars that are not there, or not as the lock says. Of the latter it tells progress, when there is one.
func (s *Set) check(ctx context.Context, progress *progress) ([]int, error) {
	problems := make([]error, len(s.paths))
	// The largest go first, so that no core is left alone with one at the end, and those of a pair have about the same size.
	order := make([]int, len(s.paths))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(s.Lock.Jars[b].Size, s.Lock.Jars[a].Size) })
	var next atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() error {
			pair := new(sum.Pair)
			for n := int(next.Add(2) - 2); n < len(order); n = int(next.Add(2) - 2) {
				s.verify(order[n:min(n+2, len(order))], pair, problems)
				if ctx.Err() != nil {
					return context.Cause(ctx)
				}
				runtime.Gosched() // for what is done beside it
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

// verify reads one or two jars and compares them with the lock.
func (s *Set) verify(indices []int, pair *sum.Pair, problems []error) {
	readers := [2]io.Reader{strings.NewReader(""), strings.NewReader("")}
	for k, i := range indices {
		file, err := open(s.paths[i], s.Lock.Jars[i].Size)
		if err != nil {
			problems[i] = err
			continue
		}
		defer func() { _ = file.Close() }() // read only
		readers[k] = file
	}
	sums, sizes, errs := pair.Sums(readers)
	for k, i := range indices {
		digest := hex.EncodeToString(sums[k][:])
		switch jar := &s.Lock.Jars[i]; {
		case problems[i] != nil:
		case errs[k] != nil:
			problems[i] = errs[k]
		case digest != jar.SHA256 || sizes[k] != jar.Size:
			problems[i] = errors.New("its SHA-256 is " + digest)
		}
	}
}

// open opens a file that has the size. That is compared first, as it costs nothing.
func open(path string, size int64) (*os.File, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && info.Size() != size {
		err = fmt.Errorf("%d bytes instead of %d", info.Size(), size)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}
