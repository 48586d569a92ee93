package cleanup

import (
	"context"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"golang.org/x/sync/errgroup"

	"clickstream/internal/delivery"
)

// object is one object, version or delete marker.
type object struct {
	key     string
	version *string // nil where the bucket keeps no versions
	size    int64
	marker  bool // hides older versions, has no content
}

// kind is what an object is to the application.
type kind int

const (
	foreign  kind = iota // not the application's
	data                 // a batch of records
	claim                // says what follows a position
	rejected             // a record that its batch's format could not hold
	other                // a marker, or anything when all objects go
)

// rules tell the application's objects from others.
type rules struct {
	application string
	pattern     *regexp.Regexp // of the keys of data objects
	marked      bool           // the bucket's marker names the application and its stream
	shared      bool           // keys hold the application: others may use the bucket
	all         bool           // everything goes
}

// classify says of each object of a page what it is. An object that an earlier key template named, or that lies in a bucket without a
// marker, is known by its metadata, which is asked for; in a shared bucket that would not tell the applications apart, and it counts as
// foreign.
func (r *rules) classify(ctx context.Context, b *objects, page []object) ([]kind, error) {
	kinds := make([]kind, len(page))
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(16)
	for i, o := range page {
		kinds[i] = r.kind(o.key)
		if kinds[i] != foreign || r.shared || !delivery.IsData(o.key) {
			continue
		}
		group.Go(func() error {
			ours, err := b.hasOurMetadata(inner, o)
			if ours {
				kinds[i] = data
			}
			return err
		})
	}
	return kinds, group.Wait()
}

// kind says what a key alone tells.
func (r *rules) kind(key string) kind {
	ofApplication := func(prefix string) bool {
		return strings.HasPrefix(key, prefix) && (r.all || strings.HasPrefix(key, prefixOf(prefix, r.application)))
	}
	switch {
	case ofApplication(delivery.ClaimPrefix):
		return claim
	case ofApplication(delivery.ErrorPrefix):
		return rejected
	case key == delivery.OwnerKey && r.marked, key == delivery.ApplicationKey(r.application):
		return other
	case r.pattern.MatchString(key) && (r.marked || r.shared || r.all):
		return data // without a marker the key proves nothing: others name objects so too
	case r.all:
		return other
	}
	return foreign
}

// prefixOf is where an application's keys under a prefix begin.
func prefixOf(prefix, application string) string {
	key := delivery.ClaimKey(application, "", delivery.Position{})
	name, _, _ := strings.Cut(strings.TrimPrefix(key, delivery.ClaimPrefix), "/")
	return prefix + name + "/"
}

func (b *objects) hasOurMetadata(ctx context.Context, o object) (bool, error) {
	if o.marker {
		return false, nil
	}
	out, err := b.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &b.bucket, Key: &o.key, VersionId: o.version})
	if err != nil {
		return false, b.explain(err, "look at object "+o.key+" of bucket")
	}
	_, err = delivery.ParseMetadata(out.Metadata)
	return err == nil, nil
}

// pages calls f with up to 1,000 objects at a time.
func (b *objects) pages(ctx context.Context, f func([]object) error) error {
	if b.versioned {
		return b.versionPages(ctx, f)
	}
	pages := s3.NewListObjectsV2Paginator(b.client, &s3.ListObjectsV2Input{Bucket: &b.bucket})
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

func (b *objects) versionPages(ctx context.Context, f func([]object) error) error {
	pages := s3.NewListObjectVersionsPaginator(b.client, &s3.ListObjectVersionsInput{Bucket: &b.bucket})
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
			list = append(list, object{key: aws.ToString(o.Key), version: o.VersionId, marker: true})
		}
		if err := f(list); err != nil {
			return err
		}
	}
	return nil
}
