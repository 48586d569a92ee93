package leases_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"clickstream/emulator"
	"clickstream/internal/leases"
)

const shard0 = "shardId-000000000000"

func newClient(url string, client *http.Client) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region: "us-east-1", BaseEndpoint: &url, HTTPClient: client,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
}

// newTable returns a lease table that exists.
func newTable(t *testing.T) (*leases.Table, *dynamodb.Client) {
	t.Helper()
	e := emulator.RunT(t)
	client := newClient(e.URL, e.Client())
	table := leases.NewTable(client, "app")
	if err := table.Ensure(t.Context()); err != nil {
		t.Fatal(err)
	}
	return table, client
}

func create(t *testing.T, table *leases.Table, l leases.Lease) leases.Lease {
	t.Helper()
	if created, err := table.Create(t.Context(), l); err != nil || !created {
		t.Fatal(created, err)
	}
	return get(t, table, l.Key)
}

func get(t *testing.T, table *leases.Table, key string) leases.Lease {
	t.Helper()
	l, err := table.Get(t.Context(), key)
	if err != nil || l == nil {
		t.Fatal(l, err)
	}
	return *l
}

func item(t *testing.T, client *dynamodb.Client, key string) map[string]types.AttributeValue {
	t.Helper()
	out, err := client.GetItem(t.Context(), &dynamodb.GetItemInput{
		TableName: aws.String("app"), Key: map[string]types.AttributeValue{"leaseKey": s(key)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.Item
}

func s(text string) types.AttributeValue        { return &types.AttributeValueMemberS{Value: text} }
func n(text string) types.AttributeValue        { return &types.AttributeValueMemberN{Value: text} }
func ss(members ...string) types.AttributeValue { return &types.AttributeValueMemberSS{Value: members} }

var ignoreUnexported = cmp.FilterPath(func(p cmp.Path) bool {
	field, ok := p.Last().(cmp.StructField)
	return ok && field.Name() == "noSmithyDocumentSerde"
}, cmp.Ignore())

// The items are those that KCL 3.1.3 was seen to write.
func TestItemsAreThoseOfKCL(t *testing.T) {
	table, client := newTable(t)
	lease := create(t, table, leases.Lease{
		Key: "shardId-000000000004", Checkpoint: leases.TrimHorizon, Parents: []string{"shardId-000000000003", "shardId-000000000002"},
		StartingHashKey: "0", EndingHashKey: "170141183460469231731687303715884105726",
	})
	want := map[string]types.AttributeValue{
		"checkpoint": s("TRIM_HORIZON"), "parentShardId": ss("shardId-000000000002", "shardId-000000000003"),
		"endingHashKey": s("170141183460469231731687303715884105726"), "leaseCounter": n("0"), "ownerSwitchesSinceCheckpoint": n("0"),
		"checkpointSubSequenceNumber": n("0"), "leaseKey": s("shardId-000000000004"), "startingHashKey": s("0"),
	}
	check := func(what string) {
		t.Helper()
		if diff := cmp.Diff(want, item(t, client, lease.Key), ignoreUnexported); diff != "" {
			t.Errorf("after %s: %s", what, diff)
		}
	}
	check("create")

	lease, err := table.Take(t.Context(), lease, "worker-1")
	if err != nil {
		t.Fatal(err)
	}
	want["leaseOwner"], want["leaseCounter"] = s("worker-1"), n("1")
	check("take")

	if lease, err = table.Renew(t.Context(), lease); err != nil {
		t.Fatal(err)
	}
	want["leaseCounter"] = n("2")
	check("renew")

	if lease, err = table.Take(t.Context(), lease, "worker-2"); err != nil {
		t.Fatal(err)
	}
	want["leaseOwner"], want["leaseCounter"], want["ownerSwitchesSinceCheckpoint"] = s("worker-2"), n("3"), n("1")
	check("take from another")

	if lease, err = table.Checkpoint(t.Context(), lease, "4968", 2); err != nil {
		t.Fatal(err)
	}
	maps.Copy(want, map[string]types.AttributeValue{
		"checkpoint": s("4968"), "checkpointSubSequenceNumber": n("2"), "ownerSwitchesSinceCheckpoint": n("0"), "leaseCounter": n("4"),
	})
	check("checkpoint")

	if err := table.SetChildren(t.Context(), lease.Key, []string{"shardId-000000000006", "shardId-000000000005"}); err != nil {
		t.Fatal(err)
	}
	want["childShardIds"] = ss("shardId-000000000005", "shardId-000000000006")
	check("children")

	if err := table.Delete(t.Context(), lease.Key); err != nil {
		t.Fatal(err)
	}
	if now, err := table.Get(t.Context(), lease.Key); err != nil || now != nil {
		t.Fatal(now, err)
	}
}

// Each write that another worker made in between refuses each write of the one that did not see it.
func TestLostConditions(t *testing.T) {
	writes := map[string]func(context.Context, *leases.Table, leases.Lease) error{
		"take": func(ctx context.Context, t *leases.Table, l leases.Lease) error {
			_, err := t.Take(ctx, l, "mine")
			return err
		},
		"renew": func(ctx context.Context, t *leases.Table, l leases.Lease) error {
			_, err := t.Renew(ctx, l)
			return err
		},
		"checkpoint": func(ctx context.Context, t *leases.Table, l leases.Lease) error {
			_, err := t.Checkpoint(ctx, l, "7", 0)
			return err
		},
	}
	for name, write := range writes {
		t.Run(name, func(t *testing.T) {
			table, _ := newTable(t)
			seen := create(t, table, leases.Lease{Key: shard0, Checkpoint: leases.TrimHorizon})
			if _, err := table.Take(t.Context(), seen, "theirs"); err != nil {
				t.Fatal(err)
			}
			lost, ok := errors.AsType[*leases.LostError](write(t.Context(), table, seen))
			if !ok || lost.Now == nil || lost.Now.Owner != "theirs" {
				t.Errorf("got %v, want it lost to theirs", lost)
			}
			if err := table.Delete(t.Context(), shard0); err != nil {
				t.Fatal(err)
			}
			if lost, ok := errors.AsType[*leases.LostError](write(t.Context(), table, seen)); !ok || lost.Now != nil {
				t.Errorf("got %v, want it lost to nobody", lost)
			}
		})
	}
}

func TestCreateLeavesWhatIsThere(t *testing.T) {
	table, _ := newTable(t)
	create(t, table, leases.Lease{Key: shard0, Checkpoint: "5"})
	if created, err := table.Create(t.Context(), leases.Lease{Key: shard0, Checkpoint: leases.TrimHorizon}); created || err != nil {
		t.Fatal(created, err)
	}
	if now := get(t, table, shard0); now.Checkpoint != "5" {
		t.Errorf("got %+v", now)
	}
}

// A worker that renewed between the look and the take keeps its lease.
func TestTakeSparesALiveWorker(t *testing.T) {
	table, _ := newTable(t)
	held, err := table.Take(t.Context(), create(t, table, leases.Lease{Key: shard0, Checkpoint: leases.Latest}), "theirs")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := table.Renew(t.Context(), held); err != nil {
		t.Fatal(err)
	}
	if _, err := table.Take(t.Context(), held, "mine"); err == nil {
		t.Error("took a lease that was renewed")
	}
}

func TestHandOver(t *testing.T) {
	table, client := newTable(t)
	held, err := table.Take(t.Context(), create(t, table, leases.Lease{Key: shard0, Checkpoint: leases.Latest}), "mine")
	if err != nil {
		t.Fatal(err)
	}
	// What KCL 3's leader writes to ask for it.
	if _, err := client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName: aws.String("app"), Key: map[string]types.AttributeValue{"leaseKey": s(shard0)},
		AttributeUpdates: map[string]types.AttributeValueUpdate{
			"leaseOwner":      {Action: types.AttributeActionPut, Value: s("java")},
			"checkpointOwner": {Action: types.AttributeActionPut, Value: s("mine")},
		},
	}); err != nil {
		t.Fatal(err)
	}
	if held, err = table.Renew(t.Context(), held); err != nil {
		t.Fatal(err)
	}
	if held.HandOverFrom != "mine" || held.Owner != "java" || held.Holder() != "mine" {
		t.Fatalf("got %+v", held)
	}
	if held, err = table.Checkpoint(t.Context(), held, "9", 0); err != nil {
		t.Fatal(err)
	}
	if err := table.HandOver(t.Context(), held); err != nil {
		t.Fatal(err)
	}
	want := leases.Lease{Key: shard0, Owner: "java", Checkpoint: "9", Counter: held.Counter + 1}
	if diff := cmp.Diff(want, get(t, table, shard0)); diff != "" {
		t.Error(diff)
	}
}

// loseAnswers answers the first attempt of each lease write with a failure after it was done.
type loseAnswers struct {
	next http.RoundTripper
	lost bool
}

func (l *loseAnswers) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := l.next.RoundTrip(r)
	if l.lost || r.Header.Get("X-Amz-Target") != "DynamoDB_20120810.UpdateItem" {
		return response, err
	}
	l.lost = true
	response.StatusCode = http.StatusInternalServerError
	return response, err
}

