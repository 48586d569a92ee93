package dynamodb_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"clickstream/emulator/dynamodb"
)

func TestPutGetDelete(t *testing.T) {
	t.Parallel()
	c := newTable(t, false)
	c.want("GetItem", `{"TableName":"tab","Key":{"k":{"S":"a"}}}`, `{}`)
	c.want("PutItem", `{"TableName":"tab","Item":{"k":{"S":"a"},"n":{"N":"1.0"}}}`, `{}`)
	c.want("PutItem", `{"TableName":"tab","Item":{"k":{"S":"a"},"n":{"N":"2"}},"ReturnValues":"ALL_OLD"}`,
		`{"Attributes":{"k":{"S":"a"},"n":{"N":"1"}}}`)
	c.want("GetItem", `{"TableName":"tab","Key":{"k":{"S":"a"}}}`, `{"Item":{"k":{"S":"a"},"n":{"N":"2"}}}`)
	c.want("GetItem", `{"TableName":"tab","Key":{"k":{"S":"a"}},"ProjectionExpression":"#n","ExpressionAttributeNames":{"#n":"n"}}`,
		`{"Item":{"n":{"N":"2"}}}`)
	c.want("GetItem", `{"TableName":"tab","Key":{"k":{"S":"a"}},"AttributesToGet":["n","x"]}`, `{"Item":{"n":{"N":"2"}}}`)
	c.want("GetItem", `{"TableName":"tab","Key":{"k":{"S":"a"}},"AttributesToGet":["x"]}`, `{"Item":{}}`)
	c.want("DeleteItem", `{"TableName":"tab","Key":{"k":{"S":"a"}},"ReturnValues":"ALL_OLD"}`, `{"Attributes":{"k":{"S":"a"},"n":{"N":"2"}}}`)
	c.want("DeleteItem", `{"TableName":"tab","Key":{"k":{"S":"a"}},"ReturnValues":"ALL_OLD"}`, `{}`)
	if items := c.service.Items("tab"); len(items) != 0 {
		t.Errorf("items are left: %v", items)
	}
}

func TestReturnValuesOfUpdates(t *testing.T) {
	t.Parallel()
	for returns, want := range map[string]string{
		"NONE":        `{}`,
		"ALL_OLD":     `{"Attributes":{"k":{"S":"a"},"n":{"N":"1"},"d":{"M":{"x":{"N":"1"},"y":{"N":"1"}}}}}`,
		"ALL_NEW":     `{"Attributes":{"k":{"S":"a"},"n":{"N":"2"},"d":{"M":{"x":{"N":"5"},"y":{"N":"1"}}}}}`,
		"UPDATED_OLD": `{"Attributes":{"n":{"N":"1"},"d":{"M":{"x":{"N":"1"}}}}}`,
		"UPDATED_NEW": `{"Attributes":{"n":{"N":"2"},"d":{"M":{"x":{"N":"5"}}}}}`,
	} {
		c := newTable(t, false)
		c.ok("PutItem", `{"TableName":"tab","Item":{"k":{"S":"a"},"n":{"N":"1"},"d":{"M":{"x":{"N":"1"},"y":{"N":"1"}}}}}`)
		c.want("UpdateItem", `{"TableName":"tab","Key":{"k":{"S":"a"}},"UpdateExpression":"SET d.x = :v ADD n :one",
			"ExpressionAttributeValues":{":v":{"N":"5"},":one":{"N":"1"}},"ReturnValues":"`+returns+`"}`, want)
	}
	c := newTable(t, false)
	c.want("UpdateItem", `{"TableName":"tab","Key":{"k":{"S":"new"}},"ReturnValues":"ALL_OLD","AttributeUpdates":{"n":{"Value":{"N":"1"}}}}`, `{}`)
	c.want("UpdateItem", `{"TableName":"tab","Key":{"k":{"S":"bare"}},"ReturnValues":"ALL_NEW"}`, `{"Attributes":{"k":{"S":"bare"}}}`)
	c.invalid("PutItem", `{"TableName":"tab","Item":{"k":{"S":"a"}},"ReturnValues":"ALL_NEW"}`,
		"1 validation error detected: Value 'ALL_NEW' at 'returnValues' failed to satisfy constraint: "+
			"Member must satisfy enum value set: [ALL_OLD, NONE]")
}

