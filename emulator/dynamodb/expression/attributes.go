package expression

import "slices"

// Attributes are the top-level attributes that a condition looks at, each once; none for nil.
func Attributes(condition Condition) []string {
	var names []string
	visit(condition, func(o Operand) {
		if size, ok := o.(Size); ok {
			o = size.Of
		}
		if path, ok := o.(Path); ok && !slices.Contains(names, path[0].Name) {
			names = append(names, path[0].Name)
		}
	})
	return names
}

// visit calls look for each operand.
func visit(condition Condition, look func(Operand)) {
	switch c := condition.(type) {
	case And:
		visit(c.Left, look)
		visit(c.Right, look)
	case Or:
		visit(c.Left, look)
		visit(c.Right, look)
	case Not:
		visit(c.Condition, look)
	default:
		for _, operand := range operands(condition) {
			look(operand)
		}
	}
}

// operands are those of a condition that has no conditions within.
func operands(condition Condition) []Operand {
	switch c := condition.(type) {
	case Exists:
		return []Operand{c.Path}
	case Comparison:
		return []Operand{c.Left, c.Right}
	case Between:
		return []Operand{c.Operand, c.Low, c.High}
	case In:
		return append([]Operand{c.Operand}, c.Candidates...)
	case HasType:
		return []Operand{c.Path}
	case BeginsWith:
		return []Operand{c.Operand, c.Prefix}
	case Contains:
		return []Operand{c.Operand, c.Part}
	default:
		return nil
	}
}
