package expression_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"clickstream/emulator/dynamodb/attribute"
	"clickstream/emulator/dynamodb/expression"
)

func TestUpdates(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ before, text, after string }{
		{`{}`, "SET n = :one", `{"n":{"N":"1"}}`},
		{`{"n":{"N":"1"}}`, "set n = n + :two, m = n", `{"n":{"N":"3"},"m":{"N":"1"}}`},
		{`{"n":{"N":"1"},"m":{"N":"7"}}`, "SET n = m, m = n", `{"n":{"N":"7"},"m":{"N":"1"}}`},
		{`{"n":{"N":"1"}}`, "SET n = :two - n", `{"n":{"N":"1"}}`},
		{`{}`, "SET n = if_not_exists(n, :one) + :two", `{"n":{"N":"3"}}`},
		{`{"n":{"N":"5"}}`, "SET n = if_not_exists(n, :one)", `{"n":{"N":"5"}}`},
		{`{"l":{"L":[{"N":"1"}]}}`, "SET l = list_append(l, :list)", `{"l":{"L":[{"N":"1"},{"N":"9"}]}}`},
		{`{}`, "SET l = list_append(if_not_exists(l, :list), :list)", `{"l":{"L":[{"N":"9"},{"N":"9"}]}}`},
		{`{"d":{"M":{"x":{"N":"1"},"y":{"N":"2"}}}}`, "SET d.x = :two REMOVE d.y", `{"d":{"M":{"x":{"N":"2"}}}}`},
		{`{"l":{"L":[{"S":"p"},{"S":"q"},{"S":"r"}]}}`, "REMOVE l[0], l[2]", `{"l":{"L":[{"S":"q"}]}}`},
		{`{"l":{"L":[{"S":"p"},{"S":"q"}]}}`, "SET l[0] = :a, l[9] = :b, l[5] = :ab", `{"l":{"L":[{"S":"a"},{"S":"q"},{"S":"ab"},{"S":"b"}]}}`},
		{`{"l":{"L":[{"M":{"x":{"N":"1"}}}]}}`, "SET l[0].x = :two", `{"l":{"L":[{"M":{"x":{"N":"2"}}}]}}`},
		{`{"l":{"L":[{"S":"p"}]}}`, "REMOVE l[7]", `{"l":{"L":[{"S":"p"}]}}`},
		{`{"n":{"N":"1"}}`, "REMOVE gone", `{"n":{"N":"1"}}`},
		{`{}`, "ADD n :two", `{"n":{"N":"2"}}`},
		{`{"n":{"N":"-1.5"}}`, "ADD n :two", `{"n":{"N":"0.5"}}`},
		{`{"s":{"SS":["a","x"]}}`, "ADD s :set", `{"s":{"SS":["a","x","y"]}}`},
		{`{}`, "ADD s :set", `{"s":{"SS":["x","y"]}}`},
		{`{"s":{"SS":["a","x"]}}`, "DELETE s :set", `{"s":{"SS":["a"]}}`},
		{`{"s":{"SS":["x"]},"n":{"N":"1"}}`, "DELETE s :set", `{"n":{"N":"1"}}`},
		{`{}`, "DELETE s :set", `{}`},
		{`{"#":{"N":"1"}}`, "SET #n = (:one)", `{"#":{"N":"1"},"n":{"N":"1"}}`},
		{`{"n":{"N":"1"},"s":{"S":"a"}}`, "REMOVE s SET n = :two ADD m :one DELETE t :set", `{"n":{"N":"2"},"m":{"N":"1"}}`},
	} {
		update, err := places(t).Update(test.text)
		if err != nil {
			t.Errorf("%s: %v", test.text, err)
			continue
		}
		before := item(t, test.before)
		after, err := update.Apply(before)
		if err != nil {
			t.Errorf("%s: %v", test.text, err)
		} else if diff := cmp.Diff(item(t, test.after), after); diff != "" {
			t.Errorf("%s of %s (-want +got):\n%s", test.text, test.before, diff)
		}
		if diff := cmp.Diff(item(t, test.before), before); diff != "" {
			t.Errorf("%s changed the item that it was given (-want +got):\n%s", test.text, diff)
		}
	}
}