func TestAttributeUpdates(t *testing.T) {
	t.Parallel()
	c := newTable(t, false)
	update := func(updates string) string {
		return `{"TableName":"tab","Key":{"k":{"S":"a"}},"ReturnValues":"ALL_NEW","AttributeUpdates":` + updates + `}`
	}
	c.want("UpdateItem", update(`{"n":{"Value":{"N":"2"},"Action":"ADD"},"s":{"Value":{"SS":["x","y"]},"Action":"ADD"},
		"l":{"Value":{"L":[{"N":"1"}]},"Action":"ADD"},"t":{"Value":{"S":"t"}}}`),
		`{"Attributes":{"k":{"S":"a"},"n":{"N":"2"},"s":{"SS":["x","y"]},"l":{"L":[{"N":"1"}]},"t":{"S":"t"}}}`)
	c.want("UpdateItem", update(`{"n":{"Value":{"N":"-3"},"Action":"ADD"},"s":{"Value":{"SS":["x"]},"Action":"DELETE"},
		"l":{"Value":{"L":[{"N":"2"}]},"Action":"ADD"},"t":{"Action":"DELETE"},"gone":{"Action":"DELETE"}}`),
		`{"Attributes":{"k":{"S":"a"},"n":{"N":"-1"},"s":{"SS":["y"]},"l":{"L":[{"N":"1"},{"N":"2"}]}}}`)
	const parts = "One or more parameter values were invalid: "
	c.invalid("UpdateItem", update(`{"s":{"Value":{"N":"1"},"Action":"ADD"}}`), "Type mismatch for attribute to update")
	c.invalid("UpdateItem", update(`{"t":{"Value":{"S":"x"},"Action":"ADD"}}`), parts+"ADD action is not supported for the type S")
	c.invalid("UpdateItem", update(`{"t":{"Value":{"S":"x"},"Action":"DELETE"}}`), parts+"DELETE action with value is not supported for the type S")
	c.invalid("UpdateItem", update(`{"t":{"Action":"PUT"}}`), parts+"Only DELETE action is allowed when no attribute value is specified")
	c.invalid("UpdateItem", update(`{"k":{"Value":{"S":"x"}}}`), parts+"Cannot update attribute k. This attribute is part of the key")
}

func TestConditionalWrites(t *testing.T) {
	t.Parallel()
	c := newTable(t, false)
	const there = `{"TableName":"tab","Item":{"k":{"S":"a"},"n":{"N":"1"}},`
	c.want("PutItem", there+`"ConditionExpression":"attribute_not_exists(k)"}`, `{}`)
	c.failed("PutItem", there+`"ConditionExpression":"attribute_not_exists(k)"}`)
	c.failed("PutItem", there+`"Expected":{"k":{"Exists":false}}}`)
	c.failed("PutItem", there+`"Expected":{"k":{"ComparisonOperator":"NULL"}}}`)
	c.want("PutItem", there+`"Expected":{"n":{"Value":{"N":"1.0"}},"gone":{"Exists":false}}}`, `{}`)
	c.failed("PutItem", there+`"Expected":{"n":{"Value":{"N":"1"}},"k":{"Value":{"S":"b"}}}}`)
	c.want("PutItem", there+`"Expected":{"n":{"Value":{"N":"1"}},"k":{"Value":{"S":"b"}}},"ConditionalOperator":"OR"}`, `{}`)
	c.want("PutItem", there+`"Expected":{"n":{"ComparisonOperator":"BETWEEN","AttributeValueList":[{"N":"0"},{"N":"3"}]}}}`, `{}`)
	c.failed("UpdateItem", `{"TableName":"tab","Key":{"k":{"S":"none"}},"AttributeUpdates":{"n":{"Value":{"N":"1"}}},
		"Expected":{"n":{"Value":{"N":"1"}}}}`)
	c.failed("DeleteItem", `{"TableName":"tab","Key":{"k":{"S":"a"}},"ConditionExpression":"n > :n","ExpressionAttributeValues":{":n":{"N":"1"}}}`)

	const refused = `"Expected":{"n":{"Value":{"N":"9"}}},"ReturnValuesOnConditionCheckFailure":"ALL_OLD"}`
	_, reply := c.send("PutItem", there+refused)
	want := `{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"The conditional request failed",
		"Item":{"k":{"S":"a"},"n":{"N":"1"}}}`
	if diff := cmp.Diff(decode(t, want), decode(t, reply)); diff != "" {
		t.Errorf("the item of a failed condition (-want +got):\n%s", diff)
	}
	_, reply = c.send("PutItem", `{"TableName":"tab","Item":{"k":{"S":"none"}},`+refused)
	if strings.Contains(reply, "Item") {
		t.Errorf("an item where there is none: %s", reply)
	}
}

