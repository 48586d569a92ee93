package expression_test

import (
	"encoding/json"
	"strings"
	"testing"

	"clickstream/emulator/dynamodb/attribute"
	"clickstream/emulator/dynamodb/expression"
)

// item reads an item from JSON.
func item(tb testing.TB, text string) attribute.Item {
	tb.Helper()
	var it attribute.Item
	if err := json.Unmarshal([]byte(text), &it); err != nil {
		tb.Fatalf("%s: %v", text, err)
	}
	return it
}

// names and values that the tables use.
func places(tb testing.TB) *expression.Placeholders {
	tb.Helper()
	p, err := expression.NewPlaceholders(
		map[string]string{"#n": "n", "#dot": "a.b", "#name": "name"},
		item(tb, `{":one":{"N":"1"},":two":{"N":"2"},":a":{"S":"a"},":b":{"S":"b"},":ab":{"S":"ab"},":list":{"L":[{"N":"9"}]},
			":set":{"SS":["x","y"]},":x":{"S":"x"},":bin":{"B":"YQ=="},":true":{"BOOL":true},":null":{"NULL":true},":map":{"M":{}},
			":S":{"S":"S"},":ns":{"NS":["2"]},":bad":{"S":"bad"}}`))
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// refusal is an error's sentence without its code, empty for nil.
func refusal(err error) string {
	if err == nil {
		return ""
	}
	return strings.TrimPrefix(err.Error(), "ValidationException: ")
}