func TestUpdateErrors(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                               "The expression can not be empty;",
		"PUT n = :one":                   `Syntax error; token: "PUT", near: "PUT n"`,
		"SET n":                          `Syntax error; token: "<EOF>", near: "n"`,
		"SET n = :one SET m = :two":      `The "SET" section can only be used once in an update expression;`,
		"SET n = :one, n = :two":         "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [n], path two: [n]",
		"SET d.x = :one REMOVE d":        "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [d, x], path two: [d]",
		"SET d.x = :one REMOVE d[1]":     "Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [d, x], path two: [d, [1]]",
		"SET n = size(n)":                "The function is not allowed in an update expression; function: size",
		"SET n = foo(n)":                 "Invalid function name; function: foo",
		"SET n = list_append(n)":         "Incorrect number of operands for operator or function; operator or function: list_append, number of operands: 1",
		"SET n = list_append(n, :a)":     "Incorrect operand type for operator or function; operator or function: list_append, operand type: S",
		"SET n = n + :a":                 "Incorrect operand type for operator or function; operator or function: +, operand type: S",
		"SET n = if_not_exists(:one, n)": "Operator or function requires a document path; operator or function: if_not_exists",
		"SET n = ((:one))":               "The expression has redundant parentheses;",
		"ADD n m":                        `Syntax error; token: "m", near: "n m"`,
		"ADD n :a":                       "Incorrect operand type for operator or function; operator: ADD, operand type: STRING, typeSet: ALLOWED_FOR_ADD_OPERAND",
		"DELETE n :one":                  "Incorrect operand type for operator or function; operator: DELETE, operand type: NUMBER, typeSet: ALLOWED_FOR_DELETE_OPERAND",
		"REMOVE data":                    "Attribute name is a reserved keyword; reserved keyword: data",
	} {
		_, err := places(t).Update(text)
		if want = "Invalid UpdateExpression: " + want; refusal(err) != want {
			t.Errorf("%s:\n got %s\nwant %s", text, refusal(err), want)
		}
	}
}

