package cleanup

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	kinesistypes "github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"clickstream/internal/awsclient"
	"clickstream/internal/exit"
)

// deletionTimeout bounds the wait until a stream or a table is gone; AWS takes up to a minute.
const deletionTimeout = 3 * time.Minute

type cleaner struct {
	Config
	clients *awsclient.Clients
}

// survey looks at everything that may be there. What cannot be looked at is a problem; an error ends the run.
func (c *cleaner) survey(ctx context.Context) (steps []step, problems []error, err error) {
	for _, look := range []func(context.Context) ([]step, error){c.stream, c.tables, c.bucket} {
		found, err := look(ctx)
		steps = append(steps, found...)
		if err == nil {
			continue
		}
		if _, unreachable := errors.AsType[*url.Error](err); unreachable || ctx.Err() != nil || exit.Code(err) == exit.Usage {
			return nil, nil, err
		}
		if _, nobody := errors.AsType[*awsclient.NoCredentialsError](err); nobody {
			return nil, nil, exit.With(exit.Usage, err)
		}
		if several, ok := err.(interface{ Unwrap() []error }); ok { // of tables
			problems = append(problems, several.Unwrap()...)
		} else {
			problems = append(problems, err)
		}
	}
	return steps, problems, nil
}

func (c *cleaner) stream(ctx context.Context) ([]step, error) {
	name := c.Settings.StreamName
	out, err := c.clients.Kinesis.DescribeStreamSummary(ctx, &kinesis.DescribeStreamSummaryInput{StreamName: &name})
	if _, missing := errors.AsType[*kinesistypes.ResourceNotFoundException](err); missing {
		return nil, nil
	}
	if err != nil {
		return nil, awsclient.Explain(err, "look at stream "+name)
	}
	summary := out.StreamDescriptionSummary
	if summary.StreamStatus == kinesistypes.StreamStatusDeleting {
		return nil, nil
	}
	return []step{{
		name:   "stream " + name,
		detail: fmt.Sprintf("%d open shards with all their records", aws.ToInt32(summary.OpenShardCount)),
		delete: func(ctx context.Context) error { return c.deleteStream(ctx, name) },
	}}, nil
}

func (c *cleaner) deleteStream(ctx context.Context, name string) error {
	doing := "delete stream " + name
	_, err := c.clients.Kinesis.DeleteStream(ctx, &kinesis.DeleteStreamInput{StreamName: &name, EnforceConsumerDeletion: aws.Bool(true)})
	if _, gone := errors.AsType[*kinesistypes.ResourceNotFoundException](err); gone {
		return nil
	}
	if err != nil {
		return awsclient.Explain(err, doing)
	}
	gone := kinesis.NewStreamNotExistsWaiter(c.clients.Kinesis, func(o *kinesis.StreamNotExistsWaiterOptions) {
		o.MinDelay, o.MaxDelay = time.Second, 5*time.Second
	})
	return awsclient.Explain(gone.Wait(ctx, &kinesis.DescribeStreamInput{StreamName: &name}, deletionTimeout), doing)
}

// tables are the lease table, which all versions of the KCL have, and the two that KCL 3 keeps beside it under the application's name.
// KCL 3.5 may keep everything in the lease table again.
func (c *cleaner) tables(ctx context.Context) ([]step, error) {
	var steps []step
	var failures []error
	for _, table := range []struct{ name, key, items string }{
		{c.Settings.TableName, "leaseKey", "leases"},
		{c.Settings.ApplicationName + "-CoordinatorState", "key", "items of the Java daemon"},
		{c.Settings.ApplicationName + "-WorkerMetricStats", "wid", "workers' metrics of the Java daemon"},
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

// table looks at one table. One whose key is another is somebody else's, which only has the name.
func (c *cleaner) table(ctx context.Context, name, key, items string) ([]step, error) {
	out, err := c.clients.DynamoDB.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
	if _, missing := errors.AsType[*dynamodbtypes.ResourceNotFoundException](err); missing {
		return nil, nil
	}
	if err != nil {
		return nil, awsclient.Explain(err, "look at table "+name)
	}
	if out.Table.TableStatus == dynamodbtypes.TableStatusDeleting {
		return nil, nil
	}
	if schema := out.Table.KeySchema; len(schema) != 1 || aws.ToString(schema[0].AttributeName) != key {
		return nil, fmt.Errorf("table %s is not the Kinesis Client Library's: its key is not %s", name, key)
	}
	count, err := c.countItems(ctx, name)
	if err != nil {
		return nil, awsclient.Explain(err, "count the items of table "+name)
	}
	return []step{{
		name: "table " + name, detail: fmt.Sprintf("%d %s", count, items),
		delete: func(ctx context.Context) error { return c.deleteTable(ctx, name) },
	}}, nil
}

// countItems scans: DescribeTable's ItemCount is six hours old. The tables have an item for each shard or worker.
func (c *cleaner) countItems(ctx context.Context, name string) (int, error) {
	count := 0
	pages := dynamodb.NewScanPaginator(c.clients.DynamoDB, &dynamodb.ScanInput{TableName: &name, Select: dynamodbtypes.SelectCount})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return 0, err
		}
		count += int(page.Count)
	}
	return count, nil
}

func (c *cleaner) deleteTable(ctx context.Context, name string) error {
	doing := "delete table " + name
	_, err := c.clients.DynamoDB.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &name})
	if _, gone := errors.AsType[*dynamodbtypes.ResourceNotFoundException](err); gone {
		return nil
	}
	if err != nil {
		return awsclient.Explain(err, doing)
	}
	gone := dynamodb.NewTableNotExistsWaiter(c.clients.DynamoDB, func(o *dynamodb.TableNotExistsWaiterOptions) {
		o.MinDelay, o.MaxDelay = time.Second, 5*time.Second
	})
	return awsclient.Explain(gone.Wait(ctx, &dynamodb.DescribeTableInput{TableName: &name}, deletionTimeout), doing)
}
