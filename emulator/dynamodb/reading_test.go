package dynamodb_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// filled is a sorted table with the items (a, 0) … (a, 9) and (b, 0), (b, 1), each with an attribute v, and the indexes "by-v", global, of
// keys and w only, and "all", global.
func filled(t *testing.T) *client {
	t.Helper()
	c := newClient(t)
	c.ok("CreateTable", `{"TableName":"tab","BillingMode":"PAY_PER_REQUEST",
		"KeySchema":[{"AttributeName":"k","KeyType":"HASH"},{"AttributeName":"s","KeyType":"RANGE"}],
		"AttributeDefinitions":[{"AttributeName":"k","AttributeType":"S"},{"AttributeName":"s","AttributeType":"N"},{"AttributeName":"v","AttributeType":"S"}],
		"LocalSecondaryIndexes":[{"IndexName":"local","KeySchema":[{"AttributeName":"k","KeyType":"HASH"},{"AttributeName":"v","KeyType":"RANGE"}],
			"Projection":{"ProjectionType":"KEYS_ONLY"}}],
		"GlobalSecondaryIndexes":[
			{"IndexName":"by-v","KeySchema":[{"AttributeName":"v","KeyType":"HASH"}],"Projection":{"ProjectionType":"INCLUDE","NonKeyAttributes":["w"]}},
			{"IndexName":"all","KeySchema":[{"AttributeName":"v","KeyType":"HASH"},{"AttributeName":"s","KeyType":"RANGE"}],"Projection":{"ProjectionType":"ALL"}}]}`)
	put := func(k string, s int) {
		c.ok("PutItem", fmt.Sprintf(`{"TableName":"tab","Item":{"k":{"S":"%s"},"s":{"N":"%d"},"v":{"S":"v%d"},"w":{"N":"%d"},"x":{"S":"x"}}}`, k, s, s%3, s))
	}
	for s := range 10 {
		put("a", (s*7)%10)
	}
	put("b", 1)
	put("b", 0)
	return c
}

// numbers are the sort keys of a reply's items in their order, and its LastEvaluatedKey.
func numbers(t *testing.T, reply string) (found string, last any) {
	t.Helper()
	members := decode(t, reply).(map[string]any)
	var all []string
	for _, item := range members["Items"].([]any) {
		all = append(all, item.(map[string]any)["s"].(map[string]any)["N"].(string))
	}
	return strings.Join(all, " "), members["LastEvaluatedKey"]
}

func TestQueries(t *testing.T) {
	t.Parallel()
	c := filled(t)
	const values = `"ExpressionAttributeValues":{":k":{"S":"a"},":x":{"N":"3"},":y":{"N":"6"}}`
	for condition, want := range map[string]string{
		`s = :x`: "3", `s < :x`: "0 1 2", `s <= :x`: "0 1 2 3", `s > :y`: "7 8 9", `s >= :y`: "6 7 8 9", `s BETWEEN :x AND :y`: "3 4 5 6", `:x > s`: "0 1 2",
	} {
		used := values
		if !strings.Contains(condition, ":x") {
			used = strings.Replace(used, `":x":{"N":"3"},`, "", 1)
		}
		if !strings.Contains(condition, ":y") {
			used = strings.Replace(used, `,":y":{"N":"6"}`, "", 1)
		}
		got, _ := numbers(t, c.ok("Query", `{"TableName":"tab","KeyConditionExpression":"k = :k AND `+condition+`",`+used+`}`))
		if got != want {
			t.Errorf("%s finds %s, want %s", condition, got, want)
		}
		got, _ = numbers(t, c.ok("Query", `{"TableName":"tab","ScanIndexForward":false,"KeyConditionExpression":"k = :k AND `+condition+`",`+used+`}`))
		if got != backward(want) {
			t.Errorf("%s finds backward %s, want %s", condition, got, backward(want))
		}
	}
	got, _ := numbers(t, c.ok("Query", `{"TableName":"tab","KeyConditions":{"k":{"ComparisonOperator":"EQ","AttributeValueList":[{"S":"a"}]},
		"s":{"ComparisonOperator":"GE","AttributeValueList":[{"N":"5"}]}},"QueryFilter":{"v":{"ComparisonOperator":"NE","AttributeValueList":[{"S":"v0"}]}}}`))
	if want := "5 7 8"; got != want {
		t.Errorf("the older parameters find %s, want %s", got, want)
	}
	c.want("Query", `{"TableName":"tab","Select":"COUNT","KeyConditionExpression":"k = :k","FilterExpression":"w > :w",
		"ExpressionAttributeValues":{":k":{"S":"a"},":w":{"N":"7"}}}`, `{"Count":2,"ScannedCount":10}`)
	c.want("Query", `{"TableName":"tab","KeyConditionExpression":"k = :k","ExpressionAttributeValues":{":k":{"S":"none"}}}`,
		`{"Items":[],"Count":0,"ScannedCount":0}`)
}

