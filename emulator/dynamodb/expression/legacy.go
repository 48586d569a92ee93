package expression

import (
	"slices"

	"clickstream/emulator/dynamodb/attribute"
)

// LegacyCondition is one entry of Expected, QueryFilter, ScanFilter or KeyConditions: the
// attribute compared to the values by an operator such as EQ or BETWEEN. Operators and how many
// values of which types they take: API reference, data type Condition.
func LegacyCondition(name, operator string, values []attribute.Value) (Condition, error) {
	if err := checkLegacy(operator, values); err != nil {
		return nil, err
	}
	path := NamePath(name)
	switch operator {
	case "NOT_NULL":
		return Exists{path}, nil
	case "NULL":
		return Not{Exists{path}}, nil
	case "CONTAINS":
		return Contains{path, Literal{values[0]}}, nil
	case "NOT_CONTAINS":
		return Not{Contains{path, Literal{values[0]}}}, nil
	case "BEGINS_WITH":
		return BeginsWith{path, Literal{values[0]}}, nil
	case "BETWEEN":
		return Between{path, Literal{values[0]}, Literal{values[1]}}, nil
	case "IN":
		candidates := make([]Operand, len(values))
		for i, v := range values {
			candidates[i] = Literal{v}
		}
		return In{path, candidates}, nil
	default:
		return Comparison{legacyOperator(operator), path, Literal{values[0]}}, nil
	}
}

func legacyOperator(name string) Operator {
	switch name {
	case "EQ":
		return Equal
	case "NE":
		return NotEqual
	case "LE":
		return LessOrEqual
	case "LT":
		return Less
	case "GE":
		return GreaterOrEqual
	default:
		return Greater
	}
}

// LegacyOperators are the operators of LegacyCondition.
func LegacyOperators() []string {
	return []string{
		"IN", "NULL", "BETWEEN", "LT", "NOT_CONTAINS", "EQ", "GT", "NOT_NULL", "NE", "LE", "BEGINS_WITH", "GE", "CONTAINS",
	}
}

func checkLegacy(operator string, values []attribute.Value) error {
	if !slices.Contains(LegacyOperators(), operator) {
		return invalid("One or more parameter values were invalid: ComparisonOperator %s is not known", operator)
	}
	least, most := 1, 1
	switch operator {
	case "NULL", "NOT_NULL":
		least, most = 0, 0
	case "BETWEEN":
		least, most = 2, 2
	case "IN":
		most = len(values)
	}
	if len(values) < least || len(values) > most {
		return invalid("One or more parameter values were invalid: "+
			"Invalid number of argument(s) for the %s ComparisonOperator", operator)
	}
	return checkLegacyTypes(operator, values)
}

func checkLegacyTypes(operator string, values []attribute.Value) error {
	for _, v := range values {
		if !v.Present() {
			return invalid("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
		}
		if v.Kind() != values[0].Kind() {
			return invalid("One or more parameter values were invalid: AttributeValues inside AttributeValueList must be of same type")
		}
		if !legacyTakes(operator, v.Kind()) {
			return invalid("One or more parameter values were invalid: ComparisonOperator %s is not valid for %s AttributeValue type",
				operator, v.Kind())
		}
	}
	if operator == "BETWEEN" && attribute.Compare(values[0], values[1]) > 0 {
		return invalid("The BETWEEN condition was provided a range where the lower bound is greater than the upper bound")
	}
	return nil
}

func legacyTakes(operator string, kind attribute.Kind) bool {
	switch operator {
	case "EQ", "NE":
		return true
	case "BEGINS_WITH":
		return isText(kind)
	case "CONTAINS", "NOT_CONTAINS":
		return kind.Scalar() || kind == attribute.Bool || kind == attribute.Null
	default:
		return kind.Scalar()
	}
}

// LegacyKeyCondition is one entry of KeyConditions.
func LegacyKeyCondition(name, operator string, values []attribute.Value) (KeyCondition, error) {
	condition, err := LegacyCondition(name, operator, values)
	if err != nil {
		return KeyCondition{}, err
	}
	key, err := keyCondition(condition)
	if err != nil {
		return KeyCondition{}, invalid("Attempted conditional constraint is not an indexable operation")
	}
	return key, nil
}

// LegacyAction is one entry of AttributeUpdates: PUT (also the meaning of no action), ADD or
// DELETE with the value, which may be Missing for DELETE.
func LegacyAction(name, action string, v attribute.Value) (Action, error) {
	path := NamePath(name)
	if err := checkLegacyAction(action, v.Kind()); err != nil {
		return Action{}, err
	}
	switch {
	case action == "DELETE" && v.Present():
		return Action{Delete, path, Literal{v}}, nil
	case action == "DELETE":
		return Action{Remove, path, nil}, nil
	case action == "ADD" && v.Kind() == attribute.List:
		return Action{Set, path, ListAppend{IfNotExists{path, Literal{attribute.NewList()}}, Literal{v}}}, nil
	case action == "ADD":
		return Action{Add, path, Literal{v}}, nil
	default:
		return Action{Set, path, Literal{v}}, nil
	}
}

func checkLegacyAction(action string, kind attribute.Kind) error {
	switch {
	case action != "DELETE" && kind == attribute.Missing:
		return invalid("One or more parameter values were invalid: " +
			"Only DELETE action is allowed when no attribute value is specified")
	case action == "DELETE" && kind != attribute.Missing && !kind.Set():
		return invalid("One or more parameter values were invalid: DELETE action with value is not supported for the type %s", kind)
	case action == "ADD" && kind != attribute.Number && kind != attribute.List && !kind.Set():
		return invalid("One or more parameter values were invalid: ADD action is not supported for the type %s", kind)
	}
	return nil
}
