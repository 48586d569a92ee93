package kinesis_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"clickstream/emulator/kinesis"
)

const (
	jsonType = "application/x-amz-json-1.1"
	cborType = "application/x-amz-cbor-1.1"
)

// server is a Kinesis service behind its wire layer.
type server struct {
	service http.Handler
	state   *kinesis.Service
}

func newServer(tb testing.TB) server {
	tb.Helper()
	return newServerWith(tb, kinesis.Options{})
}

func newServerWith(tb testing.TB, options kinesis.Options) server {
	tb.Helper()
	service, err := kinesis.New(options)
	if err != nil {
		tb.Fatal(err)
	}
	return server{service.Wire(), service}
}

// post makes one request.
func (s server) post(tb testing.TB, operation, kind string, body []byte) (int, []byte) {
	tb.Helper()
	request := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
	request.Header.Set("X-Amz-Target", "Kinesis_20131202."+operation)
	request.Header.Set("Content-Type", kind)
	recorder := httptest.NewRecorder()
	s.service.ServeHTTP(recorder, request)
	return recorder.Code, recorder.Body.Bytes()
}

// do makes one request that has to succeed, and returns its reply.
func (s server) do(tb testing.TB, operation, body string) map[string]any {
	tb.Helper()
	status, reply := s.post(tb, operation, jsonType, []byte(body))
	if status != http.StatusOK {
		tb.Fatalf("%s %s: %d %s", operation, body, status, reply)
	}
	decoded := map[string]any{}
	if len(reply) > 0 {
		if err := json.Unmarshal(reply, &decoded); err != nil {
			tb.Fatalf("%s: %v in %s", operation, err, reply)
		}
	}
	return decoded
}

// refusal is an error's body.
type refusal struct {
	Type    string `json:"__type"`
	Message string `json:"message"`
}

// refuse makes one request that has to fail with status 400, and returns its error.
func (s server) refuse(tb testing.TB, operation, body string) refusal {
	tb.Helper()
	status, reply := s.post(tb, operation, jsonType, []byte(body))
	var decoded refusal
	if err := json.Unmarshal(reply, &decoded); err != nil || status != http.StatusBadRequest {
		tb.Fatalf("%s %s: %d %s", operation, body, status, reply)
	}
	return decoded
}

func (s server) iterator(tb testing.TB, body string) string {
	tb.Helper()
	iterator, ok := s.do(tb, "GetShardIterator", body)["ShardIterator"].(string)
	if !ok {
		tb.Fatal("no iterator")
	}
	return iterator
}
