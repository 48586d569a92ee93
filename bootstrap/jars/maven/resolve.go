package maven

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// Artifact is one that a resolution chose.
type Artifact struct {
	Coordinates
	Licences []Licence
	Jar      bool     // false: only its dependencies count, as of a dependency of type pom
	Optional []string // group:artifact of what it can do without, by its POM
}

// Reader returns the text of a POM.
type Reader func(ctx context.Context, c Coordinates) ([]byte, error)

// Resolver resolves dependencies. It reads each POM once. Its methods are for one goroutine at a time.
type Resolver struct {
	read     Reader
	parallel int
	models   atomic.Int64

	mu   sync.Mutex
	poms map[Coordinates]func() (*pom, error)
}

// NewResolver returns a resolver that reads up to parallel POMs at a time.
func NewResolver(read Reader, parallel int) *Resolver {
	return &Resolver{read: read, parallel: parallel, poms: make(map[Coordinates]func() (*pom, error))}
}

// Resolve returns what a program that depends on root alone has on its class path at run time, root first, then by distance from it: the
// dependencies of the scopes compile and runtime that are not optional, without what exclusions leave out. Of an artifact's versions the
// nearest wins, and among equally near ones the first, as in Maven. The dependencies of an artifact for which cut returns true are left
// out; cut may be nil.
//
// Left out of Maven's rules: ranges of versions other than [1.2], profiles that are not active by default, artifacts with a classifier.
// Where one of them is met on a needed dependency it is an error.
func (r *Resolver) Resolve(ctx context.Context, root Coordinates, cut func(Coordinates) bool) ([]Artifact, error) {
	if cut == nil {
		cut = func(Coordinates) bool { return false }
	}
	r.models.Store(0)
	run := &resolution{Resolver: r, cut: cut, chosen: make(map[string]bool)}
	level := []node{{Coordinates: root, jar: true}}
	for len(level) > 0 {
		var err error
		if level, err = run.expand(ctx, level); err != nil {
			return nil, err
		}
	}
	return run.artifacts, nil
}

// resolution is one call of Resolve under way.
type resolution struct {
	*Resolver
	cut       func(Coordinates) bool
	chosen    map[string]bool
	artifacts []Artifact
}

// node is a dependency on a path from the root.
type node struct {
	Coordinates
	jar        bool
	exclusions []exclusion // of all dependencies on the path
}

func (n *node) key() string { return fmt.Sprint(n.Group, ":", n.Artifact, ":", n.jar) }

// expand chooses among the nodes of a level and returns the next one.
func (r *resolution) expand(ctx context.Context, level []node) ([]node, error) {
	level = slices.DeleteFunc(level, func(n node) bool {
		key := n.key()
		was := r.chosen[key]
		r.chosen[key] = true
		return was
	})
	models := make([]*model, len(level))
	group, all := errgroup.WithContext(ctx)
	group.SetLimit(r.parallel)
	for i := range level {
		group.Go(func() (err error) {
			models[i], err = r.settled(all, level[i].Coordinates)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var next []node
	for i, m := range models {
		moved := level[i]
		if moved.Coordinates = m.Coordinates; moved.key() != level[i].key() && r.chosen[moved.key()] {
			continue // an artifact moved to where another one is already
		}
		r.chosen[moved.key()] = true
		r.artifacts = append(r.artifacts, Artifact{Coordinates: m.Coordinates, Licences: m.licences, Jar: moved.jar, Optional: m.optional()})
		if len(r.artifacts) > maxClosure {
			return nil, fmt.Errorf("more than %d dependencies", maxClosure)
		}
		if r.cut(m.Coordinates) {
			continue
		}
		children, err := m.children(&moved)
		if err != nil {
			return nil, err
		}
		next = append(next, children...)
	}
	return next, nil
}

// settled returns the model of an artifact, or of the one that it moved to.
func (r *Resolver) settled(ctx context.Context, c Coordinates) (*model, error) {
	for range maxLineage {
		m, err := r.model(ctx, c, nil)
		if err != nil || m.relocated == nil {
			return m, err
		}
		c = *m.relocated
	}
	return nil, fmt.Errorf("%s moves without end", c)
}

// children returns the dependencies that count for those who depend on the project.
func (m *model) children(at *node) ([]node, error) {
	var all []node
	for i := range m.dependencies {
		d := &m.dependencies[i]
		if d.Optional == "true" || d.Scope != "" && d.Scope != scopeCompile && d.Scope != scopeRuntime || at.excludes(d) {
			continue
		}
		if err := d.check(); err != nil {
			return nil, fmt.Errorf("%s needs %s:%s: %w", m.Coordinates, d.GroupID, d.ArtifactID, err)
		}
		all = append(all, node{
			Coordinates: d.coordinates(), jar: d.Type != "pom",
			exclusions: append(slices.Clip(at.exclusions), d.Exclusions...),
		})
	}
	return all, nil
}

func (m *model) optional() []string {
	var names []string
	for i := range m.dependencies {
		if d := &m.dependencies[i]; d.Optional == "true" {
			names = append(names, d.GroupID+":"+d.ArtifactID)
		}
	}
	return names
}

func (n *node) excludes(d *dependency) bool {
	return slices.ContainsFunc(n.exclusions, func(e exclusion) bool {
		return (e.GroupID == "*" || e.GroupID == d.GroupID) && (e.ArtifactID == "*" || e.ArtifactID == d.ArtifactID)
	})
}

// pom reads a POM once.
func (r *Resolver) pom(ctx context.Context, c Coordinates) (*pom, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	r.mu.Lock()
	once := r.poms[c]
	if once == nil {
		once = sync.OnceValues(func() (*pom, error) {
			text, err := r.read(ctx, c)
			if err != nil {
				return nil, fmt.Errorf("the POM of %s: %w", c, err)
			}
			p, err := parsePOM(text)
			if err != nil {
				return nil, fmt.Errorf("the POM of %s: %w", c, err)
			}
			return p, nil
		})
		r.poms[c] = once
	}
	r.mu.Unlock()
	return once()
}
