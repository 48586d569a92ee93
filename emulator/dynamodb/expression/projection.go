package expression

import (
	"maps"
	"slices"

	"clickstream/emulator/dynamodb/attribute"
)

// Projection is the part of an item that a request wants. The zero Projection wants all of it.
type Projection struct {
	root *branch
}

// branch is what is wanted of a map or list; a nil branch is all of it.
type branch struct {
	names   map[string]*branch
	indexes map[int]*branch
}

// NewProjection wants what is at the paths, of which none may contain another.
func NewProjection(paths ...Path) Projection {
	root := &branch{}
	for _, path := range paths {
		at := root
		for i, step := range path {
			at = at.grow(step, i == len(path)-1)
		}
	}
	return Projection{root}
}

func (b *branch) grow(step Step, last bool) *branch {
	if step.IsIndex {
		if b.indexes == nil {
			b.indexes = map[int]*branch{}
		}
		return extend(b.indexes, step.Index, last)
	}
	if b.names == nil {
		b.names = map[string]*branch{}
	}
	return extend(b.names, step.Name, last)
}

func extend[K comparable](branches map[K]*branch, key K, last bool) *branch {
	if branches[key] == nil && !last {
		branches[key] = &branch{}
	} else if last {
		branches[key] = nil
	}
	return branches[key]
}

// All tells whether the whole item is wanted.
func (p Projection) All() bool { return p.root == nil }

// Names are the attributes of which something is wanted, in order; none if all are.
func (p Projection) Names() []string {
	if p.root == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(p.root.names))
}

// Of is the wanted part of the item: it may be empty, but never nil.
func (p Projection) Of(it attribute.Item) attribute.Item {
	if p.root == nil {
		return it
	}
	return p.root.fields(it)
}

func (b *branch) fields(it item) item {
	picked := make(item, len(b.names))
	for name, sub := range b.names {
		if v := sub.of(it[name]); v.Present() {
			picked[name] = v
		}
	}
	return picked
}

// of is the wanted part of a value; a map or list of which nothing is there is Missing.
func (b *branch) of(v value) value {
	switch {
	case b == nil:
		return v
	case v.Kind() == attribute.Map:
		if fields := b.fields(v.Fields()); len(fields) > 0 {
			return attribute.NewMap(fields)
		}
	case v.Kind() == attribute.List:
		if elements := b.elements(v.Elements()); len(elements) > 0 {
			return attribute.NewList(elements...)
		}
	}
	return value{}
}

// elements are the wanted elements of a list in their order, without gaps.
func (b *branch) elements(all []value) []value {
	var picked []value
	for _, at := range slices.Sorted(maps.Keys(b.indexes)) {
		if at < len(all) {
			if v := b.indexes[at].of(all[at]); v.Present() {
				picked = append(picked, v)
			}
		}
	}
	return picked
}

// projection reads a list of paths.
func (p *parser) projection() (Projection, error) {
	paths, err := list(p, p.path)
	if err != nil {
		return Projection{}, err
	}
	return NewProjection(paths...), checkDisjoint(paths)
}
