package dynamodb_test

import (
	"fmt"
	"strings"
	"testing"
)

const simpleKey = `"KeySchema":[{"AttributeName":"k","KeyType":"HASH"}],"AttributeDefinitions":[{"AttributeName":"k","AttributeType":"S"}]`

func TestTablesThatAreRefused(t *testing.T) {
	t.Parallel()
	c := newTable(t, false)
	const (
		parts = "One or more parameter values were invalid: "
		known = "the emulator's CreateTable does not know the parameter "
	)
	c.refused("CreateTable", `{"TableName":"tab","BillingMode":"PAY_PER_REQUEST",`+simpleKey+`}`,
		"com.amazonaws.dynamodb.v20120810#ResourceInUseException", "Table already exists: tab")
	for body, message := range map[string]string{
		`{"BillingMode":"PAY_PER_REQUEST",` + simpleKey + `}`:                  "1 validation error detected: Value null at 'tableName' failed to satisfy constraint: Member must not be null",
		`{"TableName":"ab","BillingMode":"PAY_PER_REQUEST",` + simpleKey + `}`: "TableName must be at least 3 characters long and at most 255 characters long",
		`{"TableName":"a b","BillingMode":"PAY_PER_REQUEST",` + simpleKey + `}`: "1 validation error detected: Value 'a b' at 'tableName' failed to satisfy constraint: " +
			"Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
		`{"TableName":"abc",` + simpleKey + `}`: parts + "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED",
		`{"TableName":"abc","BillingMode":"PAY_PER_REQUEST","ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":1},` + simpleKey + `}`: parts +
			"Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST",
		`{"TableName":"abc","ProvisionedThroughput":{"ReadCapacityUnits":0,"WriteCapacityUnits":1},` + simpleKey + `}`: "Given value 0 for ReadCapacityUnits is out of bounds",
		`{"TableName":"abc","BillingMode":"PAY_PER_REQUEST","KeySchema":[{"AttributeName":"x","KeyType":"HASH"}],"AttributeDefinitions":[{"AttributeName":"k","AttributeType":"S"}]}`: parts +
			"Some index key attributes are not defined in AttributeDefinitions. Keys: [x], AttributeDefinitions: [k]",
		`{"TableName":"abc","BillingMode":"PAY_PER_REQUEST","KeySchema":[{"AttributeName":"k","KeyType":"RANGE"}],"AttributeDefinitions":[{"AttributeName":"k","AttributeType":"S"}]}`: "Invalid KeySchema: The first KeySchemaElement is not a HASH key type",
		`{"TableName":"abc","BillingMode":"PAY_PER_REQUEST","KeySchema":[{"AttributeName":"k","KeyType":"HASH"}],
			"AttributeDefinitions":[{"AttributeName":"k","AttributeType":"S"},{"AttributeName":"x","AttributeType":"S"}]}`: parts +
			"Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions",
		`{"TableName":"abc","BillingMode":"PAY_PER_REQUEST","StreamSpecification":{"StreamEnabled":true},` + simpleKey + `}`: known + "StreamSpecification",
		`{"TableName":"abc","BillingMode":"PAY_PER_REQUEST","SSESpecification":{"Enabled":true},` + simpleKey + `}`:          known + "SSESpecification",
		`{"TableName":"abc","BillingMode":"PAY_PER_REQUEST","ResourcePolicy":"{}",` + simpleKey + `}`:                        known + "ResourcePolicy",
		`{"TableName":"abc","BillingMode":"PAY_PER_REQUEST","GlobalSecondaryIndexes":[],` + simpleKey + `}`:                  parts + "List of GlobalSecondaryIndexes is empty",
		`{"TableName":"abc","BillingMode":"PAY_PER_REQUEST","GlobalSecondaryIndexes":[{"IndexName":"idx","KeySchema":[{"AttributeName":"k","KeyType":"HASH"}]}],` + simpleKey + `}`: parts +
			"Unknown ProjectionType: null",
		`{"TableName":"abc","BillingMode":"PAY_PER_REQUEST","GlobalSecondaryIndexes":[{"IndexName":"idx","KeySchema":[{"AttributeName":"k","KeyType":"HASH"}],
			"Projection":{"ProjectionType":"ALL"},"WarmThroughput":{"ReadUnitsPerSecond":1}}],` + simpleKey + `}`: known + "WarmThroughput",
		`{"TableName":"abc","BillingMode":"PAY_PER_REQUEST","LocalSecondaryIndexes":[{"IndexName":"idx","KeySchema":[{"AttributeName":"k","KeyType":"HASH"}],
			"Projection":{"ProjectionType":"ALL"}}],` + simpleKey + `}`: parts + "Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex",
		`{"TableName":"abc","BillingMode":"FREE",` + simpleKey + `}`: "1 validation error detected: Value 'FREE' at 'billingMode' failed to satisfy constraint: " +
			"Member must satisfy enum value set: [PROVISIONED, PAY_PER_REQUEST]",
	} {
		c.invalid("CreateTable", body, message)
	}
	if tables := c.service.Tables(); len(tables) != 1 {
		t.Errorf("there are %v", tables)
	}
}

