package expression

import (
	"maps"
	"slices"

	"clickstream/emulator/dynamodb/attribute"
)

// tree is an update laid out along the document: for each place either new content or changes
// further in. Editing along it copies only the maps and lists that change.
type tree struct {
	names   map[string]*tree
	indexes map[int]*tree
	leaf    bool
	content value // of a leaf; Missing removes what is there
}

// plant puts a leaf at the path. The paths of one update are disjoint.
func (t *tree) plant(path Path, content value) {
	for _, step := range path {
		t = t.child(step)
	}
	t.leaf, t.content = true, content
}

func (t *tree) child(step Step) *tree {
	if step.IsIndex {
		if t.indexes == nil {
			t.indexes = map[int]*tree{}
		}
		return grown(t.indexes, step.Index)
	}
	if t.names == nil {
		t.names = map[string]*tree{}
	}
	return grown(t.names, step.Name)
}

func grown[K comparable](children map[K]*tree, key K) *tree {
	if children[key] == nil {
		children[key] = &tree{}
	}
	return children[key]
}

// into makes the changes to edited, a copy of old.
func (t *tree) into(edited, old item) error {
	for name, sub := range t.names {
		v, err := sub.edit(old[name])
		if err != nil {
			return err
		}
		put(edited, name, v)
	}
	return nil
}

// edit is the value at a place after the changes, Missing if it goes.
func (t *tree) edit(old value) (value, error) {
	switch {
	case t.leaf:
		return t.content, nil
	case old.Kind() == attribute.Map && t.indexes == nil:
		fields := old.Fields().Clone()
		return attribute.NewMap(fields), t.into(fields, old.Fields())
	case old.Kind() == attribute.List && t.names == nil:
		elements, err := t.elements(old.Elements())
		return attribute.NewList(elements...), err
	default:
		return value{}, errWrongPath
	}
}

// elements is a copy of a list with the changes. What is set behind its end is appended in the order
// of the indexes; what is removed leaves no gap.
func (t *tree) elements(old []value) ([]value, error) {
	edited := slices.Clone(old)
	for _, at := range slices.Sorted(maps.Keys(t.indexes)) {
		sub := t.indexes[at]
		if at >= len(old) {
			if !sub.leaf {
				return nil, errWrongPath
			}
			edited = append(edited, sub.content)
			continue
		}
		v, err := sub.edit(old[at])
		if err != nil {
			return nil, err
		}
		edited[at] = v
	}
	return slices.DeleteFunc(edited, func(v value) bool { return !v.Present() }), nil
}
