package deploy_test

import (
	"os"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// variables are what the template's Ref, Sub and GetAtt come to in account 123456789012.
var variables = map[string]string{
	"AWS::Partition": "aws", "AWS::Region": "eu-central-1", "AWS::AccountId": "123456789012", "AWS::StackName": "clicks", "AWS::URLSuffix": "amazonaws.com",
	"ApplicationName": "counted", "Stream": "clicks-Stream-1", "Stream.Arn": "arn:aws:kinesis:eu-central-1:123456789012:stream/clicks-Stream-1",
	"Bucket": "my-clicks", "Bucket.Arn": "arn:aws:s3:::my-clicks", "S3BufferSizeInBytes": "2097152",
	"ProducerPutRecordsBatchSize": "7", "ProducerPutRecordsTps": "11", "ProgramBucket": "programs", "ProgramKey": "clickstream",
	"ProgramSha256": strings.Repeat("0", 64), "JarBundleKey": "", "ConsumerDaemon": "java", "LogGroupName": "",
}

// template reads the template with every Ref, Sub and GetAtt of a known name replaced by what it comes to.
func template(t *testing.T) map[string]any {
	t.Helper()
	text, err := os.ReadFile("cloudformation/clickstream.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	return value(t, document.Content[0]).(map[string]any)
}

func value(t *testing.T, n *yaml.Node) any {
	t.Helper()
	switch n.Kind {
	case yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i < len(n.Content); i += 2 {
			m[n.Content[i].Value] = value(t, n.Content[i+1])
		}
		return m
	case yaml.SequenceNode:
		var all []any
		for _, item := range n.Content {
			all = append(all, value(t, item))
		}
		if n.Tag == "!Sub" {
			return substitute(all[0].(string))
		}
		return all
	default:
		return scalar(n)
	}
}

func scalar(n *yaml.Node) string {
	switch n.Tag {
	case "!Ref", "!GetAtt":
		if v, ok := variables[n.Value]; ok {
			return v
		}
	case "!Sub":
		return substitute(n.Value)
	}
	return n.Value
}

func substitute(text string) string {
	for name, v := range variables {
		text = strings.ReplaceAll(text, "${"+name+"}", v)
	}
	return text
}

// at follows the keys down into m.
func at(t *testing.T, m any, keys ...string) any {
	t.Helper()
	for _, key := range keys {
		next, ok := m.(map[string]any)[key]
		if !ok {
			t.Fatalf("the template has no %s", strings.Join(keys, "."))
		}
		m = next
	}
	return m
}