func TestUpdateTable(t *testing.T) {
	t.Parallel()
	c := newTable(t, false)
	const (
		inUse = "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException"
		index = `{"TableName":"tab","AttributeDefinitions":[{"AttributeName":"o","AttributeType":"S"}],"GlobalSecondaryIndexUpdates":[{"Create":
			{"IndexName":"idx","KeySchema":[{"AttributeName":"o","KeyType":"HASH"}],"Projection":{"ProjectionType":"KEYS_ONLY"}}}]}`
	)
	// What cannot be in the index, for it has the wrong type, is passed over.
	c.ok("PutItem", `{"TableName":"tab","Item":{"k":{"S":"wrong"},"o":{"N":"1"}}}`)
	c.ok("PutItem", `{"TableName":"tab","Item":{"k":{"S":"right"},"o":{"S":"1"}}}`)
	c.ok("UpdateTable", index)
	c.want("Scan", `{"TableName":"tab","IndexName":"idx"}`, `{"Items":[{"k":{"S":"right"},"o":{"S":"1"}}],"Count":1,"ScannedCount":1}`)
	c.invalid("UpdateTable", index, "Attempting to create an index which already exists")
	reply := c.ok("UpdateTable", `{"TableName":"tab","GlobalSecondaryIndexUpdates":[{"Delete":{"IndexName":"idx"}}]}`)
	if strings.Contains(reply, "idx") || strings.Contains(reply, `"o"`) {
		t.Errorf("the index or its key is still there: %s", reply)
	}
	c.refused("UpdateTable", `{"TableName":"tab","GlobalSecondaryIndexUpdates":[{"Delete":{"IndexName":"idx"}}]}`, inUse, "Requested resource not found")
	c.invalid("UpdateTable", `{"TableName":"tab"}`, "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, "+
		"GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required")
	c.invalid("UpdateTable", `{"TableName":"tab","ReplicaUpdates":[{"Create":{"RegionName":"eu-west-1"}}]}`,
		"the emulator's UpdateTable does not know the parameter ReplicaUpdates")

	reply = c.ok("UpdateTable", `{"TableName":"tab","BillingMode":"PROVISIONED","ProvisionedThroughput":{"ReadCapacityUnits":5,"WriteCapacityUnits":6}}`)
	for _, want := range []string{`"BillingMode":"PROVISIONED"`, `"ReadCapacityUnits":5`, `"WriteCapacityUnits":6`} {
		if !strings.Contains(reply, want) {
			t.Errorf("no %s in %s", want, reply)
		}
	}

	c.ok("UpdateTable", `{"TableName":"tab","DeletionProtectionEnabled":true}`)
	c.invalid("DeleteTable", `{"TableName":"tab"}`,
		"Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.")
	c.ok("UpdateTable", `{"TableName":"tab","DeletionProtectionEnabled":false}`)
	if reply := c.ok("DeleteTable", `{"TableName":"tab"}`); !strings.Contains(reply, `"TableStatus":"DELETING"`) {
		t.Errorf("a deleted table is %s", reply)
	}
	c.refused("DeleteTable", `{"TableName":"tab"}`, inUse, "Requested resource not found: Table: tab not found")
}

