package dynamodb_test

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"clickstream/emulator/dynamodb"
)

// newSDK is the real client of a service of its own.
func newSDK(t *testing.T) (*sdk.Client, *dynamodb.Service) {
	t.Helper()
	service := dynamodb.New(nil)
	server := httptest.NewServer(service.Wire())
	t.Cleanup(server.Close)
	return sdk.New(sdk.Options{
		Region:       "us-east-1",
		BaseEndpoint: aws.String(server.URL),
		Credentials:  credentials.NewStaticCredentialsProvider("test", "test", ""),
	}), service
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
func num(s string) types.AttributeValue  { return &types.AttributeValueMemberN{Value: s} }

func createLeases(t *testing.T, client *sdk.Client) {
	t.Helper()
	_, err := client.CreateTable(t.Context(), &sdk.CreateTableInput{
		TableName:            aws.String("leases"),
		BillingMode:          types.BillingModePayPerRequest,
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("leaseKey"), KeyType: types.KeyTypeHash}},
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("leaseKey"), AttributeType: types.ScalarAttributeTypeS}},
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestSDKWaits(t *testing.T) {
	t.Parallel()
	client, _ := newSDK(t)
	in := &sdk.DescribeTableInput{TableName: aws.String("leases")}
	createLeases(t, client)
	if err := sdk.NewTableExistsWaiter(client).Wait(t.Context(), in, time.Minute); err != nil {
		t.Fatal(err)
	}
	out, err := client.DescribeTable(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if age := time.Since(*out.Table.CreationDateTime); age < -time.Second || age > time.Minute {
		t.Errorf("the table was created %v ago", age)
	}
	if _, err := client.DeleteTable(t.Context(), &sdk.DeleteTableInput{TableName: aws.String("leases")}); err != nil {
		t.Fatal(err)
	}
	if err := sdk.NewTableNotExistsWaiter(client).Wait(t.Context(), in, time.Minute); err != nil {
		t.Fatal(err)
	}
	_, err = client.DescribeTable(t.Context(), in)
	if _, ok := errors.AsType[*types.ResourceNotFoundException](err); !ok {
		t.Errorf("a table that is gone answers %v", err)
	}
	createLeases(t, client)
	_, err = client.CreateTable(t.Context(), &sdk.CreateTableInput{
		TableName: aws.String("leases"), BillingMode: types.BillingModePayPerRequest,
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("leaseKey"), KeyType: types.KeyTypeHash}},
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("leaseKey"), AttributeType: types.ScalarAttributeTypeS}},
	})
	if _, ok := errors.AsType[*types.ResourceInUseException](err); !ok {
		t.Errorf("a table that is there already answers %v", err)
	}
}

// TestSDKKeepsEveryType writes and reads a value of each type.
func TestSDKKeepsEveryType(t *testing.T) {
	t.Parallel()
	client, service := newSDK(t)
	createLeases(t, client)
	item := map[string]types.AttributeValue{
		"leaseKey": text("shard \"1\"\n<é😀>"), "n": num("-12.5"), "b": &types.AttributeValueMemberB{Value: []byte{0, 255, 10}},
		"yes": &types.AttributeValueMemberBOOL{Value: true}, "null": &types.AttributeValueMemberNULL{Value: true},
		"ss": &types.AttributeValueMemberSS{Value: []string{"a", "b"}}, "ns": &types.AttributeValueMemberNS{Value: []string{"2", "10"}},
		"bs": &types.AttributeValueMemberBS{Value: [][]byte{{0}, {1}}},
		"l":  &types.AttributeValueMemberL{Value: []types.AttributeValue{num("1"), text("")}},
		"m":  &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"x": text("y")}},
	}
	if _, err := client.PutItem(t.Context(), &sdk.PutItemInput{TableName: aws.String("leases"), Item: item}); err != nil {
		t.Fatal(err)
	}
	got, err := client.GetItem(t.Context(), &sdk.GetItemInput{
		TableName: aws.String("leases"), Key: map[string]types.AttributeValue{"leaseKey": item["leaseKey"]}, ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		t.Fatal(err)
	}
	unexported := cmpopts.IgnoreUnexported(
		types.AttributeValueMemberS{}, types.AttributeValueMemberN{}, types.AttributeValueMemberB{}, types.AttributeValueMemberBOOL{},
		types.AttributeValueMemberNULL{}, types.AttributeValueMemberSS{}, types.AttributeValueMemberNS{}, types.AttributeValueMemberBS{},
		types.AttributeValueMemberL{}, types.AttributeValueMemberM{})
	if diff := cmp.Diff(item, got.Item, unexported); diff != "" {
		t.Errorf("put and got differ (-put +got):\n%s", diff)
	}
	if direct := service.Items("leases"); len(direct) != 1 || direct[0]["n"].Text() != "-12.5" {
		t.Errorf("read directly: %v", direct)
	}
}

