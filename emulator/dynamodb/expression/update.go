package expression

import (
	"errors"

	"clickstream/emulator/dynamodb/attribute"
)

// Verb is what an Action does.
type Verb string

// The verbs are the sections of an update expression.
const (
	Set    Verb = "SET"
	Remove Verb = "REMOVE"
	Add    Verb = "ADD"
	Delete Verb = "DELETE"
)

// Action changes one place of an item.
type Action struct {
	Verb Verb
	Path Path
	Term Term // nil for Remove
}

// Term is what an action sets, adds or deletes: a Path, a Literal, a Sum, an IfNotExists or a
// ListAppend.
type Term interface {
	compute(it item) (value, error)
}

type (
	// Sum is the sum or, if Minus is set, the difference of two numbers.
	Sum struct {
		Left, Right Term
		Minus       bool
	}
	// IfNotExists is what is at the path or, where nothing is, the other term.
	IfNotExists struct {
		Path Path
		Else Term
	}
	// ListAppend is one list followed by another.
	ListAppend struct{ First, Second Term }
)

func (l Literal) compute(item) (value, error) { return l.Value, nil }

func (p Path) compute(it item) (value, error) {
	v := p.Find(it)
	if !v.Present() {
		return v, invalid("The provided expression refers to an attribute that does not exist in the item")
	}
	return v, nil
}

func (s Sum) compute(it item) (value, error) {
	left, right, err := both(s.Left, s.Right, attribute.Number, it)
	if err != nil {
		return value{}, err
	}
	if s.Minus {
		return attribute.Subtract(left, right)
	}
	return attribute.Add(left, right)
}

func (f IfNotExists) compute(it item) (value, error) {
	if v := f.Path.Find(it); v.Present() {
		return v, nil
	}
	return f.Else.compute(it)
}

func (l ListAppend) compute(it item) (value, error) {
	first, second, err := both(l.First, l.Second, attribute.List, it)
	if err != nil {
		return value{}, err
	}
	joined := make([]value, 0, len(first.Elements())+len(second.Elements()))
	return attribute.NewList(append(append(joined, first.Elements()...), second.Elements()...)...), nil
}

// both computes two terms that must be of one kind.
func both(left, right Term, kind attribute.Kind, it item) (a, b value, err error) {
	if a, err = left.compute(it); err != nil {
		return a, b, err
	}
	if b, err = right.compute(it); err != nil {
		return a, b, err
	}
	if a.Kind() != kind || b.Kind() != kind {
		return a, b, errWrongType
	}
	return a, b, nil
}

var (
	errWrongType = errors.New("operand of the wrong type")
	errWrongPath = errors.New("path into something else")
)

// Update is a parsed update. The zero Update changes nothing.
type Update struct {
	Actions []Action
	// Legacy is set for AttributeUpdates, whose errors read otherwise.
	Legacy bool
}

// Paths are the places that the update changes.
func (u *Update) Paths() []Path {
	paths := make([]Path, len(u.Actions))
	for i, action := range u.Actions {
		paths[i] = action.Path
	}
	return paths
}

// Apply is the item after the update; the item itself stays as it is. All terms see the item as it
// was before.
func (u *Update) Apply(it attribute.Item) (attribute.Item, error) {
	edited := it.Clone()
	nested := tree{}
	for _, action := range u.Actions {
		leaf, err := action.leaf(it)
		switch {
		case err != nil:
			return nil, u.refusal(err)
		case len(action.Path) > 1:
			nested.plant(action.Path, leaf)
		default:
			put(edited, action.Path[0].Name, leaf)
		}
	}
	return edited, u.refusal(nested.into(edited, it))
}

// put sets an attribute, or removes it if there is no value.
func put(it item, name string, v value) {
	if v.Present() {
		it[name] = v
	} else {
		delete(it, name)
	}
}

// refusal words an error for whoever sent the update.
func (u *Update) refusal(err error) error {
	switch {
	case errors.Is(err, errWrongType) && u.Legacy:
		return invalid("Type mismatch for attribute to update")
	case errors.Is(err, errWrongType):
		return invalid("An operand in the update expression has an incorrect data type")
	case errors.Is(err, errWrongPath):
		return invalid("The document path provided in the update expression is invalid for update")
	}
	return err
}

// leaf is what will be at the action's path; it is Missing where nothing will be.
func (a Action) leaf(it item) (value, error) {
	if a.Verb == Remove {
		return value{}, nil
	}
	v, err := a.Term.compute(it)
	if err != nil || a.Verb == Set {
		return v, err
	}
	old := a.Path.Find(it)
	if a.Verb == Add {
		return added(old, v)
	}
	return deleted(old, v)
}

// added is the sum of two numbers or the union of two sets; nothing there counts as 0 or empty.
func added(old, v value) (value, error) {
	switch {
	case !old.Present() && (v.Kind() == attribute.Number || v.Kind().Set()):
		return v, nil
	case old.Kind() != v.Kind():
		return value{}, errWrongType
	case v.Kind() == attribute.Number:
		return attribute.Add(old, v)
	case v.Kind().Set():
		return old.Union(v), nil
	default:
		return value{}, errWrongType
	}
}

func deleted(old, v value) (value, error) {
	switch {
	case !v.Kind().Set():
		return value{}, errWrongType
	case !old.Present():
		return value{}, nil
	case old.Kind() != v.Kind():
		return value{}, errWrongType
	default:
		return old.Without(v), nil
	}
}
