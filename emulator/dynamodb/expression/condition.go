package expression

import (
	"slices"
	"strings"

	"clickstream/emulator/dynamodb/attribute"
)

// Condition is a parsed condition or filter.
type Condition interface {
	// Holds tells whether the item, which may be empty, meets the condition.
	Holds(it attribute.Item) bool
}

// Operand is what conditions compare: a Path, a Literal or a Size.
type Operand interface {
	evaluate(it item) value
}

// Literal is a value from the request.
type Literal struct{ Value attribute.Value }

func (l Literal) evaluate(item) value { return l.Value }

// Size is the function size: bytes of a string or a binary value, elements of a set, list or map.
// Other values have no size.
type Size struct{ Of Operand }

func (s Size) evaluate(it item) value {
	switch of := s.Of.evaluate(it); of.Kind() {
	case attribute.String, attribute.Binary:
		return attribute.NewInteger(int64(len(of.Text())))
	case attribute.StringSet, attribute.NumberSet, attribute.BinarySet, attribute.List:
		return attribute.NewInteger(int64(len(of.Elements())))
	case attribute.Map:
		return attribute.NewInteger(int64(len(of.Fields())))
	default:
		return value{}
	}
}

type (
	// And holds if both conditions hold.
	And struct{ Left, Right Condition }
	// Or holds if one of the conditions holds.
	Or struct{ Left, Right Condition }
	// Not holds if the condition does not.
	Not struct{ Condition Condition }
	// Exists holds if there is a value at the path.
	Exists struct{ Path Path }
	// Comparison compares two operands. Values of different types are unequal and have no order.
	Comparison struct {
		Operator    Operator
		Left, Right Operand
	}
	// Between holds if the operand lies within the bounds or on them.
	Between struct{ Operand, Low, High Operand }
	// In holds if the operand equals one of the candidates.
	In struct {
		Operand    Operand
		Candidates []Operand
	}
	// HasType holds if the value at the path has the type.
	HasType struct {
		Path Path
		Kind attribute.Kind
	}
	// BeginsWith holds if a string or binary operand begins with another one.
	BeginsWith struct{ Operand, Prefix Operand }
	// Contains holds if a string or binary operand contains the part, or a set or list has it as
	// an element.
	Contains struct{ Operand, Part Operand }
)

// Holds implements Condition.
func (c And) Holds(it attribute.Item) bool { return c.Left.Holds(it) && c.Right.Holds(it) }

// Holds implements Condition.
func (c Or) Holds(it attribute.Item) bool { return c.Left.Holds(it) || c.Right.Holds(it) }

// Holds implements Condition.
func (c Not) Holds(it attribute.Item) bool { return !c.Condition.Holds(it) }

// Holds implements Condition.
func (c Exists) Holds(it attribute.Item) bool { return c.Path.Find(it).Present() }

// Holds implements Condition.
func (c Comparison) Holds(it attribute.Item) bool {
	return c.Operator.holds(c.Left.evaluate(it), c.Right.evaluate(it))
}

// Holds implements Condition.
func (c Between) Holds(it attribute.Item) bool {
	v := c.Operand.evaluate(it)
	return GreaterOrEqual.holds(v, c.Low.evaluate(it)) && LessOrEqual.holds(v, c.High.evaluate(it))
}

// Holds implements Condition.
func (c In) Holds(it attribute.Item) bool {
	v := c.Operand.evaluate(it)
	return slices.ContainsFunc(c.Candidates, func(o Operand) bool { return Equal.holds(v, o.evaluate(it)) })
}

// Holds implements Condition.
func (c HasType) Holds(it attribute.Item) bool { return c.Path.Find(it).Kind() == c.Kind }

// Holds implements Condition.
func (c BeginsWith) Holds(it attribute.Item) bool {
	v, prefix := c.Operand.evaluate(it), c.Prefix.evaluate(it)
	return isText(v.Kind()) && v.Kind() == prefix.Kind() && strings.HasPrefix(v.Text(), prefix.Text())
}

// Holds implements Condition.
func (c Contains) Holds(it attribute.Item) bool {
	v, part := c.Operand.evaluate(it), c.Part.evaluate(it)
	switch {
	case !part.Present():
		return false
	case isText(v.Kind()):
		return v.Kind() == part.Kind() && strings.Contains(v.Text(), part.Text())
	case v.Kind() == attribute.List || v.Kind().Set():
		return v.Has(part)
	default:
		return false
	}
}

func isText(k attribute.Kind) bool { return k == attribute.String || k == attribute.Binary }

// Operator is a comparison.
type Operator string

// The comparisons of expressions.
const (
	Equal          Operator = "="
	NotEqual       Operator = "<>"
	Less           Operator = "<"
	LessOrEqual    Operator = "<="
	Greater        Operator = ">"
	GreaterOrEqual Operator = ">="
)

func (o Operator) holds(a, b value) bool {
	switch o {
	case Equal:
		return a.Present() && a.Equal(b)
	case NotEqual:
		return !a.Equal(b)
	case Less, LessOrEqual, Greater, GreaterOrEqual:
		return a.Kind() == b.Kind() && a.Kind().Scalar() && o.accepts(attribute.Compare(a, b))
	}
	return false
}

// accepts tells whether the result of a Compare meets an ordering.
func (o Operator) accepts(order int) bool {
	switch o {
	case Less:
		return order < 0
	case LessOrEqual:
		return order <= 0
	case Greater:
		return order > 0
	case GreaterOrEqual:
		return order >= 0
	case Equal, NotEqual:
		return (order == 0) == (o == Equal)
	}
	return false
}

// flip is the comparison with its operands exchanged.
func (o Operator) flip() Operator {
	switch o {
	case Less:
		return Greater
	case LessOrEqual:
		return GreaterOrEqual
	case Greater:
		return Less
	case GreaterOrEqual:
		return LessOrEqual
	case Equal, NotEqual:
	}
	return o
}
