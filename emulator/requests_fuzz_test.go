package emulator_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"clickstream/emulator"
)

// FuzzRequests sends any request to an emulator: whatever service it comes to, that answers it, or refuses it.
func FuzzRequests(f *testing.F) {
	const form, json = "application/x-www-form-urlencoded", "application/x-amz-json-1.1"
	const scope = "AWS4-HMAC-SHA256 Credential=123456789012/20260101/eu-west-1/kinesis/aws4_request, SignedHeaders=host, Signature=0"
	f.Add("POST", "/", "", "Kinesis_20131202.ListStreams", scope, json, []byte("{}"))
	f.Add("POST", "/", "", "DynamoDB_20120810.ListTables", "", json, []byte("{}"))
	f.Add("POST", "/", "", "", "", form, []byte("Action=AssumeRole&RoleArn=arn:aws:iam::123456789012:role/r&RoleSessionName=me&DurationSeconds=900"))
	f.Add("GET", "/", "Action=GetCallerIdentity", "", strings.Replace(scope, "kinesis", "sts", 1), "", []byte{})
	f.Add("PUT", "/bucket", "", "", strings.Replace(scope, "kinesis", "s3", 1), "", []byte{})
	f.Add("GET", "/health", "", "", "", "", []byte{})
	f.Add("PUT", emulator.FaultsPath, "", "", "", "", []byte(`{"seed":7,"faults":["* rate=0.5 delay=1ns"]}`))
	f.Add("POST", emulator.TimePath, "", "", "", "", []byte(`{"advance":"25h"}`))
	f.Add("POST", "/service/GraniteServiceVersion20100801/operation/ListMetrics", "", "", "", "application/cbor", []byte{0xa0})
	f.Add("POST", "/service/Kinesis_20131202", "X-Amz-Credential=%zz/", "Kinesis_20131202", "Credential=/////", json, []byte("null"))
	f.Fuzz(func(t *testing.T, method, path, query, target, authorization, kind string, body []byte) {
		request, err := http.NewRequestWithContext(t.Context(), method, "http://127.0.0.1:4567/", bytes.NewReader(body))
		if err != nil {
			return
		}
		request.URL = &url.URL{Path: path, RawQuery: query}
		for name, value := range map[string]string{"X-Amz-Target": target, "Authorization": authorization, "Content-Type": kind} {
			if value != "" {
				request.Header.Set(name, value)
			}
		}
		if strings.HasPrefix(path, "/service/") {
			request.Header.Set("Smithy-Protocol", "rpc-v2-cbor")
		}
		e, err := emulator.New(emulator.Options{})
		if err != nil {
			t.Fatal(err)
		}
		recorder := httptest.NewRecorder()
		e.Handler().ServeHTTP(recorder, request)
		if recorder.Code >= 500 && recorder.Code != http.StatusNotImplemented {
			t.Errorf("%d %s", recorder.Code, recorder.Body)
		}
		if again, err := io.ReadAll(recorder.Result().Body); err != nil || method != http.MethodHead && recorder.Code >= 400 && len(again) == 0 {
			t.Errorf("%d without a word, %v", recorder.Code, err)
		}
	})
}
