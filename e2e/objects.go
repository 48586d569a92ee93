package e2e

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
)

// Objects reads what an application has stored. Objects whose key begins with an underscore, such as claims, are left out.
type Objects struct {
	tb     testing.TB
	app    *App
	bodies map[string]string // by key; objects never change
}

// Objects makes a reader of the application's bucket, where it may share it with others: only keys with its name.
func (a *App) Objects(tb testing.TB) *Objects {
	tb.Helper()
	return &Objects{tb: tb, app: a, bodies: map[string]string{}}
}

// Read looks for new objects and reads them. A bucket that is not there yet is an empty one.
func (o *Objects) Read() {
	o.tb.Helper()
	for _, key := range o.app.Keys(o.tb) {
		if _, known := o.bodies[key]; known || strings.HasPrefix(key, "_") {
			continue
		}
		if strings.Contains(o.app.Settings["keyTemplate"], "{application}") && !strings.Contains(key, o.app.Settings["applicationName"]) {
			continue
		}
		out, err := o.app.S3.GetObject(o.tb.Context(), &s3.GetObjectInput{Bucket: aws.String(o.app.Settings["bucket"]), Key: &key})
		if err != nil {
			o.tb.Fatalf("read object %s: %v", key, err)
		}
		body, err := io.ReadAll(out.Body)
		_ = out.Body.Close()
		if err != nil {
			o.tb.Fatalf("read object %s: %v", key, err)
		}
		o.bodies[key] = string(body)
	}
}

// Lines returns the lines of all objects, sorted.
func (o *Objects) Lines() []string {
	var all []string
	for _, body := range o.bodies {
		all = append(all, strings.Split(strings.TrimSuffix(body, "\n"), "\n")...)
	}
	slices.Sort(all)
	return all
}

// Keys lists the bucket, claims and markers too; nil where there is none.
func (a *App) Keys(tb testing.TB) []string {
	tb.Helper()
	var keys []string
	pages := s3.NewListObjectsV2Paginator(a.S3, &s3.ListObjectsV2Input{Bucket: aws.String(a.Settings["bucket"])})
	for pages.HasMorePages() {
		page, err := pages.NextPage(tb.Context())
		if _, missing := errors.AsType[*types.NoSuchBucket](err); missing {
			return nil
		}
		if answer, ok := errors.AsType[smithy.APIError](err); ok && answer.ErrorCode() == "NotFound" {
			return nil
		}
		if err != nil {
			tb.Fatalf("list bucket %s: %v", a.Settings["bucket"], err)
		}
		for _, object := range page.Contents {
			keys = append(keys, aws.ToString(object.Key))
		}
	}
	return keys
}
