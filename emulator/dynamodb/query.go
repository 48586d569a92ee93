package dynamodb

import (
	"maps"
	"slices"
	"sort"

	"clickstream/emulator/dynamodb/expression"
	"clickstream/emulator/internal/wire"
)

// Query: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html
// Kept: key conditions by expression and by KeyConditions, filters by expression and by
// QueryFilter, both directions, pages, indexes, projections, Select, consumed capacity.
// Left out: nothing.

// QueryInput is the request. TableName may be the table's ARN.
type QueryInput struct {
	Reading
	KeyConditionExpression *string
	KeyConditions          map[string]Condition
	QueryFilter            map[string]Condition
	ScanIndexForward       *bool
}

// QueryOutput is the reply.
type QueryOutput = ReadingOutput

// Check implements wire.Checker.
func (in *QueryInput) Check(c *wire.Check) {
	in.check(c)
	checkConditions(c, "keyConditions", in.KeyConditions)
	checkConditions(c, "queryFilter", in.QueryFilter)
}

func checkConditions(c *wire.Check, path string, conditions map[string]Condition) {
	for _, condition := range conditions {
		c.Enum(path+".member.comparisonOperator", condition.ComparisonOperator, expression.LegacyOperators()...)
	}
}

func (s *Service) query(scope wire.Scope, in *QueryInput) (*QueryOutput, error) {
	keys, plan, err := in.parse()
	if err != nil {
		return nil, err
	}
	t, err := s.table(scope, in.TableName)
	if err != nil {
		return nil, err
	}
	source, page, err := in.run(t, keys, plan)
	if err != nil {
		return nil, err
	}
	return in.reply(source, page, plan), nil
}

func (in *QueryInput) parse() ([]expression.KeyCondition, plan, error) {
	places, err := placeholders(in.ExpressionAttributeNames, in.ExpressionAttributeValues,
		parameter{expression.FilterParameter, in.FilterExpression != nil, false},
		parameter{expression.KeyConditionParameter, in.KeyConditionExpression != nil, false},
		parameter{expression.ProjectionParameter, in.ProjectionExpression != nil, false},
		parameter{"AttributesToGet", in.AttributesToGet != nil, true},
		parameter{"QueryFilter", in.QueryFilter != nil, true},
		parameter{"ConditionalOperator", in.ConditionalOperator != "", true},
		parameter{"KeyConditions", in.KeyConditions != nil, true})
	if err != nil {
		return nil, plan{}, err
	}
	keys, err := in.keyConditions(places)
	if err != nil {
		return nil, plan{}, err
	}
	parsed, err := in.plan(places, in.QueryFilter)
	if err != nil {
		return nil, plan{}, err
	}
	return keys, parsed, places.Finish()
}

