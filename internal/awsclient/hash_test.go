package awsclient_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"clickstream/internal/awsclient"
	"clickstream/properties"
)

func TestPayloadHashIsSigned(t *testing.T) {
	var signed string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { signed = r.Header.Get("X-Amz-Content-Sha256") }))
	defer server.Close()
	t.Setenv("AWS_ENDPOINT_URL", server.URL)
	clients, err := awsclient.Load(t.Context(), &properties.Config{})
	if err != nil {
		t.Fatal(err)
	}
	ofBody := "230d8358dc8e8890b4c58deeb62912ee2f20357ae92a5cc861b98e68fe31acb5" // sha256sum of "body"
	for sum, want := range map[string]string{"": ofBody, strings.Repeat("0", 64): strings.Repeat("0", 64)} {
		_, err := clients.S3.PutObject(t.Context(), &s3.PutObjectInput{
			Bucket: aws.String("bucket"), Key: aws.String("key"), Body: strings.NewReader("body"),
		}, awsclient.PayloadHash(sum))
		if err != nil || signed != want {
			t.Errorf("known sum %q: signed %q, %v", sum, signed, err)
		}
	}
}
