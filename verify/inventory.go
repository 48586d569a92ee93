package verify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"golang.org/x/sync/errgroup"

	"clickstream/internal/awsclient"
	"clickstream/internal/delivery"
)

const (
	parallelReads = 8 // objects that are read at a time; each takes some hundred kilobytes of memory
	readAttempts  = 3 // of an object whose connection breaks
)

// object is a data object whose body was read.
type object struct {
	delivery.ObjectMetadata
	key     string // where it lies; Key is where it was stored
	size    int64
	problem string // what is wrong with its body, "" if nothing
	found   int    // records in the body, as far as it can be read

	// diffed says that the object was compared with the stream record by record; missing and twice are what that found.
	diffed         bool
	missing, twice int64
}

// stranger is an object without our metadata.
type stranger struct {
	key string
	sum string // delivery.ContentSum of the body as it lies there
}

// inventory is what lies in the bucket. Its size grows with the objects, not with the records.
type inventory struct {
	objects   map[string][]*object           // by shard
	claims    map[string]delivery.Position   // by shard, the first position that a claim is filed under
	errors    map[string][]delivery.Position // by shard, the positions of rejected records, in order
	strangers []stranger                     // among keys that may be ours
	others    int                            // objects of nobody we know
	example   string                         // one of the others
	contents  map[string]*object             // by delivery.ContentOf(Digest)
}

// bucket reads one bucket for one application.
type bucket struct {
	client      *s3.Client
	name        string
	application string
	pattern     *regexp.Regexp // of the application's data objects
	shared      bool           // others may keep objects in the bucket: only what matches pattern is ours

	mutex sync.Mutex
	found inventory
}

// read lists the bucket and reads every data object's body, several at a time.
func (b *bucket) read(ctx context.Context) (*inventory, error) {
	b.found = inventory{
		objects: map[string][]*object{}, claims: map[string]delivery.Position{}, errors: map[string][]delivery.Position{},
		contents: map[string]*object{},
	}
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(parallelReads)
	listing := b.list(inner, group)
	if err := errors.Join(listing, group.Wait()); err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, err
	}
	for _, positions := range b.found.errors {
		slices.SortFunc(positions, delivery.Position.Compare)
	}
	return &b.found, nil
}

func (b *bucket) list(ctx context.Context, group *errgroup.Group) error {
	pages := s3.NewListObjectsV2Paginator(b.client, &s3.ListObjectsV2Input{Bucket: &b.name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return awsclient.Explain(err, "list bucket "+b.name)
		}
		for _, o := range page.Contents {
			key, size := aws.ToString(o.Key), aws.ToInt64(o.Size)
			switch {
			case !delivery.IsData(key):
				b.note(key)
			case b.shared && !b.pattern.MatchString(key):
				// another application's
			default:
				group.Go(func() error { return b.object(ctx, key, size) })
			}
		}
	}
	return nil
}

// note keeps what the key of a claim or of a rejected record says.
func (b *bucket) note(key string) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	switch {
	case strings.HasPrefix(key, delivery.ClaimPrefix):
		application, shard, p, err := delivery.ParseClaimKey(key)
		if err != nil || application != b.application {
			return
		}
		if first, ok := b.found.claims[shard]; !ok || p.Compare(first) < 0 {
			b.found.claims[shard] = p
		}
	case strings.HasPrefix(key, delivery.ErrorPrefix):
		application, shard, p, err := delivery.ParseErrorKey(key)
		if err == nil && application == b.application {
			b.found.errors[shard] = append(b.found.errors[shard], p)
		}
	}
}

// object reads one object and files it.
func (b *bucket) object(ctx context.Context, key string, size int64) error {
	var err error
	for range readAttempts {
		var retry bool
		if retry, err = b.readObject(ctx, key, size); err == nil || !retry || ctx.Err() != nil {
			break
		}
	}
	if err != nil {
		return awsclient.Explain(err, "read object "+key+" of bucket "+b.name)
	}
	return nil
}

