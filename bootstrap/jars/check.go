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

	"clickstream/bootstrap/jars/ahead"
	"clickstream/bootstrap/jars/blake3"
	"clickstream/bootstrap/jars/sum"
)

// check returns the indices of the jars that are not there, or not as the lock says. Of the latter it tells progress, when there is one.
func (s *Set) check(ctx context.Context, progress *progress) ([]int, error) {
	problems := make([]error, len(s.paths))
	begun, everywhere := ahead.Take()
	work := s.work(begun)
	var next atomic.Int64
	everywhere(func() {
		v := &verifier{set: s, problems: problems}
		for n := next.Add(1) - 1; n < int64(len(work)) && ctx.Err() == nil; n = next.Add(1) - 1 {
			v.verify(work[n])
			runtime.Gosched() // for what is done beside it
		}
	})
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	for i, path := range s.paths {
		if digest := begun[path]; digest != nil && s.byBlake3(i) {
			problems[i] = s.Lock.Jars[i].judge(digest.Wait())
		}
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

// work returns the jars' indices as they are verified: by BLAKE3 each alone, but for those that are begun, by SHA-256 two at a time. The largest
// go first, so that no core is left alone with one at the end, and those of a pair have about the same size.
func (s *Set) work(begun map[string]*ahead.Digest) [][]int {
	order := make([]int, len(s.paths))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(s.Lock.Jars[b].Size, s.Lock.Jars[a].Size) })
	var work [][]int
	pair := -1 // the place of a SHA-256 that is alone yet
	for k, i := range order {
		switch {
		case s.byBlake3(i) && begun[s.paths[i]] != nil:
		case s.byBlake3(i):
			work = append(work, order[k:k+1:k+1])
		case pair < 0:
			pair = len(work)
			work = append(work, order[k:k+1:k+1])
		default:
			work[pair] = append(work[pair], i)
			pair = -1
		}
	}
	return work
}

// byBlake3 says by which of two digests a jar is verified that the lock has both of. Each of them vouches for all bytes; one is faster here.
func (s *Set) byBlake3(i int) bool { return blake3.Fast() && s.Lock.Jars[i].BLAKE3 != "" }

// verifier verifies jars for one goroutine.
type verifier struct {
	set      *Set
	problems []error // by index; nil: the jar is as the lock says

	blake3 *blake3.Digest // made when needed, as pair
	pair   *sum.Pair
}

// verify reads one or two jars and compares them with the lock.
func (v *verifier) verify(indices []int) {
	if v.set.byBlake3(indices[0]) {
		v.problems[indices[0]] = v.byBlake3(indices[0])
		return
	}
	v.bySHA256(indices)
}

func (v *verifier) byBlake3(i int) error {
	file, err := blake3.Open(v.set.paths[i])
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // read only
	jar := &v.set.Lock.Jars[i]
	if file.Size() != jar.Size {
		return jar.judge(file.Size(), "", nil)
	}
	if v.blake3 == nil {
		v.blake3 = blake3.New()
	}
	size, digest, err := v.blake3.File(file)
	return jar.judge(size, digest, err)
}

// judge says what is wrong with a file of the size and BLAKE3.
func (j *Jar) judge(size int64, blake3 string, err error) error {
	switch {
	case err != nil:
		return err
	case size != j.Size:
		return fmt.Errorf("%d bytes instead of %d", size, j.Size)
	case blake3 != j.BLAKE3:
		return errors.New("its BLAKE3 is " + blake3)
	}
	return nil
}

func (v *verifier) bySHA256(indices []int) {
	readers := [2]io.Reader{strings.NewReader(""), strings.NewReader("")}
	for k, i := range indices {
		file, err := open(v.set.paths[i], v.set.Lock.Jars[i].Size)
		if err != nil {
			v.problems[i] = err
			continue
		}
		defer func() { _ = file.Close() }() // read only
		readers[k] = file
	}
	if v.pair == nil {
		v.pair = new(sum.Pair)
	}
	sums, sizes, errs := v.pair.Sums(readers)
	for k, i := range indices {
		digest := hex.EncodeToString(sums[k][:])
		switch jar := &v.set.Lock.Jars[i]; {
		case v.problems[i] != nil:
		case errs[k] != nil:
			v.problems[i] = errs[k]
		case digest != jar.SHA256 || sizes[k] != jar.Size:
			v.problems[i] = errors.New("its SHA-256 is " + digest)
		}
	}
}

// open opens a file that has the size.
func open(path string, size int64) (*os.File, error) {
	if err := hasSize(path, size); err != nil {
		return nil, err
	}
	return os.Open(path)
}

// hasSize returns an error where there is no file of the size. That is looked at first, as it costs nothing; to open what is no file, but a pipe,
// would wait for somebody who writes into it.
func hasSize(path string, size int64) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return fmt.Errorf("it is no file (%s)", info.Mode().Type())
	case info.Size() != size:
		return fmt.Errorf("%d bytes instead of %d", info.Size(), size)
	}
	return nil
}
