package dynamodb_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// TestReplaysTheJavaLibrary sends what the Java KCL sends, in its order, and compares the replies
// with those that it could work with.
func TestReplaysTheJavaLibrary(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			replay(t, strings.Split(strings.TrimSpace(string(text)), "\n"))
		})
	}
}

func replay(t *testing.T, lines []string) {
	t.Helper()
	c := newClient(t)
	calls := 0
	for i := 0; i < len(lines); i++ {
		verb, rest, _ := strings.Cut(lines[i], " ")
		operation, request, _ := strings.Cut(rest, " ")
		switch verb {
		case "#":
		case "given":
			c.ok(operation, request)
		case "call":
			status, reply := c.send(operation, request)
			i++
			calls++
			wantStatus, want, _ := strings.Cut(lines[i], " ")
			if got := fmt.Sprint(status); got != wantStatus {
				t.Fatalf("line %d, %s: status %s instead of %s: %s", i, operation, got, wantStatus, reply)
			}
			if diff := gocmp.Diff(settled(t, want), settled(t, reply)); diff != "" {
				t.Errorf("line %d, %s (-want +got):\n%s", i, operation, diff)
			}
		default:
			t.Fatalf("line %d begins with %q", i+1, verb)
		}
	}
	if calls == 0 {
		t.Fatal("the recording holds no calls")
	}
}

// settled is a reply without what differs from run to run, its unordered lists sorted.
func settled(t *testing.T, reply string) any {
	t.Helper()
	value := decode(t, reply)
	stable(value)
	return value
}

func stable(value any) {
	volatile := []string{
		"CreationDateTime", "TableArn", "IndexArn", "BillingModeSummary", "TableSizeBytes", "ItemCount", "IndexSizeBytes",
		"IndexStatus", "ProvisionedThroughput", "TableId", "message",
	}
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			if slices.Contains(volatile, name) {
				delete(value, name)
			} else if list, ok := member.([]any); ok && (name == "Items" || name == "SS") {
				sortByText(list)
			}
			stable(member)
		}
	case []any:
		for _, element := range value {
			stable(element)
		}
	}
}

func sortByText(list []any) {
	text := func(v any) string { b, _ := json.Marshal(v); return string(b) } //nolint:errchkjson // plain JSON
	slices.SortFunc(list, func(a, b any) int { return cmp.Compare(text(a), text(b)) })
}

// TestLeaseIndexIsActiveAtOnce keeps the Java KCL 3 from waiting ten seconds for its second poll.
func TestLeaseIndexIsActiveAtOnce(t *testing.T) {
	t.Parallel()
	c := newTable(t, false)
	c.ok("PutItem", `{"TableName":"tab","Item":{"k":{"S":"shard"},"leaseOwner":{"S":"worker"}}}`)
	reply := c.ok("UpdateTable", `{"TableName":"tab",
		"AttributeDefinitions":[{"AttributeName":"leaseOwner","AttributeType":"S"},{"AttributeName":"k","AttributeType":"S"}],
		"GlobalSecondaryIndexUpdates":[{"Create":{"IndexName":"LeaseOwnerToLeaseKeyIndex","Projection":{"ProjectionType":"KEYS_ONLY"},
			"KeySchema":[{"AttributeName":"leaseOwner","KeyType":"HASH"},{"AttributeName":"k","KeyType":"RANGE"}]}}]}`)
	if !strings.Contains(reply, `"IndexStatus":"ACTIVE"`) {
		t.Errorf("the index is not ACTIVE: %s", reply)
	}
	c.want("Query", `{"TableName":"tab","IndexName":"LeaseOwnerToLeaseKeyIndex","KeyConditionExpression":"leaseOwner = :o",
		"ExpressionAttributeValues":{":o":{"S":"worker"}}}`,
		`{"Items":[{"k":{"S":"shard"},"leaseOwner":{"S":"worker"}}],"Count":1,"ScannedCount":1}`)
}