func (b *bucket) readObject(ctx context.Context, key string, size int64) (retry bool, err error) {
	out, err := b.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.name, Key: &key})
	if err != nil {
		return false, err // the SDK has tried again
	}
	defer func() { _ = out.Body.Close() }()
	body := &source{r: out.Body}
	metadata, err := delivery.ParseMetadata(out.Metadata)
	if err != nil || metadata.First.Compare(metadata.End) > 0 {
		return true, b.stranger(key, body)
	}
	o := &object{ObjectMetadata: metadata, key: key, size: size}
	o.problem = o.check(body)
	if body.err != nil {
		return true, body.err
	}
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.found.objects[o.ShardID] = append(b.found.objects[o.ShardID], o)
	if o.Key == o.key {
		b.found.contents[delivery.ContentOf(o.Digest)] = o
	}
	return false, nil
}

// check reads the body and says what is wrong with it, as the end of a sentence about the object.
func (o *object) check(body io.Reader) string {
	r, err := newRecordReader(o.Format, o.Compression, body)
	if err != nil {
		return fmt.Sprintf("is not whole %s (%v)", o.Compression, err)
	}
	defer r.close()
	content, err := r.drain()
	o.found = r.count
	switch {
	case errors.Is(err, errCut):
		return fmt.Sprintf("is cut short: it ends inside a record, behind %d of %d", o.found, o.Records)
	case err != nil:
		return fmt.Sprintf("is not whole %s (%v), it can be read up to record %d of %d", o.Compression, err, o.found, o.Records)
	case o.found != o.Records:
		return fmt.Sprintf("holds %d records where %d were stored", o.found, o.Records)
	case content != delivery.ContentOf(o.Digest):
		return "holds other bytes than were stored: its digest does not fit"
	}
	return ""
}

// stranger files an object that has no metadata of ours: a copy may have lost it.
func (b *bucket) stranger(key string, body *source) error {
	r, err := newRecordReader(delivery.FormatJSONL, delivery.CompressionNone, body)
	if err != nil {
		return err
	}
	sum, _ := r.drain()
	if body.err != nil {
		return body.err
	}
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.found.strangers = append(b.found.strangers, stranger{key, sum})
	return nil
}

// claim reads what was claimed to follow a position; nil if there is no such claim.
func (b *bucket) claim(ctx context.Context, shard string, after delivery.Position) (*delivery.Claim, error) {
	key := delivery.ClaimKey(b.application, shard, after)
	out, err := b.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.name, Key: &key})
	if missing(err) {
		return nil, nil //nolint:nilnil // no claim is an answer, not a failure
	}
	if err != nil {
		return nil, awsclient.Explain(err, "read "+key+" of bucket "+b.name)
	}
	defer func() { _ = out.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(out.Body, 1<<20))
	if err != nil {
		return nil, awsclient.Explain(err, "read "+key+" of bucket "+b.name)
	}
	claim, err := delivery.ParseClaim(text)
	if err != nil || claim.First.Compare(after) <= 0 {
		return nil, nil //nolint:nilnil // a claim that cannot be understood names no object
	}
	return &claim, nil
}

// maxOwner is how many bytes of a marker are read.
const maxOwner = 4096

// owner reads the marker that says whose the bucket is; nil if there is none that can be understood.
func (b *bucket) owner(ctx context.Context) (*delivery.Owner, error) {
	out, err := b.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.name, Key: aws.String(delivery.OwnerKey)})
	if missing(err) {
		return nil, nil //nolint:nilnil // no marker is an answer, not a failure
	}
	if err != nil {
		return nil, awsclient.Explain(err, "read the marker of bucket "+b.name)
	}
	defer func() { _ = out.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(out.Body, maxOwner))
	if err != nil {
		return nil, awsclient.Explain(err, "read the marker of bucket "+b.name)
	}
	owner, err := delivery.ParseOwner(delivery.OwnerKey, text)
	if err != nil {
		return nil, nil //nolint:nilnil // the objects say enough about themselves
	}
	return &owner, nil
}

// source remembers how the connection failed, to tell that from a body that is wrong in itself.
type source struct {
	r   io.Reader
	err error
}

// Read reads from the connection.
func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}
