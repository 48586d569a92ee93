package emulator

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"clickstream/emulator/internal/wire"
)

// Setup is what an emulator has from the beginning. Region and account of each are us-east-1 and 000000000000 unless given.
type Setup struct {
	Streams []StreamSetup `json:"streams"`
	Tables  []TableSetup  `json:"tables"`
	Buckets []BucketSetup `json:"buckets"`
}

// StreamSetup is a stream of Kinesis.
type StreamSetup struct {
	Name           string `json:"name"`
	Shards         int    `json:"shards"`         // 0 is 1 of a PROVISIONED stream, the service's own number of an ON_DEMAND one
	Mode           string `json:"mode"`           // PROVISIONED, which "" is too, or ON_DEMAND
	RetentionHours int    `json:"retentionHours"` // 24, which 0 is too, to 8760
	Region         string `json:"region"`
	Account        string `json:"account"`
}

// TableSetup is a table of DynamoDB, paid for by request.
type TableSetup struct {
	Name     string   `json:"name"`
	HashKey  KeySetup `json:"hashKey"`
	RangeKey KeySetup `json:"rangeKey"` // none without a name
	Region   string   `json:"region"`
	Account  string   `json:"account"`
}

// KeySetup is an attribute of a table's key.
type KeySetup struct {
	Name string `json:"name"`
	Type string `json:"type"` // S, which "" is too, N or B
}

// BucketSetup is a bucket of S3.
type BucketSetup struct {
	Name    string `json:"name"`
	Region  string `json:"region"`
	Account string `json:"account"`
}

// SetupError says what of a Setup could not be made.
type SetupError struct {
	Where string // such as streams[0], "clicks"
	Err   error  // the service's answer
}

// Error returns place and reason.
func (e *SetupError) Error() string { return e.Where + ": " + e.Err.Error() }

// Unwrap returns the reason.
func (e *SetupError) Unwrap() error { return e.Err }

// ReadSetup reads a Setup from its JSON. What it does not know is an error; errors name the line and column behind name.
func ReadSetup(r io.Reader, name string) (Setup, error) {
	var setup Setup
	text, err := io.ReadAll(r)
	if err != nil {
		return setup, fmt.Errorf("cannot read %s: %w", name, err)
	}
	if err := strictJSON(text, &setup); err != nil {
		return setup, fmt.Errorf("%s:%w", name, err)
	}
	return setup, nil
}

// setUp creates what is to be there, past signatures and faults.
func (e *Emulator) setUp(setup *Setup, createDelay time.Duration) error {
	there := map[int]bool{} // streams that were kept, and their retention with them
	for i, one := range setup.Streams {
		err := e.setUpStream(one)
		if e.isThere(err) {
			there[i] = true
			continue
		}
		if err != nil {
			return &SetupError{fmt.Sprintf("streams[%d], %q", i, one.Name), err}
		}
	}
	if err := e.setUpRetention(setup.Streams, there, createDelay); err != nil {
		return err
	}
	for i, one := range setup.Tables {
		if err := e.setUpTable(one); err != nil && !e.isThere(err) {
			return &SetupError{fmt.Sprintf("tables[%d], %q", i, one.Name), err}
		}
	}
	for i, one := range setup.Buckets {
		if err := e.setUpBucket(one); err != nil && !e.isThere(err) {
			return &SetupError{fmt.Sprintf("buckets[%d], %q", i, one.Name), err}
		}
	}
	return nil
}

func (e *Emulator) setUpStream(one StreamSetup) error {
	in := map[string]any{"StreamName": one.Name}
	if one.Shards == 0 && (one.Mode == "" || one.Mode == "PROVISIONED") {
		one.Shards = 1
	}
	if one.Shards != 0 {
		in["ShardCount"] = one.Shards
	}
	if one.Mode != "" {
		in["StreamModeDetails"] = map[string]any{"StreamMode": one.Mode}
	}
	return e.ask(wire.Scope{Region: one.Region, Account: one.Account}, e.kinesis.Wire(), "CreateStream", in)
}

