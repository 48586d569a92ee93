package dynamodb_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"clickstream/emulator/dynamodb"
)

// client sends hand-written requests to a service of its own.
type client struct {
	t       testing.TB
	handler http.Handler
	service *dynamodb.Service
	header  http.Header
}

func newClient(tb testing.TB) *client {
	tb.Helper()
	service := dynamodb.New(nil)
	return &client{t: tb, handler: service.Wire(), service: service, header: http.Header{}}
}

// send is the reply's status and body.
func (c *client) send(operation, body string) (int, string) {
	c.t.Helper()
	request := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	request.Header = c.header.Clone()
	request.Header.Set("Content-Type", "application/x-amz-json-1.0")
	request.Header.Set("X-Amz-Target", "DynamoDB_20120810."+operation)
	recorder := httptest.NewRecorder()
	c.handler.ServeHTTP(recorder, request)
	return recorder.Code, recorder.Body.String()
}

// ok sends a request that must succeed.
func (c *client) ok(operation, body string) string {
	c.t.Helper()
	status, reply := c.send(operation, body)
	if status != http.StatusOK {
		c.t.Fatalf("%s %s: status %d, %s", operation, body, status, reply)
	}
	return reply
}

// want sends a request that must be answered by just this JSON.
func (c *client) want(operation, body, reply string) {
	c.t.Helper()
	if diff := cmp.Diff(decode(c.t, reply), decode(c.t, c.ok(operation, body))); diff != "" {
		c.t.Errorf("%s %s (-want +got):\n%s", operation, body, diff)
	}
}

// refused sends a request that must be answered by this error.
func (c *client) refused(operation, body, code, message string) {
	c.t.Helper()
	status, reply := c.send(operation, body)
	if status != http.StatusBadRequest {
		c.t.Fatalf("%s %s: status %d, %s", operation, body, status, reply)
	}
	got := struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}{}
	if err := json.Unmarshal([]byte(reply), &got); err != nil {
		c.t.Fatalf("%s: %v", reply, err)
	}
	if got.Type != code || got.Message != message {
		c.t.Errorf("%s %s:\n got %s: %s\nwant %s: %s", operation, body, got.Type, got.Message, code, message)
	}
}

// invalid sends a request that must be answered by a ValidationException.
func (c *client) invalid(operation, body, message string) {
	c.t.Helper()
	c.refused(operation, body, "com.amazon.coral.validate#ValidationException", message)
}

// failed sends a write whose condition must not hold.
func (c *client) failed(operation, body string) {
	c.t.Helper()
	c.refused(operation, body, "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException", "The conditional request failed")
}

func decode(tb testing.TB, text string) any {
	tb.Helper()
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		tb.Fatalf("%s: %v", text, err)
	}
	return value
}

// newTable is a client with a table "t" of the key "k", a string, and if sorted of "s", a number.
func newTable(tb testing.TB, sorted bool) *client {
	tb.Helper()
	c := newClient(tb)
	if sorted {
		c.ok("CreateTable", `{"TableName":"tab","BillingMode":"PAY_PER_REQUEST",
			"KeySchema":[{"AttributeName":"k","KeyType":"HASH"},{"AttributeName":"s","KeyType":"RANGE"}],
			"AttributeDefinitions":[{"AttributeName":"k","AttributeType":"S"},{"AttributeName":"s","AttributeType":"N"}]}`)
	} else {
		c.ok("CreateTable", `{"TableName":"tab","BillingMode":"PAY_PER_REQUEST",
			"KeySchema":[{"AttributeName":"k","KeyType":"HASH"}],
			"AttributeDefinitions":[{"AttributeName":"k","AttributeType":"S"}]}`)
	}
	return c
}

func marshal(tb testing.TB, value any) string {
	tb.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}