// The SDK sends a request again whose answer it did not get. That the second one is refused does not mean that the lease is lost.
func TestWritesAreRecognizedWhenSentTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := emulator.RunT(t)
		client := e.Client()
		lossy := &loseAnswers{next: client.Transport}
		table := leases.NewTable(newClient(e.URL, &http.Client{Transport: lossy}), "app")
		if err := table.Ensure(t.Context()); err != nil {
			t.Fatal(err)
		}
		lease := create(t, table, leases.Lease{Key: shard0, Checkpoint: leases.TrimHorizon})
		for name, write := range map[string]func(leases.Lease) (leases.Lease, error){
			"take":       func(l leases.Lease) (leases.Lease, error) { return table.Take(t.Context(), l, "mine") },
			"renew":      func(l leases.Lease) (leases.Lease, error) { return table.Renew(t.Context(), l) },
			"checkpoint": func(l leases.Lease) (leases.Lease, error) { return table.Checkpoint(t.Context(), l, "12", 3) },
		} {
			lossy.lost = false
			before := lease.Counter
			var err error
			if lease, err = write(lease); err != nil || lease.Counter != before+1 || !lossy.lost {
				t.Errorf("%s: %v %+v", name, err, lease)
			}
		}
		client.CloseIdleConnections()
	})
}

