package expression

import (
	"clickstream/emulator/dynamodb/attribute"
)

// function reads the arguments of a function in a condition, the current token being its
// parenthesis.
func (p *parser) function(name string) (Operand, Condition, error) {
	if updateFunction(name) {
		return nil, nil, invalid("The function is not allowed in a condition expression; function: %s", name)
	}
	arity := map[string]int{
		"attribute_exists": 1, "attribute_not_exists": 1, "size": 1,
		"attribute_type": 2, "begins_with": 2, "contains": 2,
	}[name]
	if arity == 0 {
		return nil, nil, invalid("Invalid function name; function: %s", name)
	}
	arguments, err := p.arguments(name, arity)
	if err != nil {
		return nil, nil, err
	}
	if name == "size" {
		size, err := newSize(arguments[0])
		return size, nil, err
	}
	condition, err := newFunction(name, arguments)
	return nil, condition, err
}

func updateFunction(name string) bool { return name == "if_not_exists" || name == "list_append" }

func (p *parser) arguments(name string, arity int) ([]Operand, error) {
	p.advance()
	var arguments []Operand
	if p.token.kind != ")" {
		var err error
		if arguments, err = list(p, p.operand); err != nil {
			return nil, err
		}
	}
	if err := p.expect(")"); err != nil {
		return nil, err
	}
	if len(arguments) != arity {
		return nil, wrongCount(name, len(arguments))
	}
	return arguments, nil
}

func newSize(of Operand) (Operand, error) {
	if kind := literalKind(of); kind == attribute.Number || kind == attribute.Bool || kind == attribute.Null {
		return nil, wrongType("size", kind.String())
	}
	return Size{of}, nil
}

func newFunction(name string, arguments []Operand) (Condition, error) {
	switch name {
	case "attribute_exists", "attribute_not_exists":
		path, ok := arguments[0].(Path)
		if !ok {
			return nil, needsPath(name)
		}
		if name == "attribute_exists" {
			return Exists{path}, nil
		}
		return Not{Exists{path}}, nil
	case "attribute_type":
		return newHasType(arguments[0], arguments[1])
	case "begins_with":
		for _, argument := range arguments {
			if kind := literalKind(argument); kind != attribute.Missing && !isText(kind) {
				return nil, wrongType(name, kind.String())
			}
		}
		return BeginsWith{arguments[0], arguments[1]}, checkDistinct(name, arguments[0], arguments[1])
	default:
		return Contains{arguments[0], arguments[1]}, checkDistinct(name, arguments[0], arguments[1])
	}
}

func newHasType(of, name Operand) (Condition, error) {
	path, ok := of.(Path)
	if !ok {
		return nil, needsPath("attribute_type")
	}
	literal, ok := name.(Literal)
	if !ok {
		return nil, wrongType("attribute_type", "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}")
	}
	if literal.Value.Kind() != attribute.String {
		return nil, wrongType("attribute_type", literal.Value.Kind().String())
	}
	kind := attribute.KindOf(literal.Value.Text())
	if kind == attribute.Missing {
		return nil, invalid("Invalid attribute type name found; type: %s, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}",
			literal.Value.Text())
	}
	return HasType{path, kind}, nil
}

// literalKind is the type of a literal and Number for a size; a path's is not known before there
// is an item.
func literalKind(o Operand) attribute.Kind {
	switch o := o.(type) {
	case Literal:
		return o.Value.Kind()
	case Size:
		return attribute.Number
	default:
		return attribute.Missing
	}
}

func checkComparison(operator Operator, left, right Operand) error {
	if operator != Equal && operator != NotEqual {
		for _, o := range []Operand{left, right} {
			if kind := literalKind(o); kind != attribute.Missing && !kind.Scalar() {
				return invalid("Incorrect operand type for operator or function; operator: %s, operand type: %s", operator, kind)
			}
		}
	}
	return checkDistinct(string(operator), left, right)
}

func checkBetween(v, low, high Operand) error {
	if err := checkDistinct("BETWEEN", v, low, high); err != nil {
		return err
	}
	for _, o := range []Operand{v, low, high} {
		if kind := literalKind(o); kind != attribute.Missing && !kind.Scalar() {
			return invalid("Incorrect operand type for operator or function; operator: BETWEEN, operand type: %s", kind)
		}
	}
	lower, okLow := low.(Literal)
	upper, okHigh := high.(Literal)
	if !okLow || !okHigh {
		return nil
	}
	problem := ""
	if lower.Value.Kind() != upper.Value.Kind() {
		problem = "same data type for lower and upper bounds"
	} else if attribute.Compare(lower.Value, upper.Value) > 0 {
		problem = "upper bound to be greater than or equal to lower bound"
	}
	if problem == "" {
		return nil
	}
	return invalid("The BETWEEN operator requires %s; lower bound operand: AttributeValue: %s, "+
		"upper bound operand: AttributeValue: %s", problem, lower.Value, upper.Value)
}

func checkDistinct(operator string, first Operand, others ...Operand) error {
	path, ok := first.(Path)
	if !ok {
		return nil
	}
	for _, other := range others {
		if same, ok := other.(Path); ok && path.equal(same) {
			return invalid("The first operand must be distinct from the remaining operands for this operator or function; "+
				"operator: %s, first operand: %s", operator, path)
		}
	}
	return nil
}

func wrongCount(name string, count int) error {
	return invalid("Incorrect number of operands for operator or function; operator or function: %s, number of operands: %d",
		name, count)
}

func wrongType(name, kind string) error {
	return invalid("Incorrect operand type for operator or function; operator or function: %s, operand type: %s", name, kind)
}

func needsPath(name string) error {
	return invalid("Operator or function requires a document path; operator or function: %s", name)
}

// misused refuses a condition where an operand belongs.
func misused(condition Condition) error {
	name := "attribute_exists"
	switch condition.(type) {
	case Not:
		name = "attribute_not_exists"
	case HasType:
		name = "attribute_type"
	case BeginsWith:
		name = "begins_with"
	case Contains:
		name = "contains"
	}
	return invalid("The function is not allowed to be used this way in an expression; function: %s", name)
}
