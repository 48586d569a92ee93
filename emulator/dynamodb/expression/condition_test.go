package expression_test

import (
	"strings"
	"testing"

	"clickstream/emulator/dynamodb/expression"
)

const sample = `{"n":{"N":"1"},"s":{"S":"abc"},"a.b":{"S":"dotted"},"name":{"S":"a"},"bin":{"B":"YWJj"},"flag":{"BOOL":true},
	"tags":{"SS":["x","z"]},"numbers":{"NS":["1","2"]},"many":{"L":[{"S":"a"},{"M":{"deep":{"N":"1"}}}]},"doc":{"M":{"in":{"S":"b"},"x":{"N":"2"}}},
	"nothing":{"NULL":true}}`

func TestConditions(t *testing.T) {
	t.Parallel()
	it := item(t, sample)
	for text, want := range map[string]bool{
		"n = :one": true, "n = :two": false, "n <> :two": true, "n < :two": true, "n <= :one": true, "n > :one": false, "n >= :one": true,
		":one = n": true, "(n) = (:one)": true, "#n=:one": true, "s = :one": false, "s <> :one": true, "s < :one": false,
		"absent = :one": false, "absent <> :one": true, "absent < :one": false, "absent = gone": false, "absent <> gone": false,
		"n = doc.x": false, "doc.#name = :a": false, "many[1].deep = :one": true, "many[0] = :a": true, "many[9] = :a": false,
		"tags[0] = :x": false, "s[0] = :x": false, "n.x = :x": false, "#dot = :a": false, "attribute_exists(#dot)": true, "doc.x = :two": true,
		"n BETWEEN :one AND :two": true, "n between :two and :two": false, "s BETWEEN :a AND :b": true, "flag BETWEEN :a AND :b": false,
		"n IN (:two, :one)": true, "n in (:two)": false, "absent IN (:one)": false,
		"attribute_exists(n)": true, "attribute_exists(doc.y)": false, "attribute_not_exists(absent)": true, "attribute_exists(nothing)": true,
		"attribute_type(s, :S)": true, "attribute_type(n, :S)": false, "attribute_type(absent, :S)": false,
		"begins_with(s, :ab)": true, "begins_with(s, :b)": false, "begins_with(bin, :bin)": true, "begins_with(bin, :a)": false, "begins_with(n, :a)": false,
		"contains(s, :b)": true, "contains(s, :x)": false, "contains(tags, :x)": true, "contains(tags, :a)": false, "contains(numbers, :two)": true,
		"contains(many, :a)": true, "contains(many, :b)": false, "contains(bin, :bin)": true, "contains(s, :one)": false, "contains(absent, :a)": false,
		"contains(s, absent)": false, "contains(doc, :a)": false,
		"size(s) > :two": true, "size(tags) = :two": true, "size(many) = :two": true, "size(doc) = :two": true, "size(n) > :one": false, "size(bin) > :two": true,
		"NOT n = :one": false, "NOT NOT n = :one": true, "NOT (n = :two OR s = :a)": true,
		"n = :two OR n = :one AND s = :a": false, "(n = :two OR n = :one) AND s <> :a": true, "n = :one OR n = :two AND s = :a": true,
		"n = :one and attribute_exists(s) Or n = :two": true, "flag = :true": true, "nothing = :null": true, "doc <> :map": true, "tags <> :set": true,
		"((n = :one) AND (s <> :a))": true,
	} {
		condition, err := places(t).Condition("ConditionExpression", text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if got := condition.Holds(it); got != want {
			t.Errorf("%s is %v", text, got)
		}
	}
}

func TestConditionErrors(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                  "The expression can not be empty;",
		"  ":                                "The expression can not be empty;",
		"n":                                 `Syntax error; token: "<EOF>", near: "n"`,
		"n = ":                              `Syntax error; token: "<EOF>", near: "="`,
		"n == :one":                         `Syntax error; token: "=", near: "== :one"`,
		"n = :one n":                        `Syntax error; token: "n", near: ":one n"`,
		"n = 1":                             `Syntax error; token: "1", near: "= 1"`,
		"n ! :one":                          `Syntax error; token: "!", near: "n ! :one"`,
		"(n = :one":                         `Syntax error; token: "<EOF>", near: ":one"`,
		"AND n = :one":                      `Syntax error; token: "AND", near: "AND n"`,
		"n BETWEEN :one OR :two":            `Syntax error; token: "OR", near: ":one OR :two"`,
		"n IN :one":                         `Syntax error; token: ":one", near: "IN :one"`,
		"many[x] = :one":                    `Syntax error; token: "x", near: "[x]"`,
		"# = :one":                          `Syntax error; token: "#", near: "# ="`,
		"many[99999999999999999999] = :one": "List index is not within the allowable range; index: [99999999999999999999]",
		"((n = :one))":                      "The expression has redundant parentheses;",
		"size = :one":                       "Attribute name is a reserved keyword; reserved keyword: size",
		"doc.Name = :a":                     "Attribute name is a reserved keyword; reserved keyword: Name",
		"#m = :one":                         "An expression attribute name used in the document path is not defined; attribute name: #m",
		"n = :three":                        "An expression attribute value used in expression is not defined; attribute value: :three",
		"foo(n)":                            "Invalid function name; function: foo",
		"Attribute_exists(n)":               "Invalid function name; function: Attribute_exists",
		"if_not_exists(n, :one) = :one":     "The function is not allowed in a condition expression; function: if_not_exists",
		"contains(n, :one) = :true":         "The function is not allowed to be used this way in an expression; function: contains",
		"n = attribute_exists(n)":           "The function is not allowed to be used this way in an expression; function: attribute_exists",
		"size(n)":                           `Syntax error; token: "<EOF>", near: ")"`,
		"contains(n)":                       "Incorrect number of operands for operator or function; operator or function: contains, number of operands: 1",
		"attribute_exists()":                "Incorrect number of operands for operator or function; operator or function: attribute_exists, number of operands: 0",
		"attribute_exists(:one)":            "Operator or function requires a document path; operator or function: attribute_exists",
		"attribute_type(:one, :S)":          "Operator or function requires a document path; operator or function: attribute_type",
		"attribute_type(n, :one)":           "Incorrect operand type for operator or function; operator or function: attribute_type, operand type: N",
		"attribute_type(n, :bad)":           "Invalid attribute type name found; type: bad, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}",
		"begins_with(n, :one)":              "Incorrect operand type for operator or function; operator or function: begins_with, operand type: N",
		"size(:one) = :one":                 "Incorrect operand type for operator or function; operator or function: size, operand type: N",
		"n < :map":                          "Incorrect operand type for operator or function; operator: <, operand type: M",
		"n = n":                             "The first operand must be distinct from the remaining operands for this operator or function; operator: =, first operand: [n]",
		"many[0].x IN (:one, many[0].x)":    "The first operand must be distinct from the remaining operands for this operator or function; operator: IN, first operand: [many, [0], x]",
		"n BETWEEN :two AND :one": "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; " +
			"lower bound operand: AttributeValue: {N:2}, upper bound operand: AttributeValue: {N:1}",
		"n BETWEEN :a AND :one": "The BETWEEN operator requires same data type for lower and upper bounds; " +
			"lower bound operand: AttributeValue: {S:a}, upper bound operand: AttributeValue: {N:1}",
		strings.Repeat("n", 4097): "Expression size has exceeded the maximum allowed size; expression size: 4097",
	} {
		_, err := places(t).Condition("FilterExpression", text)
		if want = "Invalid FilterExpression: " + want; refusal(err) != want {
			t.Errorf("%.60s:\n got %s\nwant %s", text, refusal(err), want)
		}
	}
}