func TestEnsureWaitsForTheTable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls int
		client := newClient("http://127.0.0.1", &http.Client{Transport: roundTrip(func(r *http.Request) string {
			calls++
			switch {
			case r.Header.Get("X-Amz-Target") == "DynamoDB_20120810.CreateTable":
				return `{}`
			case calls == 1:
				return "ResourceNotFoundException"
			case calls < 5:
				return `{"Table":{"TableStatus":"CREATING","KeySchema":[{"AttributeName":"leaseKey","KeyType":"HASH"}]}}`
			}
			return `{"Table":{"TableStatus":"ACTIVE","KeySchema":[{"AttributeName":"leaseKey","KeyType":"HASH"}]}}`
		})})
		start := time.Now()
		if err := leases.NewTable(client, "app").Ensure(t.Context()); err != nil {
			t.Fatal(err)
		}
		if time.Since(start) == 0 || calls != 5 {
			t.Errorf("%d calls in %s", calls, time.Since(start))
		}
	})
}

func TestTableOfAnotherKind(t *testing.T) {
	client := newClient("http://127.0.0.1", &http.Client{Transport: roundTrip(func(*http.Request) string {
		return `{"Table":{"TableStatus":"ACTIVE","KeySchema":[{"AttributeName":"id","KeyType":"HASH"}]}}`
	})})
	if err := leases.NewTable(client, "app").Ensure(t.Context()); err == nil {
		t.Error("want an error")
	}
}

func TestDecode(t *testing.T) {
	valid := func() map[string]types.AttributeValue {
		return map[string]types.AttributeValue{"leaseKey": s(shard0), "checkpoint": s("1"), "pendingCheckpointState": &types.AttributeValueMemberB{}}
	}
	if l, err := leases.Decode(valid()); err != nil || l.Key != shard0 {
		t.Error(l, err)
	}
	for attribute, value := range map[string]types.AttributeValue{
		"leaseKey": n("1"), "checkpoint": nil, "leaseCounter": s("1"), "checkpointSubSequenceNumber": n("1.5"), "parentShardId": s("x"),
		"entityType": s("LEADER"),
	} {
		item := valid()
		item[attribute] = value
		if l, err := leases.Decode(item); err == nil {
			t.Errorf("%s: got %+v, want an error", attribute, l)
		}
	}
}

func TestThrottled(t *testing.T) {
	for code, want := range map[string]bool{
		"ProvisionedThroughputExceededException": true, "ThrottlingException": true, "RequestLimitExceeded": true, "ValidationException": false,
	} {
		client := newClient("http://127.0.0.1", &http.Client{Transport: roundTrip(func(*http.Request) string { return code })})
		table := leases.NewTable(dynamodb.New(client.Options(), func(o *dynamodb.Options) { o.Retryer = aws.NopRetryer{} }), "app")
		if _, err := table.Renew(t.Context(), leases.Lease{Key: shard0}); leases.Throttled(err) != want {
			t.Errorf("%s: %v", code, err)
		}
	}
}