// setUpRetention changes the retention of streams that want another. They have to be ACTIVE for that.
func (e *Emulator) setUpRetention(streams []StreamSetup, there map[int]bool, createDelay time.Duration) error {
	const usual = 24
	waited := createDelay == 0
	for i, one := range streams {
		if one.RetentionHours == 0 || one.RetentionHours == usual || there[i] {
			continue
		}
		if !waited {
			time.Sleep(createDelay)
			waited = true
		}
		in := map[string]any{"StreamName": one.Name, "RetentionPeriodHours": one.RetentionHours}
		if err := e.ask(wire.Scope{Region: one.Region, Account: one.Account}, e.kinesis.Wire(), "IncreaseStreamRetentionPeriod", in); err != nil {
			return &SetupError{fmt.Sprintf("streams[%d], %q", i, one.Name), err}
		}
	}
	return nil
}

func (e *Emulator) setUpTable(one TableSetup) error {
	if one.HashKey.Name == "" {
		return errors.New("its hashKey has no name")
	}
	var attributes, schema []any
	for role, key := range map[string]KeySetup{"HASH": one.HashKey, "RANGE": one.RangeKey} {
		if key.Name == "" && role == "RANGE" {
			continue
		}
		if key.Type == "" {
			key.Type = "S"
		}
		attributes = append(attributes, map[string]any{"AttributeName": key.Name, "AttributeType": key.Type})
		element := map[string]any{"AttributeName": key.Name, "KeyType": role}
		if role == "HASH" {
			schema = append([]any{element}, schema...)
		} else {
			schema = append(schema, element)
		}
	}
	return e.ask(wire.Scope{Region: one.Region, Account: one.Account}, e.dynamodb.Wire(), "CreateTable", map[string]any{
		"TableName": one.Name, "AttributeDefinitions": attributes, "KeySchema": schema, "BillingMode": "PAY_PER_REQUEST",
	})
}

func (e *Emulator) setUpBucket(one BucketSetup) error {
	var body []byte
	if one.Region != "" && one.Region != wire.DefaultRegion {
		var escaped bytes.Buffer
		if err := xml.EscapeText(&escaped, []byte(one.Region)); err != nil {
			return err
		}
		body = []byte("<CreateBucketConfiguration><LocationConstraint>" + escaped.String() + "</LocationConstraint></CreateBucketConfiguration>")
	}
	request, err := http.NewRequest(http.MethodPut, memoryURL, bytes.NewReader(body)) //nolint:noctx // it goes nowhere
	if err != nil {
		return err
	}
	request.URL.Path = "/" + one.Name
	return answerOf(e.s3.Handler(), request, wire.Scope{Region: one.Region, Account: one.Account}, "s3")
}

// ask calls an operation of a service that speaks JSON.
func (e *Emulator) ask(scope wire.Scope, service *wire.Service, operation string, in map[string]any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	request, err := http.NewRequest(http.MethodPost, memoryURL+"/", bytes.NewReader(body)) //nolint:noctx // it goes nowhere
	if err != nil {
		return err
	}
	request.Header.Set("X-Amz-Target", service.TargetPrefix+"."+operation)
	return answerOf(service, request, scope, service.Name)
}

// answerOf sends a request in a scope and returns what was wrong with it.
func answerOf(handler http.Handler, request *http.Request, scope wire.Scope, service string) error {
	if scope.Region == "" {
		scope.Region = wire.DefaultRegion
	}
	if scope.Account == "" {
		scope.Account = wire.DefaultAccount
	}
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+scope.Account+"/20260101/"+scope.Region+"/"+service+"/aws4_request, SignedHeaders=host, Signature=0")
	if wire.ScopeOf(request) != scope {
		return fmt.Errorf("the account %q is not one of twelve digits, or the region %q is none", scope.Account, scope.Region)
	}
	reply := reply{header: http.Header{}}
	handler.ServeHTTP(&reply, request)
	if reply.status >= http.StatusBadRequest {
		return errors.New(reply.body.String())
	}
	return nil
}
