package s3

import (
	"maps"
	"sync"
	"time"

	"clickstream/emulator/internal/clock"
	"clickstream/emulator/internal/journal"
	"clickstream/emulator/internal/memory"
)

// bucket is one bucket: its objects, its unfinished uploads, and the
// configuration documents that clients have put there.
type bucket struct {
	name    string
	account string
	region  string
	created time.Time
	clock   *clock.Clock
	journal *journal.Part  // nil where nothing is kept
	memory  *memory.Budget // of objects; nil where nobody counts

	mu        sync.RWMutex // guards everything below
	gone      bool         // deleted; whoever still holds the bucket finds nothing
	objects   index
	uploads   map[string]*upload
	documents map[string][]byte // by sub-resource: lifecycle, policy …
}

func newBucket(name, account, region string, at *clock.Clock) *bucket {
	return &bucket{
		name: name, account: account, region: region, created: toSecond(at.Now()), clock: at,
		uploads:   map[string]*upload{},
		documents: defaultDocuments(),
	}
}

// get gives the object under key, nil when there is none.
func (b *bucket) get(key string) *object {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.objects.get(key)
}

// mustGet is get with errNoSuchKey.
func (b *bucket) mustGet(key string) (*object, error) {
	o := b.get(key)
	if o == nil {
		return nil, errNoSuchKey.with("Key", key)
	}
	return o, nil
}

// put files an object if the condition holds. Looking and filing are one step,
// so that of many writers who ask for an empty place exactly one gets it.
func (b *bucket) put(o *object, c writeCondition) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.putLocked(o, c, "")
}

// putLocked files the object that an upload has become, unless upload is "".
func (b *bucket) putLocked(o *object, c writeCondition, upload string) error {
	if b.gone {
		return errNoSuchBucket.with("BucketName", b.name)
	}
	if err := c.check(b.objects.get(o.key), o.key); err != nil {
		return err
	}
	o.stored = b.clock.Now()
	return b.file(o, upload)
}

// remove deletes what is under key if the condition holds. Nothing there is no
// error.
func (b *bucket) remove(key string, c writeCondition) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	o := b.objects.get(key)
	if err := c.check(o, key); err != nil || o == nil {
		return err
	}
	err := b.admit(0, o.held(), func() error { return b.append(entryRemoved, keptName{b.name, key}, nil) })
	if err == nil {
		b.objects.remove(key)
	}
	return err
}

// retag gives the object under key other tags.
func (b *bucket) retag(key string, tags []field) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	o := b.objects.get(key)
	if o == nil {
		return errNoSuchKey.with("Key", key)
	}
	tagged := *o
	tagged.tags = tags
	err := b.admit(tagged.held(), o.held(), func() error {
		return b.append(entryTagged, keptObject{Bucket: b.name, Key: key, Tags: keepFields(tags)}, nil)
	})
	if err == nil {
		b.objects.put(&tagged)
	}
	return err
}

// document gives the configuration document of a sub-resource, nil when there
// is none.
func (b *bucket) document(name string) []byte {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.documents[name]
}

// setDocument keeps a document; nil removes it.
func (b *bucket) setDocument(name string, text []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	changed := maps.Clone(b.documents)
	if changed[name] = text; text == nil {
		delete(changed, name)
	}
	kept := b.keep()
	kept.Documents = changed
	err := b.admit(0, 0, func() error { return b.append(entryBucket, kept, nil) })
	if err == nil {
		b.documents = changed
	}
	return err
}

// writeCondition is what a writer demands of the object that it replaces or
// deletes.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html
type writeCondition struct {
	absent bool   // If-None-Match: *
	etag   string // If-Match; "" demands nothing
}

func (c writeCondition) check(o *object, key string) error {
	switch {
	case c.absent && o != nil:
		return errPreconditionFailed.with("Condition", "If-None-Match")
	case c.etag == "":
		return nil
	case o == nil:
		return errNoSuchKey.with("Key", key)
	case !sameETag(c.etag, o.etag):
		return errPreconditionFailed.with("Condition", "If-Match")
	}
	return nil
}
