package e2e

import (
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
		page, err := streams.NextPage(tb.Context())
		if err != nil {
			tb.Fatalf("list streams: %v", err)
		}
		note("stream", page.StreamNames...)
	}
	tables := dynamodb.NewListTablesPaginator(a.DynamoDB, &dynamodb.ListTablesInput{})
	for tables.HasMorePages() {
		page, err := tables.NextPage(tb.Context())
		if err != nil {
			tb.Fatalf("list tables: %v", err)
		}
		note("table", page.TableNames...)
	}
	buckets, err := a.S3.ListBuckets(tb.Context(), &s3.ListBucketsInput{})
	if err != nil {
		tb.Fatalf("list buckets: %v", err)
	}
	for i := range buckets.Buckets {
		note("bucket", aws.ToString(buckets.Buckets[i].Name))
	}
	slices.Sort(found)
	return found
}
