package deploy_test

import (
	"encoding/xml"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
)

// stack is what DescribeStacks says about one.
type stack struct {
	StackStatus, StackStatusReason string
	Outputs                        []struct{ OutputKey, OutputValue string } `xml:"Outputs>member"`
}

func (s *stack) output(key string) string {
	for _, o := range s.Outputs {
		if o.OutputKey == key {
			return o.OutputValue
		}
	}
	return ""
}

// TestStackOnLocalStack creates, updates and deletes the stack without its instances, on LocalStack's CloudFormation.
func TestStackOnLocalStack(t *testing.T) {
	t.Parallel()
	needDocker(t)
	image := os.Getenv("LOCALSTACK_IMAGE")
	if image == "" {
		image = "localstack/localstack:4.14.0"
	}
	if docker(t, "images", "--quiet", image) == "" {
		needs(t, "the image "+image+" is not here: run e2e/localstack/image.sh as root on a Debian machine")
	}
	container := docker(t, "run", "--detach", "--publish", "127.0.0.1::4566", "--env", "SERVICES=cloudformation,cloudwatch,iam,kinesis,logs,s3,sts",
		"--env", "SKIP_SSL_CERT_DOWNLOAD=1", "--env", "DISABLE_EVENTS=1", "--env", "DNS_ADDRESS=0", image)
	remove(t, container)
	c := &cloudFormation{endpoint: "http://" + docker(t, "port", container, "4566/tcp")}
	eventually(t, "LocalStack answers", func() bool {
		status, _ := c.send(t, url.Values{"Action": {"ListStacks"}})
		return status == http.StatusOK
	})
	c.change(t, "CreateStack", map[string]string{"LaunchInstances": "false"})
	const bucket = "clickstream-000000000000-us-east-1"
	created := c.await(t, "CREATE_COMPLETE", func(s *stack) bool {
		return s.output("BucketName") == bucket && s.output("StreamName") != "" && s.output("TableName") == "clickstream-sample"
	})
	name := created.output("StreamName")
	if c.head(t, bucket) != http.StatusOK {
		t.Error("the bucket has not been made")
	}
	c.change(t, "UpdateStack", map[string]string{"LaunchInstances": "false", "ApplicationName": "another", "DeleteData": "true"})
	c.await(t, "UPDATE_COMPLETE", func(s *stack) bool {
		return s.output("BucketName") == bucket && s.output("StreamName") == name && s.output("TableName") == "another"
	})
	if status, body := c.send(t, url.Values{"Action": {"DeleteStack"}, "StackName": {"clicks"}}); status != http.StatusOK {
		t.Fatalf("DeleteStack: %d %s", status, body)
	}
	eventually(t, "the stack and its bucket are gone", func() bool {
		status, _ := c.send(t, url.Values{"Action": {"DescribeStacks"}, "StackName": {"clicks"}})
		return status == http.StatusBadRequest && c.head(t, bucket) == http.StatusNotFound
	})
}

// cloudFormation speaks the query protocol, without a signature that anybody checks.
type cloudFormation struct{ endpoint string }

func (c *cloudFormation) send(t *testing.T, form url.Values) (int, string) {
	t.Helper()
	form.Set("Version", "2010-05-15")
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.endpoint, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/cloudformation/aws4_request, SignedHeaders=host, Signature=0")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err.Error() // it is starting
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

func (c *cloudFormation) change(t *testing.T, action string, parameters map[string]string) {
	t.Helper()
	text, err := os.ReadFile("cloudformation/clickstream.yaml")
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{
		"Action": {action}, "StackName": {"clicks"}, "TemplateBody": {string(text)},
		"Capabilities.member.1": {"CAPABILITY_IAM"}, "Capabilities.member.2": {"CAPABILITY_AUTO_EXPAND"},
	}
	n := 0
	for key, v := range parameters {
		n++
		member := "Parameters.member." + strconv.Itoa(n)
		form.Set(member+".ParameterKey", key)
		form.Set(member+".ParameterValue", v)
	}
	if status, body := c.send(t, form); status != http.StatusOK {
		t.Fatalf("%s: %d %s", action, status, body)
	}
}

// await waits for the status want with the outputs that are wanted: LocalStack tells an update's end before its outputs.
func (c *cloudFormation) await(t *testing.T, want string, outputs func(*stack) bool) *stack {
	t.Helper()
	var now stack
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the stack is %s with the outputs %+v", now.StackStatus, now.Outputs)
		}
	})
	eventually(t, "the stack is "+want+" with its outputs", func() bool {
		status, body := c.send(t, url.Values{"Action": {"DescribeStacks"}, "StackName": {"clicks"}})
		var answer struct {
			Stack stack `xml:"DescribeStacksResult>Stacks>member"`
		}
		if err := xml.Unmarshal([]byte(body), &answer); err != nil || status != http.StatusOK {
			t.Fatalf("DescribeStacks: %d %v\n%s", status, err, body)
		}
		now = answer.Stack
		if s := now.StackStatus; strings.Contains(s, "FAILED") || strings.Contains(s, "ROLLBACK") {
			t.Fatalf("the stack is %s: %s", s, now.StackStatusReason)
		}
		return now.StackStatus == want && outputs(&now)
	})
	return &now
}

// head asks whether the bucket is there.
func (c *cloudFormation) head(t *testing.T, bucket string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodHead, c.endpoint+"/"+bucket, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	return response.StatusCode
}
