package jars

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"clickstream/bootstrap/jars/fetch"
)

// Set is the jars of a lock on this machine, all of them verified.
type Set struct {
	Lock *Lock
	Dir  string // absolute

	paths []string
}

// ClassPath returns the absolute paths of the lock's jars, in its order, and nothing else.
func (s *Set) ClassPath() []string { return slices.Clone(s.paths) }

// Ensure returns when all jars of the lock are in the folder and verified; what is there already costs no request. Processes that share a
// folder share the work: one fetches, the others wait for it. Killed at any moment it leaves no jar that is not whole, and the next one
// takes up what came so far. The error says of each source why it did not help.
func Ensure(ctx context.Context, options Options) (*Set, error) {
	finish, stop := Begin(ctx, options)
	defer stop()
	return finish()
}

// Begin begins what Ensure does: the jars that are there are verified beside the caller's own work. Finish waits for that, goes on with those
// that are missing and returns as Ensure does. Stop gives up what finish did not wait for; it has to be called.
func Begin(ctx context.Context, options Options) (finish func() (*Set, error), stop func()) {
	looking, cancel := context.WithCancel(ctx)
	var (
		set     *Set
		from    *bundle
		missing []int
		err     error
		looked  = make(chan struct{})
	)
	go func() {
		defer close(looked)
		if options, from, err = options.complete(); err == nil {
			set = newSet(&options)
			missing, err = set.check(looking, nil)
		}
	}()
	finish = func() (*Set, error) {
		<-looked
		if err == nil && len(missing) > 0 {
			err = set.complete(ctx, &options, from)
		}
		if err != nil {
			return nil, err
		}
		return set, nil
	}
	return finish, func() {
		cancel()
		<-looked
		if from != nil {
			_ = from.Close() // read only
		}
	}
}

func newSet(options *Options) *Set {
	set := &Set{Lock: options.Lock, Dir: options.Dir}
	for _, name := range names(options.Lock.Jars) {
		set.paths = append(set.paths, filepath.Join(options.Dir, name))
	}
	return set
}

// Missing counts the lock's jars that are not in the folder, or not as the lock says. It changes nothing, and asks nobody.
func Missing(ctx context.Context, options Options) (missing int, dir string, err error) {
	options.Bundle = ""
	options, _, err = options.complete()
	if err != nil {
		return 0, "", err
	}
	indices, err := newSet(&options).check(ctx, nil)
	return len(indices), options.Dir, err
}

// complete fetches what is missing, as the only process at work in the folder.
func (s *Set) complete(ctx context.Context, options *Options, from *bundle) error {
	if err := os.MkdirAll(s.Dir, 0o755); err != nil {
		return fmt.Errorf("the folder for the daemon's jars: %w", err)
	}
	progress := newProgress(options.Log, options.Terminal)
	defer progress.end()
	unlock, err := lockFolder(ctx, s.Dir, progress)
	if err != nil {
		return err
	}
	defer unlock()
	missing, err := s.check(ctx, progress) // another process may have been here meanwhile
	if err != nil || len(missing) == 0 {
		return err
	}
	client := newClient(options)
	defer client.Close()
	sources := []source{from}
	if from == nil {
		if sources, err = options.sources(client, progress); err != nil {
			return err
		}
	}
	return s.fetch(ctx, missing, sources, options.Connections, progress)
}

// fetch gets the jars with these indices, the largest first, so that none of them is left alone at the end.
func (s *Set) fetch(ctx context.Context, missing []int, sources []source, connections int, progress *progress) error {
	jars := s.Lock.Jars
	slices.SortFunc(missing, func(a, b int) int { return cmp.Compare(jars[b].Size, jars[a].Size) })
	var size int64
	for _, i := range missing {
		size += jars[i].Size
	}
	progress.begin(len(missing), size, s.Dir)
	group, all := errgroup.WithContext(ctx)
	group.SetLimit(connections)
	for _, i := range missing {
		group.Go(func() error {
			if all.Err() != nil {
				return context.Cause(all)
			}
			if err := save(all, &jars[i], s.paths[i], sources, progress); err != nil {
				return err
			}
			progress.jarDone()
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return syncFolder(s.Dir)
}

// save gets one jar from the first source that has it right.
func save(ctx context.Context, jar *Jar, path string, sources []source, progress *progress) (err error) {
	part, err := fetch.OpenPart(path, fetch.Want{Size: jar.Size, SHA256: jar.SHA256, BLAKE3: jar.BLAKE3}, progress.add)
	if err != nil {
		return fmt.Errorf("fetch %s: %w", jar.Coordinates(), err)
	}
	if part.Whole() {
		return commit(part, jar)
	}
	var reasons []string
	for _, source := range sources {
		err := source.Save(ctx, jar.Path(), part)
		if err == nil {
			return commit(part, jar)
		}
		if ctx.Err() != nil {
			return errors.Join(context.Cause(ctx), part.Close())
		}
		if local, ok := errors.AsType[*fs.PathError](err); ok && filepath.Dir(local.Path) == filepath.Dir(path) {
			return errors.Join(fmt.Errorf("fetch %s: %w", jar.Coordinates(), err), part.Close())
		}
		reasons = append(reasons, err.Error())
		progress.failed(source, err)
	}
	err = fmt.Errorf("fetch %s: no source has it as the lock says:\n  %s\nname a Maven repository by --maven-repository, or bring the jars by --bundle",
		jar.Coordinates(), strings.Join(reasons, "\n  "))
	return errors.Join(err, part.Close())
}

func commit(part *fetch.Part, jar *Jar) error {
	if err := part.Commit(); err != nil {
		return fmt.Errorf("keep %s: %w", jar.Coordinates(), err)
	}
	return nil
}
