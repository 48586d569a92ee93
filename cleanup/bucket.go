package cleanup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	smithy "github.com/aws/smithy-go"
	"golang.org/x/sync/errgroup"

	"clickstream/internal/awsclient"
	"clickstream/internal/delivery"
	"clickstream/internal/exit"
)

const (
	foreignLimit    = 10   // so many foreign objects are enough to refuse a bucket
	maxOwner        = 4096 // bytes of a marker that are read
	parallelDeletes = 4    // DeleteObjects calls, of up to 1,000 keys each
)

// contents counts what is in the bucket.
type contents struct {
	objects, claims, errors, others int64 // others: markers, delete markers, and with AllObjects whatever else there is
	bytes                           int64
	foreign                         int64
	example                         string // a foreign key
}

func (n *contents) ours() int64 { return n.objects + n.claims + n.errors + n.others }

func (c *cleaner) bucket(ctx context.Context) ([]step, error) {
	name, err := c.clients.Bucket(ctx, c.Settings)
	if err != nil {
		return nil, err
	}
	b := &objects{client: c.clients.S3, bucket: name}
	if there, err := b.exists(ctx); err != nil || !there {
		return nil, err
	}
	rules, err := c.rules(ctx, b)
	if err != nil {
		return nil, err
	}
	if b.versioned, err = b.keepsVersions(ctx); err != nil {
		return nil, err
	}
	found, err := b.count(ctx, rules)
	if err != nil {
		return nil, err
	}
	if found.foreign > 0 && !rules.shared {
		return nil, exit.With(exit.Usage, fmt.Errorf("bucket %s has objects that application %s did not write, such as %s: nothing was deleted; "+
			"--all-objects deletes them too", name, c.Settings.ApplicationName, found.example))
	}
	return c.bucketSteps(b, rules, found), nil
}

func (c *cleaner) bucketSteps(b *objects, rules *rules, found *contents) []step {
	detail := fmt.Sprintf("%d objects, %d claims, %d records that could not be stored, %d others; %d bytes",
		found.objects, found.claims, found.errors, found.others, found.bytes)
	empty := func(ctx context.Context) error { return b.deleteAll(ctx, rules) }
	switch {
	case found.foreign > 0:
		detail += "; the bucket stays, others keep objects in it"
	case !c.Settings.CreateBucketIfNotPresent:
		detail += "; the bucket stays, createBucketIfNotPresent is false"
	default:
		return []step{{name: "bucket " + b.bucket, detail: detail, delete: func(ctx context.Context) error {
			if err := empty(ctx); err != nil {
				return err
			}
			return b.delete(ctx)
		}}}
	}
	if found.ours() == 0 {
		return nil
	}
	return []step{{name: "objects in bucket " + b.bucket, detail: detail, delete: empty}}
}

// rules finds out whose the bucket is: by its marker, and by the key template where several applications may share it.
func (c *cleaner) rules(ctx context.Context, b *objects) (*rules, error) {
	template, err := delivery.ParseTemplate(c.Settings.KeyTemplate)
	if err != nil {
		return nil, exit.With(exit.Usage, fmt.Errorf("keyTemplate %w", err))
	}
	r := &rules{
		application: c.Settings.ApplicationName, all: c.AllObjects, shared: template.Separates() && !c.AllObjects,
		pattern: template.Pattern(c.Settings.ApplicationName, c.Settings.StreamName),
	}
	if r.all {
		return r, nil
	}
	ours := delivery.Owner{Application: c.Settings.ApplicationName, Stream: c.Settings.StreamName}
	for _, key := range []string{delivery.OwnerKey, delivery.ApplicationKey(ours.Application)} {
		owner, err := b.owner(ctx, key)
		if err != nil {
			return nil, err
		}
		if owner == nil {
			continue
		}
		r.marked = r.marked || key == delivery.OwnerKey && *owner == ours
		if *owner != ours && (!r.shared || owner.Application == ours.Application) {
			return nil, exit.With(exit.Usage, fmt.Errorf("bucket %s belongs to application %s and stream %s, as its marker %s says: nothing was deleted; "+
				"correct the settings, or --all-objects deletes it all the same", b.bucket, owner.Application, owner.Stream, key))
		}
	}
	return r, nil
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

func (b *objects) exists(ctx context.Context) (bool, error) {
	_, err := b.client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &b.bucket})
	if answer, ok := errors.AsType[smithy.APIError](err); ok && (answer.ErrorCode() == "NotFound" || answer.ErrorCode() == "NoSuchBucket") {
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
	if answer, ok := errors.AsType[smithy.APIError](err); ok && answer.ErrorCode() == "NotImplemented" {
		return false, nil
	}
	if err != nil {
		return false, b.explain(err, "ask for the versioning of bucket")
	}
	return out.Status != "", nil
}

func (b *objects) count(ctx context.Context, rules *rules) (*contents, error) {
	found := &contents{}
	err := b.pages(ctx, func(page []object) error {
		kinds, err := rules.classify(ctx, b, page)
		if err != nil {
			return err
		}
		for i, kind := range kinds {
			if kind == foreign {
				found.foreign, found.example = found.foreign+1, page[i].key
				continue
			}
			found.bytes += page[i].size
			switch kind {
			case data:
				found.objects++
			case claim:
				found.claims++
			case rejected:
				found.errors++
			case foreign, other:
				found.others++
			}
		}
		if found.foreign >= foreignLimit && !rules.shared {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return found, err
}

var errEnough = errors.New("enough was seen")

// deleteAll deletes the application's objects, page by page, several at once.
func (b *objects) deleteAll(ctx context.Context, rules *rules) error {
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(parallelDeletes)
	err := b.pages(inner, func(page []object) error {
		kinds, err := rules.classify(inner, b, page)
		if err != nil {
			return err
		}
		var batch []types.ObjectIdentifier
		for i, kind := range kinds {
			if kind != foreign {
				batch = append(batch, types.ObjectIdentifier{Key: &page[i].key, VersionId: page[i].version})
			}
		}
		if len(batch) > 0 {
			group.Go(func() error { return b.deletePage(inner, batch) })
		}
		return nil
	})
	if waited := group.Wait(); waited != nil {
		return waited
	}
	return err
}

func (b *objects) deletePage(ctx context.Context, batch []types.ObjectIdentifier) error {
	out, err := b.client.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: &b.bucket, Delete: &types.Delete{Objects: batch, Quiet: aws.Bool(true)}})
	if err != nil {
		return b.explain(err, "delete objects of bucket")
	}
	if len(out.Errors) > 0 {
		first := out.Errors[0]
		return fmt.Errorf("delete objects of bucket %s: %d stay, the first is %s: %s: %s",
			b.bucket, len(out.Errors), aws.ToString(first.Key), aws.ToString(first.Code), strings.TrimSpace(aws.ToString(first.Message)))
	}
	return nil
}

func (b *objects) delete(ctx context.Context) error {
	_, err := b.client.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: &b.bucket})
	if answer, ok := errors.AsType[smithy.APIError](err); ok && answer.ErrorCode() == "NoSuchBucket" {
		return nil
	}
	return b.explain(err, "delete bucket")
}
