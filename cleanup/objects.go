package cleanup

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	smithy "github.com/aws/smithy-go"

	"clickstream/internal/awsclient"
	"clickstream/internal/delivery"
	"clickstream/internal/exit"
)

const maxOwner = 4096 // bytes of a marker that are read

// object is one object, version or delete marker.
type object struct {
	key     string
	version *string // nil where the bucket keeps no versions
	size    int64
	hides   bool // it is a delete marker, which hides older versions and has no content
}

// objects is what is in one bucket.
type objects struct {
	client    *s3.Client
	bucket    string
	versioned bool
}

func (b *objects) explain(err error, doing string) error {
	return awsclient.Explain(err, doing+" "+b.bucket)
}

// answers reports whether the service answered with one of these codes.
func answers(err error, codes ...string) bool {
	answer, ok := errors.AsType[smithy.APIError](err)
	for _, code := range codes {
		if ok && answer.ErrorCode() == code {
			return true
		}
	}
	return false
}

func (b *objects) exists(ctx context.Context) (bool, error) {
	_, err := b.client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &b.bucket})
	if answers(err, "NotFound", "NoSuchBucket") {
		return false, nil
	}
	return err == nil, b.explain(err, "look at bucket")
}

func (b *objects) owner(ctx context.Context, key string) (*delivery.Owner, error) {
	out, err := b.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.bucket, Key: &key})
	if _, missing := errors.AsType[*types.NoSuchKey](err); missing {
		return nil, nil //nolint:nilnil // no marker is an answer, not a failure
	}
	if err != nil {
		return nil, b.explain(err, "read the marker of bucket")
	}
	defer func() { _ = out.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(out.Body, maxOwner))
	if err != nil {
		return nil, b.explain(err, "read the marker of bucket")
	}
	owner, err := delivery.ParseOwner(key, text)
	if err != nil {
		return nil, exit.With(exit.Usage, fmt.Errorf("bucket %s: %w: nothing was deleted; --all-objects deletes it all the same", b.bucket, err))
	}
	return &owner, nil
}

// keepsVersions reports whether old versions may lie behind the objects. Stores that do not know the question keep none.
func (b *objects) keepsVersions(ctx context.Context) (bool, error) {
	out, err := b.client.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: &b.bucket})
	if answers(err, "NotImplemented") {
		return false, nil
	}
	if err != nil {
		return false, b.explain(err, "ask for the versioning of bucket")
	}
	return out.Status != "", nil
}

func (b *objects) hasOurMetadata(ctx context.Context, o object) (bool, error) {
	if o.hides {
		return false, nil
	}
	out, err := b.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &b.bucket, Key: &o.key, VersionId: o.version})
	if answers(err, "NotFound", "NoSuchKey") {
		return false, nil // somebody else deleted it meanwhile
	}
	if err != nil {
		return false, b.explain(err, "look at object "+o.key+" of bucket")
	}
	_, err = delivery.ParseMetadata(out.Metadata)
	return err == nil, nil
}

// pages calls f with up to 1,000 objects at a time of those whose keys begin with prefix.
func (b *objects) pages(ctx context.Context, prefix string, f func([]object) error) error {
	if b.versioned {
		return b.versionPages(ctx, prefix, f)
	}
	pages := s3.NewListObjectsV2Paginator(b.client, &s3.ListObjectsV2Input{Bucket: &b.bucket, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return b.explain(err, "list bucket")
		}
		list := make([]object, 0, len(page.Contents))
		for _, o := range page.Contents {
			list = append(list, object{key: aws.ToString(o.Key), size: aws.ToInt64(o.Size)})
		}
		if err := f(list); err != nil {
			return err
		}
	}
	return nil
}

func (b *objects) versionPages(ctx context.Context, prefix string, f func([]object) error) error {
	pages := s3.NewListObjectVersionsPaginator(b.client, &s3.ListObjectVersionsInput{Bucket: &b.bucket, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return b.explain(err, "list the versions in bucket")
		}
		list := make([]object, 0, len(page.Versions)+len(page.DeleteMarkers))
		for _, o := range page.Versions {
			list = append(list, object{key: aws.ToString(o.Key), version: o.VersionId, size: aws.ToInt64(o.Size)})
		}
		for _, o := range page.DeleteMarkers {
			list = append(list, object{key: aws.ToString(o.Key), version: o.VersionId, hides: true})
		}
		if err := f(list); err != nil {
			return err
		}
	}
	return nil
}

// uploads calls f with each unfinished upload. Stores that do not know the question have none.
func (b *objects) uploads(ctx context.Context, f func(key, id string) error) error {
	pages := s3.NewListMultipartUploadsPaginator(b.client, &s3.ListMultipartUploadsInput{Bucket: &b.bucket})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if answers(err, "NotImplemented") {
			return nil
		}
		if err != nil {
			return b.explain(err, "list the unfinished uploads of bucket")
		}
		for _, u := range page.Uploads {
			if err := f(aws.ToString(u.Key), aws.ToString(u.UploadId)); err != nil {
				return err
			}
		}
	}
	return nil
}

// abort ends an unfinished upload. That it is gone is as good.
func (b *objects) abort(ctx context.Context, key, id string) error {
	_, err := b.client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: &b.bucket, Key: &key, UploadId: &id})
	if answers(err, "NoSuchUpload") {
		return nil
	}
	return b.explain(err, "end the unfinished upload of "+key+" to bucket")
}

func (b *objects) delete(ctx context.Context) error {
	_, err := b.client.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: &b.bucket})
	switch {
	case answers(err, "NoSuchBucket"):
		return nil
	case answers(err, "BucketNotEmpty"):
		return fmt.Errorf("delete bucket %s: something was written to it while it was emptied: stop the daemon, then run this again", b.bucket)
	}
	return b.explain(err, "delete bucket")
}
