package dynamodb_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"clickstream/emulator/dynamodb"
)

// leftOut are members that the SDK's shapes have and ours have not. Parameters that a client could
// send are not among them: those are fields of the type LeftOut, so that they are refused by name.
var leftOut = map[string]bool{
	"ConsumedCapacity.ReadCapacityUnits":                  true, // only in transactions
	"ConsumedCapacity.VectorIndexes":                      true,
	"ConsumedCapacity.WriteCapacityUnits":                 true,
	"Capacity.ReadCapacityUnits":                          true,
	"Capacity.WriteCapacityUnits":                         true,
	"GlobalSecondaryIndexDescription.Backfilling":         true, // there is none: indexes are filled at once
	"GlobalSecondaryIndexDescription.WarmThroughput":      true,
	"ListTagsOfResourceOutput.NextToken":                  true,
	"TableDescription.ArchivalSummary":                    true,
	"TableDescription.DisassociationProtectionEnabled":    true,
	"TableDescription.GlobalTableSettingsReplicationMode": true,
	"TableDescription.GlobalTableVersion":                 true,
	"TableDescription.GlobalTableWitnesses":               true,
	"TableDescription.LatestStreamArn":                    true,
	"TableDescription.LatestStreamLabel":                  true,
	"TableDescription.MultiRegionConsistency":             true,
	"TableDescription.Replicas":                           true,
	"TableDescription.RestoreSummary":                     true,
	"TableDescription.SSEDescription":                     true,
	"TableDescription.StreamSpecification":                true,
	"TableDescription.VectorIndexes":                      true,
	"TableDescription.WarmThroughput":                     true,
	"TimeToLiveDescription.AttributeName":                 true,
}

// TestShapesAreTheServices compares our structures with the SDK's, member by member.
func TestShapesAreTheServices(t *testing.T) {
	t.Parallel()
	unused := map[string]bool{}
	for name := range leftOut {
		unused[name] = true
	}
	for _, pair := range [][2]any{
		{dynamodb.BatchGetItemInput{}, sdk.BatchGetItemInput{}},
		{dynamodb.BatchGetItemOutput{}, sdk.BatchGetItemOutput{}},
		{dynamodb.BatchWriteItemInput{}, sdk.BatchWriteItemInput{}},
		{dynamodb.BatchWriteItemOutput{}, sdk.BatchWriteItemOutput{}},
		{dynamodb.CreateTableInput{}, sdk.CreateTableInput{}},
		{dynamodb.CreateTableOutput{}, sdk.CreateTableOutput{}},
		{dynamodb.DeleteItemInput{}, sdk.DeleteItemInput{}},
		{dynamodb.DeleteItemOutput{}, sdk.DeleteItemOutput{}},
		{dynamodb.DeleteTableInput{}, sdk.DeleteTableInput{}},
		{dynamodb.DeleteTableOutput{}, sdk.DeleteTableOutput{}},
		{dynamodb.DescribeContinuousBackupsInput{}, sdk.DescribeContinuousBackupsInput{}},
		{dynamodb.DescribeContinuousBackupsOutput{}, sdk.DescribeContinuousBackupsOutput{}},
		{dynamodb.DescribeLimitsInput{}, sdk.DescribeLimitsInput{}},
		{dynamodb.DescribeLimitsOutput{}, sdk.DescribeLimitsOutput{}},
		{dynamodb.DescribeTableInput{}, sdk.DescribeTableInput{}},
		{dynamodb.DescribeTableOutput{}, sdk.DescribeTableOutput{}},
		{dynamodb.DescribeTimeToLiveInput{}, sdk.DescribeTimeToLiveInput{}},
		{dynamodb.DescribeTimeToLiveOutput{}, sdk.DescribeTimeToLiveOutput{}},
		{dynamodb.GetItemInput{}, sdk.GetItemInput{}},
		{dynamodb.GetItemOutput{}, sdk.GetItemOutput{}},
		{dynamodb.ListTablesInput{}, sdk.ListTablesInput{}},
		{dynamodb.ListTablesOutput{}, sdk.ListTablesOutput{}},
		{dynamodb.ListTagsOfResourceInput{}, sdk.ListTagsOfResourceInput{}},
		{dynamodb.ListTagsOfResourceOutput{}, sdk.ListTagsOfResourceOutput{}},
		{dynamodb.PutItemInput{}, sdk.PutItemInput{}},
		{dynamodb.PutItemOutput{}, sdk.PutItemOutput{}},
		{dynamodb.QueryInput{}, sdk.QueryInput{}},
		{dynamodb.QueryOutput{}, sdk.QueryOutput{}},
		{dynamodb.ScanInput{}, sdk.ScanInput{}},
		{dynamodb.ScanOutput{}, sdk.ScanOutput{}},
		{dynamodb.TagResourceInput{}, sdk.TagResourceInput{}},
		{dynamodb.UntagResourceInput{}, sdk.UntagResourceInput{}},
		{dynamodb.UpdateContinuousBackupsInput{}, sdk.UpdateContinuousBackupsInput{}},
		{dynamodb.UpdateContinuousBackupsOutput{}, sdk.UpdateContinuousBackupsOutput{}},
		{dynamodb.UpdateItemInput{}, sdk.UpdateItemInput{}},
		{dynamodb.UpdateItemOutput{}, sdk.UpdateItemOutput{}},
		{dynamodb.UpdateTableInput{}, sdk.UpdateTableInput{}},
		{dynamodb.UpdateTableOutput{}, sdk.UpdateTableOutput{}},
	} {
		compare(t, reflect.TypeOf(pair[0]), reflect.TypeOf(pair[1]), unused)
	}
	for name := range unused {
		t.Errorf("%s is in the list of what is left out, but it is there or the SDK has none", name)
	}
}

// compare walks through both types; it strikes what is left out from unused.
func compare(t *testing.T, ours, theirs reflect.Type, unused map[string]bool) {
	t.Helper()
	ours, theirs = element(ours), element(theirs)
	if ours == reflect.TypeFor[dynamodb.LeftOut]() || ours == reflect.TypeFor[dynamodb.Value]() || ours.Kind() != reflect.Struct {
		return
	}
	if theirs == reflect.TypeFor[types.AttributeValue]() || theirs.Kind() != reflect.Struct || theirs.PkgPath() == "time" {
		return
	}
	known := members(ours)
	counterparts := members(theirs)
	for name, their := range counterparts {
		our, ok := known[name]
		if name == "ResultMetadata" {
			continue
		}
		full := fmt.Sprintf("%s.%s", theirs.Name(), name)
		switch {
		case ok:
			compare(t, our, their, unused)
		case leftOut[full]:
			delete(unused, full)
		default:
			t.Errorf("the SDK's %s is missing", full)
		}
	}
	for name := range known {
		if counterparts[name] == nil {
			t.Errorf("%s.%s is nothing that the SDK knows", ours.Name(), name)
		}
	}
}

// members are the exported fields, those of embedded structures too.
func members(of reflect.Type) map[string]reflect.Type {
	fields := map[string]reflect.Type{}
	for _, field := range reflect.VisibleFields(of) {
		if field.IsExported() && !field.Anonymous {
			fields[field.Name] = field.Type
		}
	}
	return fields
}

// element is what pointers, lists and maps hold.
func element(of reflect.Type) reflect.Type {
	for slices.Contains([]reflect.Kind{reflect.Pointer, reflect.Slice, reflect.Map}, of.Kind()) && of != reflect.TypeFor[dynamodb.LeftOut]() {
		of = of.Elem()
	}
	return of
}
