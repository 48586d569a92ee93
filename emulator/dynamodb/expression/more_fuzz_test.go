package expression_test

import (
	"slices"
	"strings"
	"testing"

	"clickstream/emulator/dynamodb/attribute"
	"clickstream/emulator/dynamodb/expression"
)

// FuzzProjection reads any text: what is taken keeps to the item that it is given, and taken twice is the same.
func FuzzProjection(f *testing.F) {
	for _, seed := range []string{"n", "doc.x, doc.#n", "many[1].deep, many[0]", "n, n", "doc[0], doc.x", "n,", "a[999999999999]", "#dot,s.x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		projection, err := places(t).Projection(text)
		if err != nil {
			if !strings.HasPrefix(refusal(err), "Invalid ProjectionExpression: ") {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		whole := item(t, sample)
		for name := range projection.Of(whole) {
			if _, there := whole[name]; !there {
				t.Fatalf("%q shows %s, which the item has not", text, name)
			}
		}
		projection.Of(nil)
	})
}

// FuzzKeyCondition reads any text: what is taken is about one attribute, or two that differ, and has its operands.
func FuzzKeyCondition(f *testing.F) {
	for _, seed := range []string{
		"n = :one", ":one = n AND begins_with(s, :a)", "(n = :one) AND (s BETWEEN :a AND :b)", "n = :one AND :one < m", "n IN (:one)", "size(n) = :one", "n = m AND", "((n = :one",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		keys, err := places(t).KeyConditions(text)
		if err != nil {
			if !strings.Contains(refusal(err), "KeyConditionExpression") {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		if len(keys) < 1 || len(keys) > 2 || len(keys) == 2 && keys[0].Attribute == keys[1].Attribute {
			t.Fatalf("%q: %v", text, keys)
		}
		for _, key := range keys {
			if want := map[bool]int{true: 2, false: 1}[key.Operator == expression.KeyBetween]; len(key.Operands) != want {
				t.Fatalf("%q: %v", text, key)
			}
			key.Side(key.Operands[0])
		}
	})
}

// FuzzLegacyCondition compares with any values of the sample by any operator.
func FuzzLegacyCondition(f *testing.F) {
	f.Add("n", "EQ", uint16(1))
	f.Add("s", "BETWEEN", uint16(0b11))
	f.Add("tags", "CONTAINS", uint16(0b100))
	f.Add("absent", "NULL", uint16(0))
	f.Add("n", "in", uint16(0xffff))
	f.Fuzz(func(t *testing.T, name, operator string, chosen uint16) {
		whole := item(t, sample)
		var values []attribute.Value
		for i, key := range slices.Sorted(keysOf(whole)) {
			if chosen>>(i%16)&1 == 1 {
				values = append(values, whole[key])
			}
		}
		condition, err := expression.LegacyCondition(name, operator, values)
		if err == nil {
			condition.Holds(whole)
			condition.Holds(nil)
		} else if slices.Contains(expression.LegacyOperators(), operator) && !strings.HasPrefix(err.Error(), "ValidationException: ") {
			t.Fatalf("%s %s of %d values: %v", name, operator, len(values), err)
		}
		if key, err := expression.LegacyKeyCondition(name, operator, values); err == nil {
			key.Side(key.Operands[0])
		}
	})
}

func keysOf(it attribute.Item) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for name := range it {
			if !yield(name) {
				return
			}
		}
	}
}