func TestPlaceholders(t *testing.T) {
	t.Parallel()
	values := item(t, `{":v":{"N":"1"},":w":{"N":"2"}}`)
	p, err := expression.NewPlaceholders(map[string]string{"#a": "a", "#b": "b"}, values)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Condition("ConditionExpression", "#a = :v AND (#a) < :v"); err != nil {
		t.Fatal(err)
	}
	if got, want := refusal(p.Finish()), "Value provided in ExpressionAttributeNames unused in expressions: keys: {#b}"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if _, err := p.Projection("#b"); err != nil {
		t.Fatal(err)
	}
	if got, want := refusal(p.Finish()), "Value provided in ExpressionAttributeValues unused in expressions: keys: {:w}"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if _, err := p.Condition("FilterExpression", "#a = :w"); err != nil {
		t.Fatal(err)
	}
	if err := p.Finish(); err != nil {
		t.Error(err)
	}
	for _, test := range []struct {
		names  map[string]string
		values string
		want   string
	}{
		{map[string]string{}, `null`, "ExpressionAttributeNames must not be empty"},
		{nil, `{}`, "ExpressionAttributeValues must not be empty"},
		{map[string]string{"a": "a"}, `null`, `ExpressionAttributeNames contains invalid key: Syntax error; key: "a"`},
		{map[string]string{"#a-b": "a"}, `null`, `ExpressionAttributeNames contains invalid key: Syntax error; key: "#a-b"`},
		{map[string]string{"#a": ""}, `null`, `ExpressionAttributeNames contains invalid value: Empty attribute name for key #a`},
		{nil, `{"v":{"N":"1"}}`, `ExpressionAttributeValues contains invalid key: Syntax error; key: "v"`},
	} {
		if _, err := expression.NewPlaceholders(test.names, item(t, test.values)); refusal(err) != test.want {
			t.Errorf("got %s, want %s", refusal(err), test.want)
		}
	}
}

