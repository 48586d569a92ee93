package expression

import (
	"strconv"
	"strings"

	"clickstream/emulator/dynamodb/attribute"
)

// Step is one step into a document: an attribute's name or a list's index.
type Step struct {
	Name    string
	Index   int
	IsIndex bool
}

// Path leads to an attribute of an item or into one. Its first step is a name.
type Path []Step

// NamePath is the path of a whole attribute.
func NamePath(name string) Path { return Path{{Name: name}} }

// String shows the path as error messages do: [a, b, [0]].
func (p Path) String() string {
	steps := make([]string, len(p))
	for i, step := range p {
		steps[i] = step.Name
		if step.IsIndex {
			steps[i] = "[" + strconv.Itoa(step.Index) + "]"
		}
	}
	return "[" + strings.Join(steps, ", ") + "]"
}

// Find is the value at the path, Missing where there is none.
func (p Path) Find(it attribute.Item) attribute.Value {
	found := it[p[0].Name]
	for _, step := range p[1:] {
		if !step.IsIndex {
			found = found.Fields()[step.Name]
			continue
		}
		// The elements of a set cannot be reached by a path.
		if elements := found.Elements(); !found.Kind().Set() && step.Index < len(elements) {
			found = elements[step.Index]
		} else {
			return attribute.Value{}
		}
	}
	return found
}

func (p Path) evaluate(it item) value { return p.Find(it) }

func (p Path) equal(other Path) bool {
	if len(p) != len(other) {
		return false
	}
	for i := range p {
		if p[i] != other[i] {
			return false
		}
	}
	return true
}

// checkDisjoint refuses paths of one expression of which one contains another or treats the same
// place as a map and as a list.
func checkDisjoint(paths []Path) error {
	for i, one := range paths {
		for _, two := range paths[:i] {
			if problem := collision(one, two); problem != "" {
				return invalid("Two document paths %s with each other; must remove or rewrite one of these paths; "+
					"path one: %s, path two: %s", problem, two, one)
			}
		}
	}
	return nil
}

func collision(one, two Path) string {
	for i := range min(len(one), len(two)) {
		if one[i].IsIndex != two[i].IsIndex {
			return "conflict"
		}
		if one[i] != two[i] {
			return ""
		}
	}
	return "overlap"
}