func (in *QueryInput) keyConditions(places *expression.Placeholders) ([]expression.KeyCondition, error) {
	if in.KeyConditionExpression != nil {
		return places.KeyConditions(*in.KeyConditionExpression)
	}
	if in.KeyConditions == nil {
		return nil, invalid("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
	}
	if n := len(in.KeyConditions); n != 1 && n != 2 {
		return nil, invalid("Conditions can be of length 1 or 2 only")
	}
	var keys []expression.KeyCondition
	for _, name := range slices.Sorted(maps.Keys(in.KeyConditions)) {
		condition := in.KeyConditions[name]
		key, err := expression.LegacyKeyCondition(name, condition.ComparisonOperator, condition.AttributeValueList)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// run collects a page under the table's lock.
func (in *QueryInput) run(t *table, keys []expression.KeyCondition, plan plan) (source, *page, error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	from, err := in.source(t)
	if err != nil {
		return from, nil, err
	}
	if err := from.checkWanted(plan.wanted); err != nil {
		return from, nil, err
	}
	hash, sortKey, err := matchKeys(from.store.keys, keys)
	if err != nil {
		return from, nil, err
	}
	if err := in.checkStart(from, hash, sortKey); err != nil {
		return from, nil, err
	}
	if err := in.checkFilter(from, plan.filter); err != nil {
		return from, nil, err
	}
	page := in.page()
	records := from.store.between(hash.Operands[0], sortKey)
	if in.ScanIndexForward != nil && !*in.ScanIndexForward {
		in.backward(from.store, records, page)
	} else {
		in.forward(from.store, records, page)
	}
	return from, page, nil
}

func (in *QueryInput) forward(s *store, records []*record, page *page) {
	if start := in.ExclusiveStartKey; start != nil {
		records = records[sort.Search(len(records), func(i int) bool { return s.compare(records[i].item, start) > 0 }):]
	}
	for _, r := range records {
		if !page.add(r) {
			return
		}
	}
}

func (in *QueryInput) backward(s *store, records []*record, page *page) {
	if start := in.ExclusiveStartKey; start != nil {
		records = records[:sort.Search(len(records), func(i int) bool { return s.compare(records[i].item, start) >= 0 })]
	}
	for _, r := range slices.Backward(records) {
		if !page.add(r) {
			return
		}
	}
}

// between are the records with the hash key that meet the condition on the sort key, which may be
// nil.
func (s *store) between(hash Value, condition *expression.KeyCondition) []*record {
	p := s.partition(hash)
	if p == nil {
		return nil
	}
	if condition == nil {
		return p.records
	}
	name := s.keys.sort.name
	low := sort.Search(len(p.records), func(i int) bool { return condition.Side(p.records[i].item[name]) >= 0 })
	high := sort.Search(len(p.records), func(i int) bool { return condition.Side(p.records[i].item[name]) > 0 })
	return p.records[low:high]
}

// matchKeys finds which condition is on which key.
func matchKeys(keys keyPair, conditions []expression.KeyCondition) (
	hash expression.KeyCondition, sortKey *expression.KeyCondition, err error,
) {
	for i, condition := range conditions {
		var key keyAttribute
		switch condition.Attribute {
		case keys.hash.name:
			key, hash = keys.hash, condition
		case keys.sort.name:
			key, sortKey = keys.sort, &conditions[i]
		default:
			return hash, nil, missesKey(keys, conditions)
		}
		for _, operand := range condition.Operands {
			if operand.Kind() != key.kind {
				return hash, nil, invalidParameter("Condition parameter type does not match schema type")
			}
		}
	}
	if hash.Operands == nil {
		return hash, nil, invalid("Query condition missed key schema element: %s", keys.hash.name)
	}
	if hash.Operator != expression.Equal {
		return hash, nil, invalid("Query key condition not supported")
	}
	return hash, sortKey, nil
}

// missesKey names the key that a condition on something else should have been on.
func missesKey(keys keyPair, conditions []expression.KeyCondition) error {
	for _, key := range keys.names() {
		if !slices.ContainsFunc(conditions, func(c expression.KeyCondition) bool { return c.Attribute == key }) {
			return invalid("Query condition missed key schema element: %s", key)
		}
	}
	return invalid("Query key condition not supported")
}

// checkStart refuses a start that this query could not have ended at.
func (in *QueryInput) checkStart(from source, hash expression.KeyCondition, sortKey *expression.KeyCondition) error {
	start := in.ExclusiveStartKey
	if start == nil {
		return nil
	}
	if err := from.checkStart(start); err != nil {
		return err
	}
	if !start[hash.Attribute].Equal(hash.Operands[0]) {
		return invalid("The provided starting key is outside query boundaries based on provided conditions")
	}
	if sortKey != nil && sortKey.Side(start[sortKey.Attribute]) != 0 {
		return invalid("The provided starting key does not match the range key predicate")
	}
	return nil
}

// checkFilter refuses filters on the keys, which belong into the key condition.
func (in *QueryInput) checkFilter(from source, filter expression.Condition) error {
	parameter := expression.FilterParameter
	if in.FilterExpression == nil {
		parameter = "QueryFilter"
	}
	for _, name := range expression.Attributes(filter) {
		if slices.Contains(from.store.keys.names(), name) {
			noun := "Filter Expression"
			if parameter == "QueryFilter" {
				noun = parameter
			}
			return invalid("%s can only contain non-primary key attributes: Primary key attribute: %s", noun, name)
		}
	}
	return nil
}
