package cleanup

import (
	"context"
	"errors"
	"fmt"

	"clickstream/internal/exit"
)

const foreignLimit = 10 // so many foreign objects are enough to refuse a bucket

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
	found, err := c.count(ctx, b, rules)
	if err != nil {
		return nil, err
	}
	if found.foreign > 0 && !rules.shared {
		return nil, exit.With(exit.Usage, fmt.Errorf("bucket %s has objects that application %s did not write, such as %s: nothing was deleted; "+
			"--all-objects deletes them too", name, c.Settings.ApplicationName, found.example))
	}
	if found.foreign == 0 && found.strange > 0 {
		rules.last = true
		found.others += found.strange
	}
	return c.bucketSteps(b, rules, found), nil
}

// count lists the bucket. Objects that are not the application's end the count where they are reason enough to refuse.
func (c *cleaner) count(ctx context.Context, b *objects, rules *rules) (*contents, error) {
	found := &contents{}
	shown := c.progress("counted", 0)
	defer shown.end()
	err := b.pages(ctx, "", func(page []object) error {
		kinds, err := rules.classify(ctx, b, page)
		if err != nil {
			return err
		}
		for i, kind := range kinds {
			found.add(page[i], kind, rules)
		}
		shown.add(int64(len(page)))
		if found.foreign >= foreignLimit && !rules.shared {
			return errEnough
		}
		return nil
	})
	if err == nil {
		err = b.uploads(ctx, func(key, _ string) error {
			if rules.kind(key) == foreign {
				found.foreign, found.example = found.foreign+1, key+", an unfinished upload"
			} else {
				found.uploads++
			}
			return nil
		})
	}
	if errors.Is(err, errEnough) {
		err = nil
	}
	return found, err
}

func (c *cleaner) bucketSteps(b *objects, rules *rules, found *contents) []step {
	detail := fmt.Sprintf("%d objects, %d claims, %d records that could not be stored, %d others; %d bytes",
		found.objects, found.claims, found.errors, found.others, found.bytes)
	if found.uploads > 0 {
		detail += fmt.Sprintf("; %d unfinished uploads", found.uploads)
	}
	if b.versioned {
		detail += "; counted with all their versions"
	}
	d := &emptying{objects: b, rules: rules, total: found.ours(), begin: func() *progress { return c.progress("deleted", found.ours()) }}
	switch {
	case found.foreign > 0:
		detail += "; the bucket stays, others keep objects in it"
	case !c.Settings.CreateBucketIfNotPresent:
		detail += "; the bucket stays, createBucketIfNotPresent is false"
	default:
		return []step{{name: "bucket " + b.bucket, detail: detail, left: d.left, delete: func(ctx context.Context) error {
			if err := d.run(ctx); err != nil {
				return err
			}
			return b.delete(ctx)
		}}}
	}
	if found.ours()+found.uploads == 0 {
		return nil
	}
	return []step{{name: "objects in bucket " + b.bucket, detail: detail, left: d.left, delete: d.run}}
}
