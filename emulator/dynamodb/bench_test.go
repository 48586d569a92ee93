package dynamodb_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"clickstream/emulator/dynamodb"
)

// sink is a ResponseWriter that costs nothing.
type sink struct {
	header http.Header
	status int
}

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) WriteHeader(status int)      { s.status = status }
func (s *sink) Write(b []byte) (int, error) { return len(b), nil }

// renewal is a lease renewal as the Java KCL sends it; every other one sets the counter back.
func renewal(from, to int) string {
	return fmt.Sprintf(`{"TableName":"leases","Key":{"leaseKey":{"S":"shardId-000000000000"}},`+
		`"AttributeUpdates":{"leaseCounter":{"Value":{"N":"%d"},"Action":"PUT"}},`+
		`"Expected":{"checkpointOwner":{"Exists":false},"leaseCounter":{"Value":{"N":"%d"}}},`+
		`"ReturnValuesOnConditionCheckFailure":"ALL_OLD"}`, to, from)
}

// heartbeat does the same by expressions.
func heartbeat(from, to int) string {
	return fmt.Sprintf(`{"TableName":"leases","Key":{"leaseKey":{"S":"shardId-000000000000"}},`+
		`"UpdateExpression":"SET #c = :new","ConditionExpression":"attribute_exists(#k) AND #c = :old",`+
		`"ExpressionAttributeNames":{"#c":"leaseCounter","#k":"leaseKey"},`+
		`"ExpressionAttributeValues":{":new":{"N":"%d"},":old":{"N":"%d"}}}`, to, from)
}

// BenchmarkConditionalUpdate is the whole server side of a conditional UpdateItem but for the
// socket: decoding, parsing, condition, update, reply.
func BenchmarkConditionalUpdate(b *testing.B) {
	for name, request := range map[string]func(from, to int) string{"Legacy": renewal, "Expression": heartbeat} {
		b.Run(name, func(b *testing.B) {
			handler := leaseTable(b)
			forth, back := request(1, 2), request(2, 1)
			body := strings.NewReader("")
			r := httptest.NewRequest(http.MethodPost, "/", nil)
			r.Body = io.NopCloser(body)
			r.Header.Set("Content-Type", "application/x-amz-json-1.0")
			r.Header.Set("X-Amz-Target", "DynamoDB_20120810.UpdateItem")
			w := &sink{header: http.Header{}}
			b.SetBytes(int64(len(forth)))
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				if n%2 == 0 {
					body.Reset(forth)
				} else {
					body.Reset(back)
				}
				handler.ServeHTTP(w, r)
				if w.status != http.StatusOK {
					b.Fatalf("status %d", w.status)
				}
			}
		})
	}
}

func leaseTable(b *testing.B) http.Handler {
	b.Helper()
	service := dynamodb.New(nil)
	c := &client{t: b, handler: service.Wire(), service: service, header: http.Header{}}
	c.ok("CreateTable", `{"TableName":"leases","BillingMode":"PAY_PER_REQUEST",
		"KeySchema":[{"AttributeName":"leaseKey","KeyType":"HASH"}],
		"AttributeDefinitions":[{"AttributeName":"leaseKey","AttributeType":"S"}]}`)
	c.ok("PutItem", `{"TableName":"leases","Item":{"leaseKey":{"S":"shardId-000000000000"},"leaseCounter":{"N":"1"},
		"leaseOwner":{"S":"worker"},"checkpoint":{"S":"TRIM_HORIZON"},"checkpointSubSequenceNumber":{"N":"0"},
		"ownerSwitchesSinceCheckpoint":{"N":"0"},"startingHashKey":{"S":"0"},
		"endingHashKey":{"S":"340282366920938463463374607431768211455"}}}`)
	return c.handler
}