// TestSDKSeesFailedConditions shows that the error's type and its item reach the caller.
func TestSDKSeesFailedConditions(t *testing.T) {
	t.Parallel()
	client, _ := newSDK(t)
	createLeases(t, client)
	key := map[string]types.AttributeValue{"leaseKey": text("shardId-000000000000")}
	update := func(expected string) error {
		_, err := client.UpdateItem(t.Context(), &sdk.UpdateItemInput{
			TableName: aws.String("leases"), Key: key, UpdateExpression: aws.String("SET leaseCounter = :n"),
			ConditionExpression:                 aws.String("attribute_not_exists(leaseCounter) OR leaseCounter = :o"),
			ExpressionAttributeValues:           map[string]types.AttributeValue{":n": num("7"), ":o": num(expected)},
			ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
		})
		return err
	}
	for _, expected := range []string{"0", "7"} {
		if err := update(expected); err != nil {
			t.Fatal(err)
		}
	}
	err := update("8")
	failed, ok := errors.AsType[*types.ConditionalCheckFailedException](err)
	if !ok {
		t.Fatalf("a failed condition answers %v", err)
	}
	if n, ok := failed.Item["leaseCounter"].(*types.AttributeValueMemberN); !ok || n.Value != "7" || failed.ErrorMessage() != "The conditional request failed" {
		t.Errorf("it comes with %v and says %s", failed.Item, failed.ErrorMessage())
	}
	_, err = client.UpdateItem(t.Context(), &sdk.UpdateItemInput{
		TableName: aws.String("leases"), Key: key, UpdateExpression: aws.String("SET leaseCounter = :n"),
	})
	if err == nil || !strings.Contains(err.Error(), "ValidationException: Invalid UpdateExpression: An expression attribute value used in expression is not defined") {
		t.Errorf("a bad expression answers %v", err)
	}
}

// TestSDKPaginates reads a table and an index through the SDK's paginators.
func TestSDKPaginates(t *testing.T) {
	t.Parallel()
	client, _ := newSDK(t)
	createLeases(t, client)
	for _, shard := range []string{"0", "1", "2", "3", "4"} {
		_, err := client.PutItem(t.Context(), &sdk.PutItemInput{
			TableName: aws.String("leases"), Item: map[string]types.AttributeValue{"leaseKey": text(shard), "leaseOwner": text("worker")},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := client.UpdateTable(t.Context(), &sdk.UpdateTableInput{
		TableName: aws.String("leases"),
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("leaseOwner"), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String("leaseKey"), AttributeType: types.ScalarAttributeTypeS},
		},
		GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{{Create: &types.CreateGlobalSecondaryIndexAction{
			IndexName: aws.String("LeaseOwnerToLeaseKeyIndex"), Projection: &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly},
			KeySchema: []types.KeySchemaElement{
				{AttributeName: aws.String("leaseOwner"), KeyType: types.KeyTypeHash}, {AttributeName: aws.String("leaseKey"), KeyType: types.KeyTypeRange},
			},
		}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	scanned := 0
	for pages := sdk.NewScanPaginator(client, &sdk.ScanInput{TableName: aws.String("leases"), Limit: aws.Int32(2)}); pages.HasMorePages(); {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		scanned += len(page.Items)
	}
	var queried strings.Builder
	for pages := sdk.NewQueryPaginator(client, &sdk.QueryInput{
		TableName: aws.String("leases"), IndexName: aws.String("LeaseOwnerToLeaseKeyIndex"), Limit: aws.Int32(2),
		KeyConditionExpression:    aws.String("leaseOwner = :o"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":o": text("worker")},
	}); pages.HasMorePages(); {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range page.Items {
			queried.WriteString(item["leaseKey"].(*types.AttributeValueMemberS).Value)
		}
	}
	if scanned != 5 || queried.String() != "01234" {
		t.Errorf("scanned %d, queried %s", scanned, queried.String())
	}
}
