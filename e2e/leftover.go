package e2e

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// Leftover lists everything at the endpoint whose name begins with the application's: its stream, its tables and its bucket, each as
// "stream NAME" and so on.
func (a *App) Leftover(tb testing.TB) []string {
	tb.Helper()
	ctx := context.WithoutCancel(tb.Context()) // also when the test is over
	var found []string
	note := func(kind string, names ...string) {
		for _, name := range names {
			if strings.HasPrefix(name, a.Name) {
				found = append(found, kind+" "+name)
			}
		}
	}
	streams := kinesis.NewListStreamsPaginator(a.Kinesis, &kinesis.ListStreamsInput{})
	for streams.HasMorePages() {
		page, err := streams.NextPage(ctx)
		if err != nil {
			tb.Fatalf("list streams: %v", err)
		}
		note("stream", page.StreamNames...)
	}
	tables := dynamodb.NewListTablesPaginator(a.DynamoDB, &dynamodb.ListTablesInput{})
	for tables.HasMorePages() {
		page, err := tables.NextPage(ctx)
		if err != nil {
			tb.Fatalf("list tables: %v", err)
		}
		note("table", page.TableNames...)
	}
	buckets, err := a.S3.ListBuckets(ctx, &s3.ListBucketsInput{})
	if err != nil {
		tb.Fatalf("list buckets: %v", err)
	}
	for i := range buckets.Buckets {
		note("bucket", aws.ToString(buckets.Buckets[i].Name))
	}
	slices.Sort(found)
	return found
}

// clean removes what the application has made, and tables of others whose name begins like its own.
func (a *App) clean(tb testing.TB) {
	tb.Helper()
	if r := a.Run(tb, "cleanup", "--yes", "--all-objects"); r.Code != 0 {
		tb.Errorf("clean up %s: %s%s", a.Name, r.Stdout, r.Stderr)
	}
	for _, left := range a.Leftover(tb) {
		name, table := strings.CutPrefix(left, "table ")
		if !table {
			continue
		}
		if _, err := a.DynamoDB.DeleteTable(context.WithoutCancel(tb.Context()), &dynamodb.DeleteTableInput{TableName: &name}); err != nil {
			tb.Errorf("clean up table %s: %v", name, err)
		}
	}
}