func TestListTables(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.want("ListTables", `{}`, `{"TableNames":[]}`)
	for _, name := range []string{"ccc", "aaa", "bbb"} {
		c.ok("CreateTable", fmt.Sprintf(`{"TableName":"%s","BillingMode":"PAY_PER_REQUEST",%s}`, name, simpleKey))
	}
	c.want("ListTables", `{"Limit":2}`, `{"TableNames":["aaa","bbb"],"LastEvaluatedTableName":"bbb"}`)
	c.want("ListTables", `{"Limit":2,"ExclusiveStartTableName":"bbb"}`, `{"TableNames":["ccc"]}`)
	c.want("ListTables", ``+`{"ExclusiveStartTableName":"ccc"}`, `{"TableNames":[]}`)
	c.invalid("ListTables", `{"Limit":101}`,
		"1 validation error detected: Value '101' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 100")
}

func TestTags(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.ok("CreateTable", `{"TableName":"tab","BillingMode":"PAY_PER_REQUEST","Tags":[{"Key":"b","Value":"2"}],`+simpleKey+`}`)
	const arn = `"ResourceArn":"arn:aws:dynamodb:us-east-1:000000000000:table/tab"`
	if reply := c.ok("TagResource", `{`+arn+`,"Tags":[{"Key":"a","Value":"1"},{"Key":"b","Value":"3"}]}`); reply != "" {
		t.Errorf("the reply is %s", reply)
	}
	c.want("ListTagsOfResource", `{`+arn+`}`, `{"Tags":[{"Key":"a","Value":"1"},{"Key":"b","Value":"3"}]}`)
	c.ok("UntagResource", `{`+arn+`,"TagKeys":["b","none"]}`)
	c.want("ListTagsOfResource", `{`+arn+`}`, `{"Tags":[{"Key":"a","Value":"1"}]}`)
	c.refused("ListTagsOfResource", `{"ResourceArn":"arn:aws:dynamodb:us-east-1:000000000000:table/none"}`,
		"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",
		"Requested resource not found: ResourcArn: arn:aws:dynamodb:us-east-1:000000000000:table/none not found")
}

func TestBackupsLimitsExpiry(t *testing.T) {
	t.Parallel()
	c := newTable(t, false)
	const off = `{"ContinuousBackupsDescription":{"ContinuousBackupsStatus":"ENABLED","PointInTimeRecoveryDescription":{"PointInTimeRecoveryStatus":"DISABLED"}}}`
	c.want("DescribeContinuousBackups", `{"TableName":"tab"}`, off)
	reply := c.ok("UpdateContinuousBackups", `{"TableName":"tab","PointInTimeRecoverySpecification":{"PointInTimeRecoveryEnabled":true}}`)
	for _, want := range []string{`"PointInTimeRecoveryStatus":"ENABLED"`, `"RecoveryPeriodInDays":35`, `"EarliestRestorableDateTime":`} {
		if !strings.Contains(reply, want) {
			t.Errorf("no %s in %s", want, reply)
		}
	}
	c.want("UpdateContinuousBackups", `{"TableName":"tab","PointInTimeRecoverySpecification":{"PointInTimeRecoveryEnabled":false}}`, off)
	c.refused("DescribeContinuousBackups", `{"TableName":"none"}`, "com.amazonaws.dynamodb.v20120810#TableNotFoundException", "Table not found: none")
	c.want("DescribeTimeToLive", `{"TableName":"tab"}`, `{"TimeToLiveDescription":{"TimeToLiveStatus":"DISABLED"}}`)
	c.want("DescribeLimits", `{}`, `{"AccountMaxReadCapacityUnits":80000,"AccountMaxWriteCapacityUnits":80000,
		"TableMaxReadCapacityUnits":40000,"TableMaxWriteCapacityUnits":40000}`)
}