func TestKeyConditions(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"n = :one":                             "",
		":one = n AND begins_with(s, :a)":      "",
		"(n = :one) AND (s BETWEEN :a AND :b)": "",
		"n = :one AND :one < m":                "",
		"n = :one OR n = :two":                 "Invalid operator used in KeyConditionExpression: OR",
		"n <> :one":                            "Invalid operator used in KeyConditionExpression: <>",
		"NOT n = :one":                         "Invalid operator used in KeyConditionExpression: NOT",
		"n IN (:one)":                          "Invalid operator used in KeyConditionExpression: IN",
		"n = :one AND contains(s, :a)":         "Invalid operator used in KeyConditionExpression: contains",
		"n = :one AND attribute_exists(s)":     "Invalid operator used in KeyConditionExpression: attribute_exists",
		"n.x = :one":                           "KeyConditionExpressions cannot have conditions on nested attributes",
		"size(n) = :one":                       "KeyConditionExpressions cannot contain nested operations",
		"n = m":                                "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition",
		":one = :one":                          "Invalid condition in KeyConditionExpression: No key attribute specified",
		"n = :one AND n > :one":                "Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per key",
		"n =":                                  `Invalid KeyConditionExpression: Syntax error; token: "<EOF>", near: "="`,
	} {
		keys, err := places(t).KeyConditions(text)
		if refusal(err) != want {
			t.Errorf("%s:\n got %s\nwant %s", text, refusal(err), want)
		}
		if err == nil && (keys[0].Attribute != "n" || keys[0].Operator != expression.Equal) {
			t.Errorf("%s: %v", text, keys)
		}
	}
}

func FuzzCondition(f *testing.F) {
	for _, seed := range []string{
		"n = :one", "(n) = (:one) AND NOT (size(s) > :two OR s IN (:a, :b))", "attribute_type(many[1].deep, :S)", "((((n", "n BETWEEN :one AND",
		"#dot = :a", "contains(doc.in, :x) or begins_with(s, :ab)", "n = 1", ":a", "a.b[0][1].#n <> :null",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p := places(t)
		condition, err := p.Condition("ConditionExpression", text)
		if err != nil {
			if !strings.HasPrefix(refusal(err), "Invalid ConditionExpression: ") {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		holds := condition.Holds(item(t, sample))
		if negated, err := p.Condition("ConditionExpression", "NOT ("+text+")"); err == nil && negated.Holds(item(t, sample)) == holds {
			t.Fatalf("%q and its negation are both %v", text, holds)
		}
		condition.Holds(nil)
		expression.Attributes(condition)
	})
}
