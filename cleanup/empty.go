package cleanup

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sync/errgroup"

	"clickstream/internal/delivery"
	"clickstream/internal/pause"
)

const (
	parallelDeletes = 4 // DeleteObjects calls at a time, of up to 1,000 keys each
	keyAttempts     = 5 // at a key that S3 could not delete just then
	firstWait       = 200 * time.Millisecond
)

// emptying deletes the application's objects from a bucket. It holds as many keys as the calls under way have, however many objects there are.
type emptying struct {
	*objects
	rules *rules
	total int64 // that were counted
	begin func() *progress

	mutex   sync.Mutex
	gone    int64
	stay    int64       // that S3 would not delete
	example types.Error // of one of them
}

// run deletes claims, records and data, page by page and several at once, then unfinished uploads, and only at the end the markers: as long as
// something else is there, they say whose it is to a run that finishes what this one began.
func (d *emptying) run(ctx context.Context) error {
	shown := d.begin()
	defer shown.end()
	err := d.deleteKinds(ctx, "", shown, func(k kind) bool { return k != foreign && k != marker })
	if err == nil {
		err = d.abortUploads(ctx)
	}
	if err == nil {
		err = d.refused()
	}
	if err == nil {
		err = d.deleteKinds(ctx, delivery.OwnerPrefix, shown, func(k kind) bool { return k == marker })
	}
	if err == nil {
		err = d.refused()
	}
	if answers(err, "NoSuchBucket") {
		return nil // somebody else was faster
	}
	return err
}

// refused is the error that names what S3 would not delete.
func (d *emptying) refused() error {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if d.stay == 0 {
		return nil
	}
	return fmt.Errorf("delete objects of bucket %s: %d stay, such as %s: %s: %s", d.bucket, d.stay,
		aws.ToString(d.example.Key), aws.ToString(d.example.Code), strings.TrimSpace(aws.ToString(d.example.Message)))
}

// left says how far it came.
func (d *emptying) left() string {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	return fmt.Sprintf("%d of %d objects are gone, %d are left", d.gone, d.total, max(d.total-d.gone, 0))
}

func (d *emptying) deleteKinds(ctx context.Context, prefix string, shown *progress, wanted func(kind) bool) error {
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(parallelDeletes)
	err := d.pages(inner, prefix, func(page []object) error {
		kinds, err := d.rules.classify(inner, d.objects, page)
		if err != nil {
			return err
		}
		var batch []types.ObjectIdentifier
		for i, kind := range kinds {
			if wanted(kind) {
				batch = append(batch, types.ObjectIdentifier{Key: &page[i].key, VersionId: page[i].version})
			}
		}
		if len(batch) > 0 {
			group.Go(func() error { return d.deleteBatch(inner, batch, shown) })
		}
		return nil
	})
	if waited := group.Wait(); waited != nil {
		return waited
	}
	return err
}

// deleteBatch deletes up to 1,000 objects. Those that S3 could not delete just then it tries again; those that it would not, it counts.
func (d *emptying) deleteBatch(ctx context.Context, batch []types.ObjectIdentifier, shown *progress) error {
	for wait, attempt := firstWait, 1; ; attempt++ {
		out, err := d.client.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: &d.bucket, Delete: &types.Delete{Objects: batch, Quiet: aws.Bool(true)}})
		if err != nil {
			return d.explain(err, "delete objects of bucket")
		}
		var again []types.ObjectIdentifier
		for _, problem := range out.Errors {
			if passes(aws.ToString(problem.Code)) && attempt < keyAttempts {
				again = append(again, types.ObjectIdentifier{Key: problem.Key, VersionId: problem.VersionId})
			} else {
				d.refuse(problem)
			}
		}
		gone := int64(len(batch) - len(out.Errors))
		d.mutex.Lock()
		d.gone += gone
		d.mutex.Unlock()
		shown.add(gone)
		if len(again) == 0 {
			return nil
		}
		if err := pause.For(ctx, wait); err != nil {
			return err
		}
		batch, wait = again, 2*wait
	}
}

// passes reports whether a key's error is one of a moment.
func passes(code string) bool {
	switch code {
	case "InternalError", "SlowDown", "ServiceUnavailable", "RequestTimeout", "OperationAborted", "Throttling":
		return true
	}
	return false
}

func (d *emptying) refuse(problem types.Error) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if d.stay++; d.stay == 1 {
		d.example = problem
	}
}

// abortUploads ends the application's unfinished uploads. One that cannot be ended does not keep the others.
func (d *emptying) abortUploads(ctx context.Context) error {
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(parallelLooks)
	var mutex sync.Mutex
	var failures []error
	err := d.uploads(inner, func(key, id string) error {
		if d.rules.kind(key) == foreign {
			return nil
		}
		group.Go(func() error {
			if err := d.abort(inner, key, id); err != nil {
				mutex.Lock()
				defer mutex.Unlock()
				failures = append(failures, err)
			}
			return nil
		})
		return nil
	})
	_ = group.Wait() // its functions return no error
	if len(failures) > foreignLimit {
		failures = append(failures[:foreignLimit], fmt.Errorf("and %d more", len(failures)-foreignLimit))
	}
	return errors.Join(append(failures, err)...)
}
