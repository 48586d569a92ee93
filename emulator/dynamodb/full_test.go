package dynamodb_test

import (
	"net/http"
	"strings"
	"testing"

	"clickstream/emulator/internal/memory"
)

// TestBatchWriteItemBeyondMemory does the writes that there is room for, deletes among them, and gives the others back to be sent again.
func TestBatchWriteItemBeyondMemory(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	budget := memory.New(40_000)
	c.service.Bound(budget)
	c.ok("CreateTable", `{"TableName":"tab","BillingMode":"PAY_PER_REQUEST","KeySchema":[{"AttributeName":"k","KeyType":"HASH"}],
		"AttributeDefinitions":[{"AttributeName":"k","AttributeType":"S"}]}`)
	item := func(key string) string {
		return `{"PutRequest":{"Item":{"k":{"S":"` + key + `"},"v":{"S":"` + strings.Repeat("x", 30_000) + `"}}}}`
	}
	small := `{"PutRequest":{"Item":{"k":{"S":"small"}}}}`
	remove := `{"DeleteRequest":{"Key":{"k":{"S":"a"}}}}`
	c.want("BatchWriteItem", `{"RequestItems":{"tab":[`+item("a")+`,`+item("b")+`,`+small+`]}}`, `{"UnprocessedItems":{"tab":[`+item("b")+`]}}`)
	status, reply := c.send("BatchWriteItem", `{"RequestItems":{"tab":[`+item("b")+`,`+item("c")+`]}}`)
	if status != http.StatusBadRequest || !strings.Contains(reply, "ProvisionedThroughputExceededException") {
		t.Errorf("with room for none: %d %s", status, reply)
	}
	c.want("BatchWriteItem", `{"RequestItems":{"tab":[`+remove+`,`+item("b")+`]}}`, `{"UnprocessedItems":{}}`)
	c.ok("DeleteTable", `{"TableName":"tab"}`)
	if used := budget.Used(); used != 0 {
		t.Errorf("%d bytes are held by nothing", used)
	}
}