func TestWritesThatAreRefused(t *testing.T) {
	t.Parallel()
	c := newTable(t, true)
	const parts = "One or more parameter values were invalid: "
	long := strings.Repeat("x", 2049)
	for _, test := range []struct{ operation, body, message string }{
		{"PutItem", `{"TableName":"tab","Item":{"k":{"S":"a"}}}`, parts + "Missing the key s in the item"},
		{"PutItem", `{"TableName":"tab","Item":{"k":{"S":"a"},"s":{"S":"1"}}}`, parts + "Type mismatch for key s expected: N actual: S"},
		{
			"PutItem", `{"TableName":"tab","Item":{"k":{"S":""},"s":{"N":"1"}}}`,
			"One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: k",
		},
		{
			"PutItem", `{"TableName":"tab","Item":{"k":{"S":"` + long + `"},"s":{"N":"1"}}}`,
			parts + "Size of hashkey has exceeded the maximum size limit of2048 bytes",
		},
		{
			"PutItem", `{"TableName":"tab","Item":{"k":{"S":"a"},"s":{"N":"1"},"x":{"S":"` + strings.Repeat("x", 400<<10) + `"}}}`,
			"Item size has exceeded the maximum allowed size",
		},
		{"PutItem", `{"TableName":"tab","Item":{"k":{"S":"a"},"s":{"N":"one"}}}`, "The parameter cannot be converted to a numeric value: one"},
		{
			"PutItem", `{"TableName":"tab","Item":{"k":{"S":"a"},"s":{}}}`,
			"Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
		},
		{
			"PutItem", `{"TableName":"tab"}`,
			"1 validation error detected: Value null at 'item' failed to satisfy constraint: Member must not be null",
		},
		{
			"GetItem", `{"Key":{"k":{"S":"a"}}}`,
			"1 validation error detected: Value null at 'tableName' failed to satisfy constraint: Member must not be null",
		},
		{"GetItem", `{"TableName":"tab","Key":{"k":{"S":"a"}}}`, "The provided key element does not match the schema"},
		{"GetItem", `{"TableName":"tab","Key":{"k":{"S":"a"},"s":{"S":"1"}}}`, "The provided key element does not match the schema"},
		{"DeleteItem", `{"TableName":"tab","Key":{"k":{"S":"a"},"s":{"N":"1"},"x":{"N":"1"}}}`, "The provided key element does not match the schema"},
		{
			"UpdateItem", `{"TableName":"tab","Key":{"k":{"S":"a"},"s":{"N":"1"}},"UpdateExpression":"SET s = :s","ExpressionAttributeValues":{":s":{"N":"1"}}}`,
			parts + "Cannot update attribute s. This attribute is part of the key",
		},
		{
			"UpdateItem", `{"TableName":"tab","Key":{"k":{"S":"a"},"s":{"N":"1"}},"UpdateExpression":"REMOVE x","AttributeUpdates":{"x":{"Action":"DELETE"}}}`,
			"Can not use both expression and non-expression parameters in the same request: " +
				"Non-expression parameters: {AttributeUpdates} Expression parameters: {UpdateExpression}",
		},
		{
			"UpdateItem", `{"TableName":"tab","Key":{"k":{"S":"a"},"s":{"N":"1"}},"ExpressionAttributeNames":{"#a":"a"}}`,
			"ExpressionAttributeNames can only be specified when using expressions",
		},
		{
			"UpdateItem", `{"TableName":"tab","Key":{"k":{"S":"a"},"s":{"N":"1"}},"ExpressionAttributeValues":{":a":{"S":"a"}}}`,
			"ExpressionAttributeValues can only be specified when using expressions: UpdateExpression and ConditionExpression are null",
		},
		{
			"PutItem", `{"TableName":"tab","Item":{"k":{"S":"a"},"s":{"N":"1"}},"ExpressionAttributeValues":{":a":{"S":"a"}}}`,
			"ExpressionAttributeValues can only be specified when using expressions: ConditionExpression is null",
		},
		{
			"PutItem", `{"TableName":"tab","Item":{"k":{"S":"a"},"s":{"N":"1"}},"Expected":{"x":{}}}`,
			parts + "Value must be provided when Exists is null for Attribute: x",
		},
		{
			"PutItem", `{"TableName":"tab","Item":{"k":{"S":"a"},"s":{"N":"1"}},"Expected":{"x":{"Exists":true}}}`,
			parts + "Value must be provided when Exists is true for Attribute: x",
		},
		{
			"PutItem", `{"TableName":"tab","Item":{"k":{"S":"a"},"s":{"N":"1"}},"Expected":{"x":{"Exists":false,"Value":{"S":"a"}}}}`,
			parts + "Value cannot be used when Exists is false for Attribute: x",
		},
		{
			"PutItem", `{"TableName":"tab","Item":{"k":{"S":"a"},"s":{"N":"1"}},"Expected":{"x":{"Exists":true,"ComparisonOperator":"NULL"}}}`,
			parts + "Exists and ComparisonOperator cannot be used together for Attribute: x",
		},
		{
			"PutItem", `{"TableName":"tab","Item":{"k":{"S":"a"},"s":{"N":"1"}},"ConditionExpression":"x = :x","ExpressionAttributeValues":{":x":{"N":"1"},":y":{"N":"1"}}}`,
			"Value provided in ExpressionAttributeValues unused in expressions: keys: {:y}",
		},
	} {
		c.invalid(test.operation, test.body, test.message)
	}
	if items := c.service.Items("tab"); len(items) != 0 {
		t.Errorf("a refused write left %v", items)
	}
}