func TestUpdatesThatDoNotFit(t *testing.T) {
	t.Parallel()
	const (
		unknown = "The provided expression refers to an attribute that does not exist in the item"
		kind    = "An operand in the update expression has an incorrect data type"
		path    = "The document path provided in the update expression is invalid for update"
	)
	for text, want := range map[string]string{
		"SET n = absent": unknown, "SET n = absent + :one": unknown, "SET n = s + :one": kind, "SET n = list_append(s, :list)": kind,
		"ADD s :one": kind, "ADD n :set": kind, "ADD tags :ns": kind, "DELETE tags :ns": kind, "DELETE n :set": kind,
		"SET absent.x = :one": path, "SET s.x = :one": path, "SET doc[0] = :one": path, "SET many.x = :one": path, "SET many[5].x = :one": path,
		"SET absent[0] = :one": path, "REMOVE absent.x": path,
	} {
		update, err := places(t).Update(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if _, err := update.Apply(item(t, sample)); refusal(err) != want {
			t.Errorf("%s: %s, want %s", text, refusal(err), want)
		}
	}
}

func TestProjections(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"n":                      `{"n":{"N":"1"}}`,
		"#dot, absent":           `{"a.b":{"S":"dotted"}}`,
		"doc.x":                  `{"doc":{"M":{"x":{"N":"2"}}}}`,
		"doc.x, doc.#n, doc.in2": `{"doc":{"M":{"x":{"N":"2"}}}}`,
		"many[1].deep, many[0]":  `{"many":{"L":[{"S":"a"},{"M":{"deep":{"N":"1"}}}]}}`,
		"many[1]":                `{"many":{"L":[{"M":{"deep":{"N":"1"}}}]}}`,
		"many[7], doc.gone, s.x": `{}`,
		"tags":                   `{"tags":{"SS":["x","z"]}}`,
	} {
		projection, err := places(t).Projection(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if diff := cmp.Diff(item(t, want), projection.Of(item(t, sample))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
	for text, want := range map[string]string{
		"n, n":          "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [n], path two: [n]",
		"doc, doc.x":    "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [doc], path two: [doc, x]",
		"doc[0], doc.x": "Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [doc, [0]], path two: [doc, x]",
		"n,":            `Syntax error; token: "<EOF>", near: ","`,
		"n = :one":      `Syntax error; token: "=", near: "n = :one"`,
		"":              "The expression can not be empty;",
	} {
		_, err := places(t).Projection(text)
		if want = "Invalid ProjectionExpression: " + want; refusal(err) != want {
			t.Errorf("%s:\n got %s\nwant %s", text, refusal(err), want)
		}
	}
}

func TestLegacyConditions(t *testing.T) {
	t.Parallel()
	it := item(t, sample)
	for _, test := range []struct {
		name, operator, values string
		want                   bool
	}{
		{"n", "EQ", `{"1":{"N":"1.0"}}`, true},
		{"n", "NE", `{"1":{"N":"1"}}`, false},
		{"absent", "NE", `{"1":{"N":"1"}}`, true},
		{"n", "LT", `{"1":{"N":"2"}}`, true},
		{"n", "LE", `{"1":{"N":"0"}}`, false},
		{"n", "GT", `{"1":{"N":"0"}}`, true},
		{"n", "GE", `{"1":{"N":"1"}}`, true},
		{"n", "BETWEEN", `{"1":{"N":"0"},"2":{"N":"1"}}`, true},
		{"n", "IN", `{"1":{"N":"0"},"2":{"N":"1"}}`, true},
		{"n", "NOT_NULL", `{}`, true},
		{"n", "NULL", `{}`, false},
		{"absent", "NULL", `{}`, true},
		{"s", "CONTAINS", `{"1":{"S":"b"}}`, true},
		{"s", "NOT_CONTAINS", `{"1":{"S":"b"}}`, false},
		{"s", "BEGINS_WITH", `{"1":{"S":"ab"}}`, true},
	} {
		condition, err := expression.LegacyCondition(test.name, test.operator, listed(t, test.values))
		if err != nil {
			t.Errorf("%s %s: %v", test.name, test.operator, err)
		} else if got := condition.Holds(it); got != test.want {
			t.Errorf("%s %s %s is %v", test.name, test.operator, test.values, got)
		}
	}
	const beginning = "One or more parameter values were invalid: "
	for _, test := range []struct{ operator, values, want string }{
		{"LIKE", `{}`, beginning + "ComparisonOperator LIKE is not known"},
		{"EQ", `{}`, beginning + "Invalid number of argument(s) for the EQ ComparisonOperator"},
		{"NULL", `{"1":{"S":"a"}}`, beginning + "Invalid number of argument(s) for the NULL ComparisonOperator"},
		{"IN", `{}`, beginning + "Invalid number of argument(s) for the IN ComparisonOperator"},
		{"LT", `{"1":{"L":[]}}`, beginning + "ComparisonOperator LT is not valid for L AttributeValue type"},
		{"IN", `{"1":{"S":"a"},"2":{"N":"1"}}`, beginning + "AttributeValues inside AttributeValueList must be of same type"},
		{"BETWEEN", `{"1":{"S":"b"},"2":{"S":"a"}}`, "The BETWEEN condition was provided a range where the lower bound is greater than the upper bound"},
	} {
		if _, err := expression.LegacyCondition("n", test.operator, listed(t, test.values)); refusal(err) != test.want {
			t.Errorf("%s: %s, want %s", test.operator, refusal(err), test.want)
		}
	}
}

// listed are the values of an item with the names "1" and "2".
func listed(t *testing.T, text string) []attribute.Value {
	t.Helper()
	it := item(t, text)
	var values []attribute.Value
	for _, name := range []string{"1", "2"} {
		if v, ok := it[name]; ok {
			values = append(values, v)
		}
	}
	return values
}

func FuzzUpdate(f *testing.F) {
	for _, seed := range []string{
		"SET n = n + :one", "SET many[9] = :a, doc.x = if_not_exists(q, :list) REMOVE s ADD tags :set", "DELETE tags :set", "SET n = list_append(many, :list)",
		"REMOVE many[0], many[1].deep", "SET n = ((", "ADD doc.in :one", "SET #dot = :map",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		update, err := places(t).Update(text)
		if err != nil {
			if !strings.HasPrefix(refusal(err), "Invalid UpdateExpression: ") {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		before := item(t, sample)
		after, err := update.Apply(before)
		if diff := cmp.Diff(item(t, sample), before); diff != "" {
			t.Fatalf("%q changed the item that it was given:\n%s", text, diff)
		}
		if err == nil {
			expression.NewProjection(update.Paths()...).Of(after)
		}
	})
}
