package expression

import (
	"strings"

	"clickstream/emulator/dynamodb/attribute"
)

// KeyCondition is what a query asks of one key attribute: a comparison with one value, a range of
// two values or a beginning.
type KeyCondition struct {
	Attribute string
	Operator  KeyOperator
	Operands  []attribute.Value
}

// KeyOperator is an Operator, KeyBetween or KeyBeginsWith.
type KeyOperator = Operator

// The operators that only key conditions have under these names.
const (
	KeyBetween    KeyOperator = "BETWEEN"
	KeyBeginsWith KeyOperator = "begins_with"
)

// Side tells on which side of the condition's range a key's value lies: negative before it, 0
// within, positive behind it. The value is of the operands' type.
func (k KeyCondition) Side(v attribute.Value) int {
	order := attribute.Compare(v, k.Operands[0])
	switch k.Operator {
	case KeyBetween:
		if order >= 0 {
			order = max(0, attribute.Compare(v, k.Operands[1]))
		}
	case KeyBeginsWith:
		if strings.HasPrefix(v.Text(), k.Operands[0].Text()) {
			return 0
		}
	case Less, LessOrEqual:
		if !k.Operator.accepts(order) {
			return 1
		}
		return 0
	case Greater, GreaterOrEqual:
		if !k.Operator.accepts(order) {
			return -1
		}
		return 0
	case Equal, NotEqual:
	}
	return order
}

// keyConditions takes a condition apart into those of its keys.
func keyConditions(condition Condition) ([]KeyCondition, error) {
	if and, ok := condition.(And); ok {
		left, err := keyConditions(and.Left)
		if err != nil {
			return nil, err
		}
		right, err := keyConditions(and.Right)
		if err != nil {
			return nil, err
		}
		return joinKeys(left, right)
	}
	one, err := keyCondition(condition)
	return []KeyCondition{one}, err
}

func joinKeys(left, right []KeyCondition) ([]KeyCondition, error) {
	all := append(left, right...)
	for i, one := range all {
		for _, other := range all[:i] {
			if one.Attribute == other.Attribute {
				return nil, invalid("Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per key")
			}
		}
	}
	return all, nil
}

func keyCondition(condition Condition) (KeyCondition, error) {
	switch c := condition.(type) {
	case Comparison:
		if c.Operator == NotEqual {
			break
		}
		if _, ok := c.Left.(Literal); ok {
			return newKeyCondition(c.Operator.flip(), c.Right, c.Left)
		}
		return newKeyCondition(c.Operator, c.Left, c.Right)
	case Between:
		return newKeyCondition(KeyBetween, c.Operand, c.Low, c.High)
	case BeginsWith:
		return newKeyCondition(KeyBeginsWith, c.Operand, c.Prefix)
	}
	return KeyCondition{}, invalid("Invalid operator used in KeyConditionExpression: %s", operatorName(condition))
}

func newKeyCondition(operator KeyOperator, key Operand, operands ...Operand) (KeyCondition, error) {
	path, ok := key.(Path)
	if !ok {
		if _, size := key.(Size); size {
			return KeyCondition{}, invalid("KeyConditionExpressions cannot contain nested operations")
		}
		return KeyCondition{}, invalid("Invalid condition in KeyConditionExpression: No key attribute specified")
	}
	if len(path) > 1 {
		return KeyCondition{}, invalid("KeyConditionExpressions cannot have conditions on nested attributes")
	}
	condition := KeyCondition{Attribute: path[0].Name, Operator: operator}
	for _, operand := range operands {
		literal, ok := operand.(Literal)
		if !ok {
			return KeyCondition{}, invalid(
				"Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition")
		}
		condition.Operands = append(condition.Operands, literal.Value)
	}
	return condition, nil
}

// operatorName names what a key condition may not use.
func operatorName(condition Condition) string {
	switch c := condition.(type) {
	case Or:
		return "OR"
	case Not:
		if _, ok := c.Condition.(Exists); ok {
			return "attribute_not_exists"
		}
		return "NOT"
	case In:
		return "IN"
	case Exists:
		return "attribute_exists"
	case HasType:
		return "attribute_type"
	case Contains:
		return "contains"
	default:
		return string(NotEqual)
	}
}
