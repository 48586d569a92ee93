package dynamodb

import (
	"maps"
	"slices"
	"strings"

	"clickstream/emulator/dynamodb/expression"
	"clickstream/emulator/internal/wire"
)

// Conditional holds the parameters that PutItem, UpdateItem and DeleteItem have in common.
type Conditional struct {
	ConditionExpression                 *string
	ConditionalOperator                 string
	Expected                            map[string]ExpectedAttributeValue
	ExpressionAttributeNames            map[string]string
	ExpressionAttributeValues           Item
	ReturnConsumedCapacity              string
	ReturnItemCollectionMetrics         string
	ReturnValues                        string
	ReturnValuesOnConditionCheckFailure string
	TableName                           string
}

// check looks at the common parameters; returns are the ReturnValues that the operation has.
func (in *Conditional) check(c *wire.Check, returns ...string) {
	c.Required("tableName", in.TableName != "")
	checkCapacity(c, in.ReturnConsumedCapacity)
	checkOperator(c, in.ConditionalOperator)
	if in.ReturnItemCollectionMetrics != "" {
		c.Enum("returnItemCollectionMetrics", in.ReturnItemCollectionMetrics, "SIZE", "NONE")
	}
	if in.ReturnValues != "" {
		c.Enum("returnValues", in.ReturnValues, returns...)
	}
	if in.ReturnValuesOnConditionCheckFailure != "" {
		c.Enum("returnValuesOnConditionCheckFailure", in.ReturnValuesOnConditionCheckFailure, "ALL_OLD", "NONE")
	}
}

func checkOperator(c *wire.Check, operator string) {
	if operator != "" {
		c.Enum("conditionalOperator", operator, "OR", "AND")
	}
}

// condition parses the condition, which is nil if there is none. The placeholders are those of the
// request; who has no further expressions calls Finish on them.
func (in *Conditional) condition(places *expression.Placeholders) (expression.Condition, error) {
	if in.ConditionExpression != nil {
		return places.Condition(expression.ConditionParameter, *in.ConditionExpression)
	}
	if in.ConditionalOperator != "" && len(in.Expected) == 0 {
		return nil, invalidParameter("ConditionalOperator cannot be used without Filter or Expected")
	}
	conditions := make([]expression.Condition, 0, len(in.Expected))
	for _, name := range slices.Sorted(maps.Keys(in.Expected)) {
		condition, err := in.Expected[name].condition(name)
		if err != nil {
			return nil, err
		}
		conditions = append(conditions, condition)
	}
	return combine(in.ConditionalOperator, conditions), nil
}

// combine joins conditions by the older ConditionalOperator; none make nil.
func combine(operator string, conditions []expression.Condition) expression.Condition {
	var all expression.Condition
	for _, condition := range conditions {
		switch {
		case all == nil:
			all = condition
		case operator == "OR":
			all = expression.Or{Left: all, Right: condition}
		default:
			all = expression.And{Left: all, Right: condition}
		}
	}
	return all
}

// condition is the entry as a condition on the attribute.
func (e ExpectedAttributeValue) condition(name string) (expression.Condition, error) {
	if e.ComparisonOperator != "" {
		return e.comparison(name)
	}
	if e.AttributeValueList != nil {
		return nil, invalidParameter("AttributeValueList can only be used with a ComparisonOperator for Attribute: %s", name)
	}
	if e.Exists != nil && !*e.Exists {
		if e.Value.Present() {
			return nil, invalidParameter("Value cannot be used when Exists is false for Attribute: %s", name)
		}
		return expression.LegacyCondition(name, "NULL", nil)
	}
	if !e.Value.Present() {
		exists := "null"
		if e.Exists != nil {
			exists = "true"
		}
		return nil, invalidParameter("Value must be provided when Exists is %s for Attribute: %s", exists, name)
	}
	return expression.LegacyCondition(name, "EQ", []Value{e.Value})
}

func (e ExpectedAttributeValue) comparison(name string) (expression.Condition, error) {
	switch {
	case e.Exists != nil:
		return nil, invalidParameter("Exists and ComparisonOperator cannot be used together for Attribute: %s", name)
	case e.Value.Present() && e.AttributeValueList != nil:
		return nil, invalidParameter("Value and AttributeValueList cannot be used together for Attribute: %s", name)
	case e.Value.Present():
		return expression.LegacyCondition(name, e.ComparisonOperator, []Value{e.Value})
	default:
		return expression.LegacyCondition(name, e.ComparisonOperator, e.AttributeValueList)
	}
}

// demand is a write's condition, ready to be tried.
type demand struct {
	condition   expression.Condition
	returnsItem bool
}

// try refuses the write unless the item, which is nil where there is none, meets the condition.
func (d demand) try(item Item) error {
	if d.condition == nil || d.condition.Holds(item) {
		return nil
	}
	refusal := wire.Errorf("ConditionalCheckFailedException", "The conditional request failed")
	if d.returnsItem && item != nil {
		refusal.Fields = map[string]any{"Item": item}
	}
	return refusal
}

// demand parses the condition of a request that has no other expression.
func (in *Conditional) demand() (demand, error) {
	places, err := placeholders(in.ExpressionAttributeNames, in.ExpressionAttributeValues,
		parameter{expression.ConditionParameter, in.ConditionExpression != nil, false},
		parameter{"Expected", in.Expected != nil, true})
	if err != nil {
		return demand{}, err
	}
	d, err := in.demandOf(places)
	if err != nil {
		return d, err
	}
	return d, places.Finish()
}

func (in *Conditional) demandOf(places *expression.Placeholders) (demand, error) {
	condition, err := in.condition(places)
	return demand{condition, in.ReturnValuesOnConditionCheckFailure == "ALL_OLD"}, err
}

// parameter tells whether a request has a parameter, which is an expression or an older one.
type parameter struct {
	name   string
	given  bool
	legacy bool
}

// holdsValues tells whether the parameter is an expression that can hold values.
func (p parameter) holdsValues() bool { return !p.legacy && p.name != expression.ProjectionParameter }

// pick names the parameters that match.
func pick(parameters []parameter, matches func(parameter) bool) []string {
	var names []string
	for _, p := range parameters {
		if matches(p) {
			names = append(names, p.name)
		}
	}
	return names
}

// placeholders checks that a request does not mix expressions with older parameters and that
// placeholders come with expressions.
func placeholders(names map[string]string, values Item, parameters ...parameter) (*expression.Placeholders, error) {
	expressions := pick(parameters, func(p parameter) bool { return p.given && !p.legacy })
	legacy := pick(parameters, func(p parameter) bool { return p.given && p.legacy })
	if expressions != nil && legacy != nil {
		return nil, invalid("Can not use both expression and non-expression parameters in the same request: "+
			"Non-expression parameters: {%s} Expression parameters: {%s}", strings.Join(legacy, ", "), strings.Join(expressions, ", "))
	}
	if expressions == nil && names != nil {
		return nil, invalid("ExpressionAttributeNames can only be specified when using expressions")
	}
	if values != nil && pick(parameters, func(p parameter) bool { return p.given && p.holdsValues() }) == nil {
		return nil, valuesWithoutUse(pick(parameters, parameter.holdsValues))
	}
	return expression.NewPlaceholders(names, values)
}

func valuesWithoutUse(absent []string) error {
	verb := "is"
	if len(absent) > 1 {
		verb = "are"
	}
	return invalid("ExpressionAttributeValues can only be specified when using expressions: %s %s null",
		strings.Join(absent, " and "), verb)
}
