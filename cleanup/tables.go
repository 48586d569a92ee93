package cleanup

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"clickstream/internal/awsclient"
)

// The keys of the KCL's tables.
const (
	leaseKey       = "leaseKey"
	coordinatorKey = "key"
	metricsKey     = "wid"
)

// tables are the lease table, which all versions of the KCL have, and the two that KCL 3 keeps beside it. KCL 3.5 keeps everything in the lease
// table again, where its other items have no lease's attributes but their own entityType.
func (c *cleaner) tables(ctx context.Context) ([]step, error) {
	var steps []step
	var failures []error
	for _, table := range []struct{ name, key, items string }{
		{c.names.Leases, leaseKey, "leases"},
		{c.names.Coordinator, coordinatorKey, "items of the Java daemon"},
		{c.names.Metrics, metricsKey, "workers' metrics of the Java daemon"},
	} {
		found, err := c.table(ctx, table.name, table.key, table.items)
		if err != nil {
			failures = append(failures, err)
			continue
		}
		steps = append(steps, found...)
	}
	return steps, errors.Join(failures...)
}

func (c *cleaner) describe(ctx context.Context, name string) (*types.TableDescription, error) {
	out, err := c.clients.DynamoDB.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
	if _, missing := errors.AsType[*types.ResourceNotFoundException](err); missing {
		return nil, nil //nolint:nilnil // no table is an answer, not a failure
	}
	if err != nil {
		return nil, awsclient.Explain(err, "look at table "+name)
	}
	return out.Table, nil
}

// table looks at one table. One whose key is another is somebody else's, which only has the name.
func (c *cleaner) table(ctx context.Context, name, key, items string) ([]step, error) {
	table, err := c.describe(ctx, name)
	if err != nil || table == nil || table.TableStatus == types.TableStatusDeleting {
		return nil, err
	}
	if schema := table.KeySchema; len(schema) != 1 || aws.ToString(schema[0].AttributeName) != key {
		return nil, fmt.Errorf("table %s is not the Kinesis Client Library's: its key is not %s", name, key)
	}
	if aws.ToBool(table.DeletionProtectionEnabled) {
		return nil, fmt.Errorf("table %s is protected from deletion (leaseTableDeletionProtectionEnabled and the like): lift that, "+
			"by aws dynamodb update-table --no-deletion-protection-enabled --table-name %s", name, name)
	}
	count, others, err := c.countItems(ctx, name, key)
	if err != nil {
		return nil, awsclient.Explain(err, "count the items of table "+name)
	}
	detail := fmt.Sprintf("%d %s", count, items)
	if others > 0 {
		detail += fmt.Sprintf(" and %d other items of the Java daemon", others)
	}
	return []step{{
		name: "table " + name, detail: detail, delete: func(ctx context.Context) error { return c.deleteTable(ctx, name) },
	}}, nil
}

// countItems scans: DescribeTable's ItemCount is six hours old. The tables have an item for each shard or worker. In a lease table, others are
// the items that are no leases.
func (c *cleaner) countItems(ctx context.Context, name, key string) (count, others int, err error) {
	in := &dynamodb.ScanInput{TableName: &name, ProjectionExpression: aws.String("#key, #entity")}
	in.ExpressionAttributeNames = map[string]string{"#key": key, "#entity": "entityType"}
	pages := dynamodb.NewScanPaginator(c.clients.DynamoDB, in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return 0, 0, err
		}
		for _, item := range page.Items {
			entity, ok := item["entityType"].(*types.AttributeValueMemberS)
			if key == leaseKey && ok && !slices.Contains([]string{"", "LEASE"}, entity.Value) {
				others++
				continue
			}
			count++
		}
	}
	return count, others, nil
}

// deleteTable deletes a table and waits until it is gone.
func (c *cleaner) deleteTable(ctx context.Context, name string) error {
	doing := "delete table " + name
	_, err := c.clients.DynamoDB.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &name})
	if _, gone := errors.AsType[*types.ResourceNotFoundException](err); gone {
		return nil
	}
	if err != nil {
		return awsclient.Explain(err, doing)
	}
	return awsclient.Explain(untilGone(ctx, func(ctx context.Context) (bool, error) {
		table, err := c.describe(ctx, name)
		return table == nil, err
	}), doing)
}