func backward(words string) string {
	list := strings.Fields(words)
	slices.Reverse(list)
	return strings.Join(list, " ")
}

// TestPages reads in pages of three, forward and backward, through the table and an index, and
// deletes the item at which a page ended.
func TestPages(t *testing.T) {
	t.Parallel()
	for _, forward := range []bool{true, false} {
		c := filled(t)
		var all []string
		start := ""
		for {
			reply := c.ok("Query", fmt.Sprintf(`{"TableName":"tab","Limit":3,"ScanIndexForward":%v,"KeyConditionExpression":"k = :k",
				"ExpressionAttributeValues":{":k":{"S":"a"}}%s}`, forward, start))
			got, last := numbers(t, reply)
			all = append(all, strings.Fields(got)...)
			if last == nil {
				break
			}
			number := last.(map[string]any)["s"].(map[string]any)["N"].(string)
			key := `{"k":{"S":"a"},"s":{"N":"` + number + `"}}`
			start = `,"ExclusiveStartKey":` + key
			c.ok("DeleteItem", `{"TableName":"tab","Key":`+key+`}`)
		}
		want := "0 1 2 3 4 5 6 7 8 9"
		if !forward {
			want = backward(want)
		}
		if got := strings.Join(all, " "); got != want {
			t.Errorf("forward %v: %s, want %s", forward, got, want)
		}
	}
}

func TestScans(t *testing.T) {
	t.Parallel()
	c := filled(t)
	read := func(parameters string) (found []string) {
		start := ""
		for {
			reply := decode(t, c.ok("Scan", `{"TableName":"tab"`+parameters+start+`}`)).(map[string]any)
			for _, item := range reply["Items"].([]any) {
				found = append(found, fmt.Sprint(item.(map[string]any)["k"], item.(map[string]any)["s"]))
			}
			last := reply["LastEvaluatedKey"]
			if last == nil {
				return found
			}
			text := marshal(t, last)
			start = `,"ExclusiveStartKey":` + text
		}
	}
	whole := read("")
	if len(whole) != 12 {
		t.Fatalf("a scan finds %d items: %v", len(whole), whole)
	}
	if paged := read(`,"Limit":1`); !slices.Equal(paged, whole) {
		t.Errorf("in pages it finds %v, want %v", paged, whole)
	}
	var parts []string
	for segment := range 5 {
		parts = append(parts, read(fmt.Sprintf(`,"TotalSegments":5,"Segment":%d,"Limit":2`, segment))...)
	}
	if !slices.Equal(parts, whole) {
		t.Errorf("in segments it finds %v, want %v", parts, whole)
	}
	if indexed := read(`,"IndexName":"by-v","Limit":1`); len(indexed) != 12 || len(unique(indexed)) != 12 {
		t.Errorf("by an index in pages it finds %v", indexed)
	}
	if found := read(`,"ScanFilter":{"k":{"ComparisonOperator":"EQ","AttributeValueList":[{"S":"b"}]}},"Limit":5`); len(found) != 2 {
		t.Errorf("by ScanFilter it finds %v", found)
	}
	if found := read(`,"FilterExpression":"k = :b","ExpressionAttributeValues":{":b":{"S":"b"}}`); len(found) != 2 {
		t.Errorf("by FilterExpression it finds %v", found)
	}
}

func unique(list []string) []string {
	sorted := slices.Sorted(slices.Values(list))
	return slices.Compact(sorted)
}

