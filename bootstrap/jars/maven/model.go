package maven

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Limits on what POMs may make us do.
const (
	maxLineage   = 32      // parents of parents
	maxImports   = 16      // imports of imports
	maxModels    = 20_000  // in one resolution
	maxExpanded  = 1 << 16 // bytes of a value with all expressions filled in
	maxNested    = 32      // expressions in expressions
	maxClosure   = 2000    // artifacts
	scopeCompile = "compile"
	scopeRuntime = "runtime"
	scopeImport  = "import"
)

// model is a project with all that it inherits, imports and is managed to have.
type model struct {
	Coordinates
	licences     []Licence
	relocated    *Coordinates
	managed      []dependency
	dependencies []dependency
}

// lineage returns a project's POM and those of its parents, the project's first.
func (r *Resolver) lineage(ctx context.Context, c Coordinates) ([]*pom, error) {
	var all []*pom
	for {
		p, err := r.pom(ctx, c)
		if err != nil {
			return nil, err
		}
		if all = append(all, p); p.Parent == nil {
			return all, nil
		}
		if len(all) > maxLineage {
			return nil, fmt.Errorf("%s: more than %d parents", c, maxLineage)
		}
		c = Coordinates{strings.TrimSpace(p.Parent.GroupID), strings.TrimSpace(p.Parent.ArtifactID), exact(strings.TrimSpace(p.Parent.Version))}
	}
}

// model builds a project's model as Maven's model builder does: inheritance, interpolation, imports, management. within is the chain of
// projects that import one another.
func (r *Resolver) model(ctx context.Context, c Coordinates, within []Coordinates) (*model, error) {
	if r.models.Add(1) > maxModels || len(within) > maxImports {
		return nil, fmt.Errorf("%s: too many projects import one another", c)
	}
	if slices.Contains(within, c) {
		return nil, fmt.Errorf("%s imports itself", c)
	}
	poms, err := r.lineage(ctx, c)
	if err != nil {
		return nil, err
	}
	m := &model{Coordinates: c}
	var all section
	for _, p := range poms {
		all = inherit(&all, &p.section)
		if len(m.licences) == 0 {
			m.licences = p.Licences
		}
	}
	fill := newInterpolation(c, poms, all.Properties)
	if m.managed, err = fill.dependencies(all.Managed); err != nil {
		return nil, fmt.Errorf("%s: %w", c, err)
	}
	if m.dependencies, err = fill.dependencies(all.Dependencies); err != nil {
		return nil, fmt.Errorf("%s: %w", c, err)
	}
	if m.relocated, err = fill.relocation(c, poms[0].Relocation); err != nil {
		return nil, fmt.Errorf("%s: %w", c, err)
	}
	if err := r.imports(ctx, m, append(slices.Clip(within), c)); err != nil {
		return nil, err
	}
	m.manage()
	return m, nil
}

// imports replaces the imports in the management by what they bring. What the project manages itself goes first, then the first import.
func (r *Resolver) imports(ctx context.Context, m *model, within []Coordinates) error {
	var own, imported []dependency
	for _, d := range m.managed {
		if d.Scope != scopeImport || d.Type != "pom" {
			own = append(own, d)
			continue
		}
		from, err := r.model(ctx, d.coordinates(), within)
		if err != nil {
			return fmt.Errorf("%s imports %w", m.Coordinates, err)
		}
		imported = append(imported, from.managed...)
	}
	m.managed = mergeDependencies(own, imported)
	return nil
}

// manage fills in what the dependencies leave to the management.
func (m *model) manage() {
	byKey := make(map[string]*dependency, len(m.managed))
	for i := range m.managed {
		byKey[m.managed[i].key()] = &m.managed[i]
	}
	for i := range m.dependencies {
		d := &m.dependencies[i]
		managed := byKey[d.key()]
		if managed == nil {
			continue
		}
		for _, value := range []struct {
			own     *string
			managed string
		}{{&d.Version, managed.Version}, {&d.Scope, managed.Scope}, {&d.Optional, managed.Optional}} {
			if *value.own == "" {
				*value.own = value.managed
			}
		}
		if len(d.Exclusions) == 0 {
			d.Exclusions = managed.Exclusions
		}
	}
}

func (d *dependency) coordinates() Coordinates {
	return Coordinates{d.GroupID, d.ArtifactID, exact(d.Version)}
}

// exact returns the one version that a range like [1.2] allows, and anything else as it is.
func exact(version string) string {
	if inner, ok := strings.CutPrefix(version, "["); ok && strings.HasSuffix(inner, "]") && !strings.Contains(inner, ",") {
		return strings.TrimSuffix(inner, "]")
	}
	return version
}
