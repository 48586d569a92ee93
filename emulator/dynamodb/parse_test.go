package dynamodb_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"clickstream/emulator/dynamodb"
	"clickstream/emulator/internal/wire"
)

// FuzzFastPaths checks that what the fast paths read is what encoding/json reads.
func FuzzFastPaths(f *testing.F) {
	for _, seed := range []string{
		renewal(1, 2), heartbeat(1, 2),
		`{"TableName":"t","Key":{"k":{"S":"a"}},"ConsistentRead":true}`,
		`{"TableName":"t","Item":{"k":{"M":{"x":{"NULL":true}}}},"ReturnValues":"ALL_OLD"}`,
		`{"TableName":null,"Expected":{"a":{"Value":null}},"Expected":{"b":{"Exists":true}}}`,
		`{"Key":{"k":{"S":"\ud83d\ude00"}},"tablename":"t","UpdateExpression":"SET a = :b"}`,
		` { } `, `{"Key":{}}x`, `[]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		samePath(t, text, new(dynamodb.UpdateItemInput), new(dynamodb.UpdateItemInput))
		samePath(t, text, new(dynamodb.PutItemInput), new(dynamodb.PutItemInput))
		samePath(t, text, new(dynamodb.GetItemInput), new(dynamodb.GetItemInput))
	})
}

func samePath(t *testing.T, text []byte, fast, slow wire.JSONParser) {
	t.Helper()
	if err := fast.ParseJSON(text); err != nil {
		return
	}
	if err := json.Unmarshal(text, slow); err != nil {
		t.Fatalf("%q: only the fast path reads it: %v", text, err)
	}
	if diff := cmp.Diff(slow, fast); diff != "" {
		t.Fatalf("%q (-general +fast):\n%s", text, diff)
	}
}

// TestFastPathsReadTheLibrary shows that the fast paths do read the requests that they are for.
func TestFastPathsReadTheLibrary(t *testing.T) {
	t.Parallel()
	for _, text := range []string{renewal(1, 2), heartbeat(1, 2)} {
		if err := new(dynamodb.UpdateItemInput).ParseJSON([]byte(text)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
	err := new(dynamodb.GetItemInput).ParseJSON([]byte(`{"TableName":"t","ProjectionExpression":"a"}`))
	if !errors.Is(err, wire.ErrUnusual) {
		t.Errorf("what is left to encoding/json answers %v", err)
	}
}
