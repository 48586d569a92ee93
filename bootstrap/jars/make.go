package jars

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"clickstream/bootstrap/jars/blake3"
	"clickstream/bootstrap/jars/classes"
	"clickstream/bootstrap/jars/fetch"
	"clickstream/bootstrap/jars/maven"
)

// The daemon's own coordinates, and the part of them that the jars of the Glue schema registry share: nothing that only these need is needed.
const (
	daemonGroup    = "software.amazon.kinesis"
	daemonArtifact = "amazon-kinesis-client-multilang"
	registryGroup  = "software.amazon.glue"
)

// Make makes the lock of a version of the Kinesis Client Library from what Maven repositories have, by the rule that stands in each lock's head.
// It asks the sources that [Ensure] asks, a bundle excepted, and fetches the whole closure, into a temporary folder. Where a repository has a
// jar's SHA-1 beside it the jar must match; nothing else vouches for the bytes, so the lock is for somebody to look at.
func Make(ctx context.Context, version string, options Options) (*Lock, error) {
	if !maven.Plain(version) {
		return nil, fmt.Errorf("%.60q is no version", version)
	}
	options.Lock, options.Bundle = &Lock{}, ""
	options, _, err := options.complete()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "clickstream-lock-")
	if err != nil {
		return nil, err
	}
	progress := newProgress(options.Log, options.Terminal)
	client := newClient(&options)
	defer client.Close()
	m := &maker{dir: dir, connections: options.Connections, progress: progress}
	m.repositories, err = options.repositories(client, progress)
	var lock *Lock
	if err == nil {
		lock, err = m.lock(ctx, version)
	}
	progress.end()
	return lock, errors.Join(err, os.RemoveAll(dir))
}

type maker struct {
	dir          string
	repositories []*fetch.Repository
	connections  int
	progress     *progress
}

func (m *maker) lock(ctx context.Context, version string) (*Lock, error) {
	root := maven.Coordinates{Group: daemonGroup, Artifact: daemonArtifact, Version: version}
	resolver := maven.NewResolver(m.readPOM, m.connections)
	all, err := resolver.Resolve(ctx, root, nil)
	if err != nil {
		return nil, err
	}
	proper, err := resolver.Resolve(ctx, root, isRegistry)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(a maven.Artifact) bool { return !a.Jar })
	m.progress.line("%s has %d jars with all its dependencies", root, len(all))
	jars := make([]Jar, len(all))
	contents := make([]*classes.Jar, len(all))
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(m.connections)
	for i := range all {
		group.Go(func() error {
			return m.add(within, &all[i], &jars[i], &contents[i])
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	lock := &Lock{KCL: version}
	for i, needed := range classes.Needed(contents, rules(all, proper)) {
		if needed {
			lock.Jars = append(lock.Jars, jars[i])
		}
	}
	slices.SortFunc(lock.Jars[1:], func(a, b Jar) int { return cmp.Compare(a.Coordinates(), b.Coordinates()) })
	m.progress.line("%d of them are needed (%s)", len(lock.Jars), megabytes(lock.Size()))
	return lock, nil
}

func isRegistry(c maven.Coordinates) bool { return c.Group == registryGroup }

// rules are those of the lock's head. proper is what is there without the Glue schema registry's dependencies: a service of the others must
// not come in by a string or as a service, where it would stand in the way of the one that is meant.
func rules(all, proper []maven.Artifact) classes.Rules {
	key := func(a *maven.Artifact) string { return a.Group + ":" + a.Artifact }
	own := make(map[string]bool)
	for i := range proper {
		own[key(&proper[i])] = true
	}
	return classes.Rules{
		Follow: func(from, to int) bool {
			optional := slices.Contains(all[from].Optional, key(&all[to])) && !own[key(&all[to])]
			return !isRegistry(all[from].Coordinates) && !optional
		},
		Loose: func(i int) bool { return own[key(&all[i])] },
	}
}

// add fetches a jar and reads it.
func (m *maker) add(ctx context.Context, artifact *maven.Artifact, jar *Jar, content **classes.Jar) error {
	path, err := m.fetch(ctx, artifact.Coordinates)
	if err != nil {
		return err
	}
	if *content, err = classes.Read(path); err != nil {
		return err
	}
	sha, blake := sha256.New(), blake3.New()
	size, err := readInto(io.MultiWriter(sha, blake), path)
	if err != nil {
		return err
	}
	*jar = Jar{
		Group: artifact.Group, Artifact: artifact.Artifact, Version: artifact.Version, Size: size,
		SHA256: hex.EncodeToString(sha.Sum(nil)), BLAKE3: blake.Hex(), Licences: licences(artifact.Licences),
	}
	return os.Remove(path)
}

// fetch brings a jar into the folder from the first repository that has it.
func (m *maker) fetch(ctx context.Context, c maven.Coordinates) (string, error) {
	path := filepath.Join(m.dir, c.Group+"-"+c.Artifact+"-"+c.Version+".jar")
	var reasons []string
	for _, repository := range m.repositories {
		part, err := fetch.OpenPart(path, fetch.Want{}, nil)
		if err != nil {
			return "", err
		}
		if err = repository.Save(ctx, c.Path("jar"), part); err == nil {
			err = part.Commit()
		} else {
			err = errors.Join(err, part.Close())
		}
		if err == nil {
			err = checkSHA1(ctx, repository, c.Path("jar.sha1"), path)
		}
		if err == nil {
			return path, nil
		}
		if ctx.Err() != nil {
			return "", context.Cause(ctx)
		}
		reasons = append(reasons, err.Error())
	}
	return "", fmt.Errorf("no repository has the jar %s:\n  %s", c, strings.Join(reasons, "\n  "))
}

// readPOM returns the POM of an artifact. Where no repository has it, as is so with some versions of the daemon, its jar has a copy.
func (m *maker) readPOM(ctx context.Context, c maven.Coordinates) ([]byte, error) {
	var reasons []string
	for _, repository := range m.repositories {
		text, err := repository.Read(ctx, c.Path("pom"), maven.MaxFile)
		if err == nil {
			return text, nil
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		reasons = append(reasons, err.Error())
	}
	jar, err := m.fetch(ctx, c)
	if err == nil {
		var text []byte
		if text, err = maven.ReadEntry(jar, "META-INF/maven/"+c.Group+"/"+c.Artifact+"/pom.xml"); err == nil {
			m.progress.line("the POM of %s is the one in its jar: no repository has it", c)
			return text, nil
		}
	}
	reasons = append(reasons, err.Error())
	return nil, errors.New("no repository has it:\n  " + strings.Join(reasons, "\n  "))
}
