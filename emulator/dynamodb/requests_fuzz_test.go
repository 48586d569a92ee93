package dynamodb_test

import (
	"maps"
	"net/http"
	"slices"
	"testing"
)

// FuzzRequests sends anything to any operation: it has to be answered or refused, never to be the emulator's own failure.
func FuzzRequests(f *testing.F) {
	operations := slices.Sorted(maps.Keys(newClient(f).service.Operations()))
	for operation, body := range map[string]string{
		"PutItem":        `{"TableName":"ttt","Item":{"k":{"S":"b"},"n":{"N":"1e200"}},"Expected":{"k":{"Exists":false}},"ReturnValues":"ALL_OLD"}`,
		"UpdateItem":     `{"TableName":"ttt","Key":{"k":{"S":"a"}},"UpdateExpression":"SET #a.b[0] = if_not_exists(n, :v)","ExpressionAttributeNames":{"#a":"x"},"ExpressionAttributeValues":{":v":{"L":[]}}}`,
		"DeleteItem":     `{"TableName":"ttt","Key":{"k":{"S":"a"}},"ConditionExpression":"size(k) > :v","ExpressionAttributeValues":{":v":{"N":"0"}}}`,
		"Query":          `{"TableName":"ttt","KeyConditions":{"k":{"ComparisonOperator":"EQ","AttributeValueList":[{"S":"a"}]}},"QueryFilter":{"n":{"ComparisonOperator":"NULL"}},"Limit":1}`,
		"Scan":           `{"TableName":"ttt","TotalSegments":3,"Segment":2,"ExclusiveStartKey":{"k":{"S":"a"}},"FilterExpression":"contains(k, :v)","ExpressionAttributeValues":{":v":{"S":"a"}}}`,
		"BatchGetItem":   `{"RequestItems":{"ttt":{"Keys":[{"k":{"S":"a"}},{"k":{"S":"a"}}],"ProjectionExpression":"k"}}}`,
		"BatchWriteItem": `{"RequestItems":{"ttt":[{"PutRequest":{"Item":{"k":{"S":"c"}}}},{"DeleteRequest":{"Key":{"k":{"S":"a"}}}}]}}`,
		"CreateTable": `{"TableName":"uuu","AttributeDefinitions":[{"AttributeName":"k","AttributeType":"S"}],"KeySchema":[{"AttributeName":"k","KeyType":"HASH"}],` +
			`"GlobalSecondaryIndexes":[{"IndexName":"iii","KeySchema":[{"AttributeName":"k","KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"}}],"BillingMode":"PAY_PER_REQUEST"}`,
		"UpdateTable": `{"TableName":"ttt","AttributeDefinitions":null,"GlobalSecondaryIndexUpdates":[{"Delete":{"IndexName":"iii"}}]}`,
	} {
		f.Add(uint8(slices.Index(operations, operation)), body)
	}
	f.Fuzz(func(t *testing.T, index uint8, body string) {
		c := newClient(t)
		c.ok("CreateTable", `{"TableName":"ttt","AttributeDefinitions":[{"AttributeName":"k","AttributeType":"S"}],"KeySchema":[{"AttributeName":"k","KeyType":"HASH"}],"BillingMode":"PAY_PER_REQUEST"}`)
		c.ok("PutItem", `{"TableName":"ttt","Item":{"k":{"S":"a"},"n":{"N":"1"},"x":{"M":{"b":{"L":[{"S":"deep"}]}}}}}`)
		operation := operations[int(index)%len(operations)]
		if status, reply := c.send(operation, body); status != http.StatusOK && status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", operation, status, reply)
		}
	})
}
