package kinesiswire

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

const contentJSON = "application/x-amz-json-1.1"

// TestWhatAnEndpointTakes: JSON is spoken once CBOR was refused and JSON taken. A refusal that has other reasons teaches nothing, and an
// endpoint that has understood CBOR before is not spoken to in another way for a strange answer.
func TestWhatAnEndpointTakes(t *testing.T) {
	t.Parallel()
	const refusal, throttled = `{"__type":"SerializationException"}`, `{"__type":"ThrottlingException"}`
	understood := string(toCBOR(t, answer(1), false))
	taken := string(answer(1))
	type exchange struct {
		want        string // content type of the request
		status      int
		contentType string
		body        string
		notCBOR     bool
	}
	for name, exchanges := range map[string][]exchange{
		"takes JSON": {
			{contentCBOR, 400, contentJSON, refusal, true},
			{contentJSON, 200, contentJSON, taken, false},
			{contentJSON, 400, contentJSON, refusal, false},
			{contentJSON, 200, contentJSON, taken, false},
		},
		"fails at CBOR": {{contentCBOR, 500, "text/plain", "unexpected", true}, {contentJSON, 200, contentJSON, taken, false}, {contentJSON, 200, contentJSON, taken, false}},
		"takes neither now": {
			{contentCBOR, 403, contentJSON, `{"__type":"AccessDeniedException"}`, true},
			{contentJSON, 403, contentJSON, `{"__type":"AccessDeniedException"}`, false},
			{contentCBOR, 200, contentCBOR, understood, false},
			{contentCBOR, 503, "text/html", "<html>", false},
			{contentCBOR, 400, contentJSON, refusal, false},
		},
		"has no time at first": {
			{contentCBOR, 503, "text/html", "<html>", false},
			{contentCBOR, 400, contentJSON, throttled, false},
			{contentCBOR, 429, "", "", false},
			{contentCBOR, 200, contentCBOR, understood, false},
		},
		"has no time for JSON": {{contentCBOR, 415, "", "", true}, {contentJSON, 503, "", "", false}, {contentJSON, 200, contentJSON, taken, false}, {contentJSON, 200, contentJSON, taken, false}},
		"answers CBOR in JSON": {{contentCBOR, 200, contentJSON, taken, false}, {contentCBOR, 400, contentJSON, refusal, false}, {contentCBOR, 200, contentJSON, taken, false}},
	} {
		call, p := inCBOR()
		for i, x := range exchanges {
			if _, header := sent(t, p, input(1)); header.Get("Content-Type") != x.want {
				t.Errorf("%s: request %d is in %s", name, i, header.Get("Content-Type"))
			}
			_, err := answered(p, x.status, x.contentType, []byte(x.body))
			if (err == nil) != (x.status == http.StatusOK) || errors.Is(err, ErrNotCBOR) != x.notCBOR {
				t.Errorf("%s: request %d: %v", name, i, err)
			}
			call.Release()
		}
	}
}

// TestSeveralRequestsOfOneCall: each is whole, and after the call nobody reads any of them.
func TestSeveralRequestsOfOneCall(t *testing.T) {
	t.Parallel()
	call, p := inCBOR()
	want, _ := sent(t, p, input(3))
	if got, _ := sent(t, p, input(3)); !bytes.Equal(got, want) {
		t.Errorf("the second request is %q, the first was %q", got, want)
	}
	lent := append([]*body(nil), call.lent...)
	call.Release()
	if len(lent) != 2 {
		t.Errorf("%d requests", len(lent))
	}
	for i, b := range lent {
		if _, err := b.Read(make([]byte, 1)); !errors.Is(err, errReleased) {
			t.Errorf("request %d can still be read: %v", i, err)
		}
	}
	if got, _ := sent(t, p, input(3)); !bytes.Equal(got, want) {
		t.Errorf("the request of the next call is %q", got)
	}
}

// TestDataIsTheCallersAgain although the call has ended before the request was read: the race detector sees who reads it then.
func TestDataIsTheCallersAgain(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = r.Body.Read(make([]byte, 1))
		if r.Header.Get("X-Late") == "" {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			return
		}
		<-r.Context().Done()
	}))
	defer server.Close()
	client := kinesis.New(kinesis.Options{
		Region: "us-east-1", BaseEndpoint: &server.URL, HTTPClient: server.Client(), Retryer: aws.NopRetryer{},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	})
	call := NewCall(new(Dialect))
	in := &kinesis.PutRecordsInput{StreamName: new("s")}
	data := make([]byte, 1<<20)
	for range 8 {
		in.Records = append(in.Records, types.PutRecordsRequestEntry{Data: data, PartitionKey: new("k")})
	}
	for i := range 20 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		if i%2 == 1 {
			time.AfterFunc(time.Millisecond, cancel)
		}
		if _, err := client.PutRecords(ctx, in, call.Options); err == nil {
			t.Error("the request went through")
		}
		call.Release()
		for j := range data {
			data[j]++
		}
		cancel()
	}
}