func TestNoSuchTable(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	for operation, body := range map[string]string{
		"GetItem": `"Key":{"k":{"S":"a"}}`, "PutItem": `"Item":{"k":{"S":"a"}}`, "DeleteItem": `"Key":{"k":{"S":"a"}}`, "UpdateItem": `"Key":{"k":{"S":"a"}}`,
		"Scan": `"Limit":1`, "Query": `"KeyConditions":{"k":{"ComparisonOperator":"EQ","AttributeValueList":[{"S":"a"}]}}`,
	} {
		c.refused(operation, `{"TableName":"none",`+body+`}`, "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException", "Requested resource not found")
	}
	c.refused("TransactWriteItems", `{}`, "com.amazon.coral.service#UnknownOperationException",
		`the emulator does not know the operation "TransactWriteItems" of dynamodb`)
}

// TestScopesAreApart shows that a table is known only in its region and account.
func TestScopesAreApart(t *testing.T) {
	t.Parallel()
	c := newTable(t, false)
	c.header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=111122223333/20261122/eu-west-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0")
	c.refused("DescribeTable", `{"TableName":"tab"}`, "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",
		"Requested resource not found: Table: tab not found")
	reply := c.ok("CreateTable", `{"TableName":"tab","BillingMode":"PAY_PER_REQUEST","KeySchema":[{"AttributeName":"k","KeyType":"HASH"}],
		"AttributeDefinitions":[{"AttributeName":"k","AttributeType":"S"}]}`)
	if arn := "arn:aws:dynamodb:eu-west-1:111122223333:table/tab"; !strings.Contains(reply, arn) {
		t.Errorf("the ARN is not %s: %s", arn, reply)
	}
	c.ok("PutItem", `{"TableName":"arn:aws:dynamodb:eu-west-1:111122223333:table/tab","Item":{"k":{"S":"west"}}}`)
	c.want("GetItem", `{"TableName":"tab","Key":{"k":{"S":"west"}}}`, `{"Item":{"k":{"S":"west"}}}`)
	c.header = http.Header{}
	c.want("GetItem", `{"TableName":"tab","Key":{"k":{"S":"west"}}}`, `{}`)
	if tables, items := c.service.Tables(), c.service.Items("tab"); len(tables) != 1 || len(items) != 1 {
		t.Errorf("direct reads see %v and %v", tables, items)
	}
}

func TestConsumedCapacity(t *testing.T) {
	t.Parallel()
	c := newTable(t, false)
	big := strings.Repeat("x", 5000)
	c.want("PutItem", `{"TableName":"tab","Item":{"k":{"S":"a"},"x":{"S":"`+big+`"}},"ReturnConsumedCapacity":"TOTAL"}`,
		`{"ConsumedCapacity":{"TableName":"tab","CapacityUnits":5}}`)
	c.want("DeleteItem", `{"TableName":"tab","Key":{"k":{"S":"b"}},"ReturnConsumedCapacity":"INDEXES"}`,
		`{"ConsumedCapacity":{"TableName":"tab","CapacityUnits":1,"Table":{"CapacityUnits":1}}}`)
	c.want("GetItem", `{"TableName":"tab","Key":{"k":{"S":"a"}},"ReturnConsumedCapacity":"TOTAL","ProjectionExpression":"k"}`,
		`{"Item":{"k":{"S":"a"}},"ConsumedCapacity":{"TableName":"tab","CapacityUnits":1}}`)
	c.want("GetItem", `{"TableName":"tab","Key":{"k":{"S":"a"}},"ConsistentRead":true,"ReturnConsumedCapacity":"TOTAL","ProjectionExpression":"k"}`,
		`{"Item":{"k":{"S":"a"}},"ConsumedCapacity":{"TableName":"tab","CapacityUnits":2}}`)
}

