// Package policy writes the IAM policy that lets the commands do what one properties file asks for, and nothing more.
//
// Actions are named as AWS's service authorization reference names them, which is not always as the API does: HeadBucket and
// ListObjectsV2 are s3:ListBucket, HeadObject is s3:GetObject. What the Java daemon needs is what AWS's documentation of the Kinesis Client
// Library lists, less what no version from 2.7 to 3.1 was seen to call.
package policy

import (
	"encoding/json"
	"io"
)

// Document is an IAM policy.
type Document struct {
	Version   string
	Statement []Statement
}

// Statement allows actions on resources.
type Statement struct {
	Sid       string
	Effect    string
	Action    []string
	Resource  []string
	Condition map[string]map[string]string `json:",omitempty"` // operator, key, value
}

// Write writes the policy as AWS's consoles and tools take it.
func (d *Document) Write(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(d)
}
