package attribute

import (
	"slices"
	"strings"
)

// NewSet makes a set of scalars of one kind. The elements are taken over and sorted; an empty set
// and one with an element twice are a ValidationException.
func NewSet(kind Kind, elements ...Value) (Value, error) {
	if len(elements) == 0 {
		return Value{}, emptySet(kind)
	}
	sorted := slices.Clone(elements)
	slices.SortFunc(sorted, Compare)
	for i := 1; i < len(sorted); i++ {
		if sorted[i].text == sorted[i-1].text {
			return Value{}, invalid("One or more parameter values were invalid: Input collection %s contains duplicates.",
				showElements(elements))
		}
	}
	return newElements(kind, sorted), nil
}

func emptySet(kind Kind) error {
	switch kind {
	case StringSet:
		return invalid("One or more parameter values were invalid: An string set  may not be empty")
	case NumberSet:
		return invalid("One or more parameter values were invalid: An number set  may not be empty")
	default:
		return invalid("One or more parameter values were invalid: Binary sets should not be empty")
	}
}

func showElements(elements []Value) string {
	texts := make([]string, len(elements))
	for i, element := range elements {
		texts[i] = element.text
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

// element is the kind of a set's elements.
func (k Kind) element() Kind {
	switch k {
	case StringSet:
		return String
	case NumberSet:
		return Number
	default:
		return Binary
	}
}

// Has tells whether a set holds the element or a list has an element equal to it.
func (v Value) Has(element Value) bool {
	if !v.kind.Set() {
		return slices.ContainsFunc(v.Elements(), element.Equal)
	}
	if element.kind != v.kind.element() {
		return false
	}
	_, found := slices.BinarySearchFunc(v.Elements(), element, Compare)
	return found
}

// Union is the set of all elements of two sets of one kind.
func (v Value) Union(other Value) Value {
	merged := slices.Clone(v.Elements())
	for _, element := range other.Elements() {
		if !v.Has(element) {
			merged = append(merged, element)
		}
	}
	slices.SortFunc(merged, Compare)
	return newElements(v.kind, merged)
}

// Without is the set of v's elements that other, of the same kind, does not hold. Nothing left is
// the Missing value, as there are no empty sets.
func (v Value) Without(other Value) Value {
	kept := make([]Value, 0, len(v.Elements()))
	for _, element := range v.Elements() {
		if !other.Has(element) {
			kept = append(kept, element)
		}
	}
	if len(kept) == 0 {
		return Value{}
	}
	return newElements(v.kind, kept)
}