func TestIndexes(t *testing.T) {
	t.Parallel()
	c := filled(t)
	query := func(index, rest string) string {
		return `{"TableName":"tab","IndexName":"` + index + `","KeyConditionExpression":"v = :v","ExpressionAttributeValues":{":v":{"S":"v1"}}` + rest + `}`
	}
	got, _ := numbers(t, c.ok("Query", query("all", "")))
	if want := "1 1 4 7"; got != want {
		t.Errorf("the index holds %s, want %s", got, want)
	}
	c.ok("UpdateItem", `{"TableName":"tab","Key":{"k":{"S":"a"},"s":{"N":"4"}},"UpdateExpression":"SET v = :v","ExpressionAttributeValues":{":v":{"S":"v2"}}}`)
	c.ok("UpdateItem", `{"TableName":"tab","Key":{"k":{"S":"a"},"s":{"N":"7"}},"UpdateExpression":"REMOVE v"}`)
	c.ok("DeleteItem", `{"TableName":"tab","Key":{"k":{"S":"b"},"s":{"N":"1"}}}`)
	c.ok("UpdateItem", `{"TableName":"tab","Key":{"k":{"S":"a"},"s":{"N":"1"}},"UpdateExpression":"SET y = :y","ExpressionAttributeValues":{":y":{"S":"y"}}}`)
	c.want("Query", query("all", ""), `{"Items":[{"k":{"S":"a"},"s":{"N":"1"},"v":{"S":"v1"},"w":{"N":"1"},"x":{"S":"x"},"y":{"S":"y"}}],"Count":1,"ScannedCount":1}`)
	c.want("Query", query("by-v", ""), `{"Items":[{"k":{"S":"a"},"s":{"N":"1"},"v":{"S":"v1"},"w":{"N":"1"}}],"Count":1,"ScannedCount":1}`)

	const local = `{"TableName":"tab","IndexName":"local","KeyConditionExpression":"k = :k AND v = :v","ExpressionAttributeValues":{":k":{"S":"a"},":v":{"S":"v1"}}`
	c.want("Query", local+`}`, `{"Items":[{"k":{"S":"a"},"s":{"N":"1"},"v":{"S":"v1"}}],"Count":1,"ScannedCount":1}`)
	c.want("Query", local+`,"ProjectionExpression":"y"}`, `{"Items":[{"y":{"S":"y"}}],"Count":1,"ScannedCount":1}`)

	const parts = "One or more parameter values were invalid: "
	c.invalid("Query", query("by-v", `,"ConsistentRead":true`), "Consistent reads are not supported on global secondary indexes")
	c.invalid("Query", query("by-v", `,"ProjectionExpression":"x"`), parts+"Global secondary index by-v does not project [x]")
	c.invalid("Query", query("by-v", `,"Select":"ALL_ATTRIBUTES"`),
		parts+"Select type ALL_ATTRIBUTES is not supported for global secondary index by-v because its projection type is not ALL")
	c.invalid("Query", query("nope", ""), "The table does not have the specified index: nope")
	c.invalid("PutItem", `{"TableName":"tab","Item":{"k":{"S":"a"},"s":{"N":"1"},"v":{"N":"1"}}}`,
		parts+"Type mismatch for Index Key v Expected: S Actual: N IndexName: local")
}

func TestQueriesThatAreRefused(t *testing.T) {
	t.Parallel()
	c := filled(t)
	const values = `,"ExpressionAttributeValues":{":k":{"S":"a"},":n":{"N":"1"}}}`
	for body, message := range map[string]string{
		`"Limit":0,"KeyConditionExpression":"k = :k","ExpressionAttributeValues":{":k":{"S":"a"}}}`: "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: " +
			"Member must have value greater than or equal to 1",
		`"Limit":1}`: "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.",
		`"KeyConditionExpression":"w = :n AND s = :k"` + values:                                     "Query condition missed key schema element: k",
		`"KeyConditionExpression":"k > :k AND s = :n"` + values:                                     "Query key condition not supported",
		`"KeyConditionExpression":"k = :n AND s = :k"` + values:                                     "One or more parameter values were invalid: Condition parameter type does not match schema type",
		`"KeyConditionExpression":"k = :k AND w = :n"` + values:                                     "Query condition missed key schema element: s",
		`"KeyConditionExpression":"k = :k","FilterExpression":"s = :n"` + values:                    "Filter Expression can only contain non-primary key attributes: Primary key attribute: s",
		`"KeyConditionExpression":"k = :k AND s = :n","ExclusiveStartKey":{"k":{"S":"a"}}` + values: "The provided starting key is invalid",
		`"KeyConditionExpression":"k = :k AND s > :n","ExclusiveStartKey":{"k":{"S":"b"},"s":{"N":"2"}}` + values: "The provided starting key is outside query boundaries " +
			"based on provided conditions",
		`"KeyConditionExpression":"k = :k AND s > :n","ExclusiveStartKey":{"k":{"S":"a"},"s":{"N":"1"}}` + values: "The provided starting key does not match the range key predicate",
		`"Select":"COUNT","ProjectionExpression":"w","KeyConditionExpression":"k = :k AND s > :n"` + values: "One or more parameter values were invalid: " +
			"Cannot specify the ProjectionExpression when choosing to get COUNT",
	} {
		c.invalid("Query", `{"TableName":"tab",`+body, message)
	}
	for body, message := range map[string]string{
		`"Segment":1}`: "The TotalSegments parameter is required but was not present in the request when Segment parameter is present",
		`"Segment":2,"TotalSegments":2}`: "The Segment parameter is zero-based and must be less than parameter TotalSegments: " +
			"Segment: 2 is not less than TotalSegments: 2",
		`"ConditionalOperator":"AND"}`: "One or more parameter values were invalid: ConditionalOperator cannot be used without Filter or Expected",
	} {
		c.invalid("Scan", `{"TableName":"tab",`+body, message)
	}
}

// TestPageSize shows that a reply ends after 1 MiB.
func TestPageSize(t *testing.T) {
	t.Parallel()
	c := newTable(t, true)
	for s := range 5 {
		c.ok("PutItem", fmt.Sprintf(`{"TableName":"tab","Item":{"k":{"S":"a"},"s":{"N":"%d"},"x":{"S":"%s"}}}`, s, strings.Repeat("x", 300<<10)))
	}
	got, last := numbers(t, c.ok("Scan", `{"TableName":"tab","ProjectionExpression":"s"}`))
	if got != "0 1 2 3" || last == nil {
		t.Errorf("a page holds %s, and ends at %v", got, last)
	}
}