// TestConcurrentCounters shows that of many who take the same number only one wins.
func TestConcurrentCounters(t *testing.T) {
	t.Parallel()
	c := newTable(t, false)
	c.ok("PutItem", `{"TableName":"tab","Item":{"k":{"S":"a"},"n":{"N":"0"}}}`)
	const workers, each = 4, 50
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for won := 0; won < each; {
				n := number(t, c.service)
				status, _ := c.send("UpdateItem", fmt.Sprintf(`{"TableName":"tab","Key":{"k":{"S":"a"}},
					"AttributeUpdates":{"n":{"Value":{"N":"%d"}}},"Expected":{"n":{"Value":{"N":"%d"}}}}`, n+1, n))
				if status == http.StatusOK {
					won++
				}
			}
		})
	}
	group.Wait()
	if n := number(t, c.service); n != workers*each {
		t.Errorf("the counter is at %d, want %d", n, workers*each)
	}
}

// number is the only item's n, read directly.
func number(t *testing.T, service *dynamodb.Service) (n int) {
	t.Helper()
	if _, err := fmt.Sscan(service.Items("tab")[0]["n"].Text(), &n); err != nil {
		t.Error(err)
	}
	return n
}

func TestBatches(t *testing.T) {
	t.Parallel()
	c := newTable(t, false)
	c.want("BatchWriteItem", `{"RequestItems":{"tab":[{"PutRequest":{"Item":{"k":{"S":"a"},"n":{"N":"1"}}}},{"PutRequest":{"Item":{"k":{"S":"b"}}}}]},
		"ReturnConsumedCapacity":"TOTAL"}`, `{"UnprocessedItems":{},"ConsumedCapacity":[{"TableName":"tab","CapacityUnits":2}]}`)
	c.want("BatchGetItem", `{"RequestItems":{"tab":{"Keys":[{"k":{"S":"b"}},{"k":{"S":"none"}},{"k":{"S":"a"}}]}}}`,
		`{"Responses":{"tab":[{"k":{"S":"b"}},{"k":{"S":"a"},"n":{"N":"1"}}]},"UnprocessedKeys":{}}`)
	c.want("BatchGetItem", `{"RequestItems":{"tab":{"Keys":[{"k":{"S":"a"}}],"ProjectionExpression":"n"}}}`,
		`{"Responses":{"tab":[{"n":{"N":"1"}}]},"UnprocessedKeys":{}}`)
	c.invalid("BatchGetItem", `{"RequestItems":{"tab":{"Keys":[{"k":{"S":"a"}},{"k":{"S":"a"}}]}}}`, "Provided list of item keys contains duplicates")
	c.invalid("BatchWriteItem", `{"RequestItems":{"tab":[{"DeleteRequest":{"Key":{"k":{"S":"a"}}}},{"PutRequest":{"Item":{"k":{"N":"1"}}}}]}}`,
		"One or more parameter values were invalid: Type mismatch for key k expected: S actual: N")
	c.invalid("BatchWriteItem", `{"RequestItems":{"tab":[{}]}}`,
		"One or more parameter values were invalid: A WriteRequest has either a PutRequest or a DeleteRequest")
	c.want("BatchWriteItem", `{"RequestItems":{"tab":[{"DeleteRequest":{"Key":{"k":{"S":"a"}}}},{"DeleteRequest":{"Key":{"k":{"S":"none"}}}}]}}`,
		`{"UnprocessedItems":{}}`)
	if items := c.service.Items("tab"); len(items) != 1 || items[0]["k"].Text() != "b" {
		t.Errorf("left are %v", items)
	}
}

// TestBatchGetIsLimited shows that keys beyond 16 MiB come back.
func TestBatchGetIsLimited(t *testing.T) {
	t.Parallel()
	c := newTable(t, false)
	var keys []string
	big := strings.Repeat("x", 390<<10)
	for i := range 50 {
		key := fmt.Sprintf(`{"k":{"S":"%02d"}}`, i)
		keys = append(keys, key)
		c.ok("PutItem", fmt.Sprintf(`{"TableName":"tab","Item":{"k":{"S":"%02d"},"x":{"S":"%s"}}}`, i, big))
	}
	reply := decode(t, c.ok("BatchGetItem", `{"RequestItems":{"tab":{"ProjectionExpression":"k","Keys":[`+strings.Join(keys, ",")+`]}}}`)).(map[string]any)
	got := len(reply["Responses"].(map[string]any)["tab"].([]any))
	rest := len(reply["UnprocessedKeys"].(map[string]any)["tab"].(map[string]any)["Keys"].([]any))
	if got != 42 || rest != 8 {
		t.Errorf("%d items and %d keys, want 42 and 8", got, rest)
	}
}
