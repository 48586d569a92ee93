package cleanup

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"clickstream/internal/delivery"
	"clickstream/internal/exit"
)

// kind is what an object is to the application.
type kind int

const (
	foreign  kind = iota // not the application's
	data                 // a batch of records
	claim                // says what follows a position
	rejected             // a record that its batch's format could not hold
	marker               // says whose the bucket is
	other                // what doctor left behind, or anything when all objects go
)

// parallelLooks is how many objects' metadata is asked for at a time.
const parallelLooks = 16

// earlier matches the keys of every template that there can be, with the numbers that Kinesis gives: they have the shard's id and the
// sequence numbers of a batch's ends. In a bucket that is marked as the application's they are its own under an earlier template.
//
// Both are compiled when they are used first: every start of the program would wait for it.
//
//nolint:gochecknoglobals // made once
var earlier = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(.*\D)?shardId-\d{12}(\D.*)?$`) })

//nolint:gochecknoglobals // made once
var ends = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\d{50,60}(\.\d+)?\D.*?\d{50,60}`) })

// rules tell the application's objects from others: by their keys, as a bucket may hold a million.
type rules struct {
	application string
	pattern     *regexp.Regexp // of the keys of data objects
	marked      bool           // the bucket's marker names the application and its stream
	shared      bool           // keys hold the application: others may use the bucket
	all         bool           // everything goes
	last        bool           // of the applications that shared the bucket: its marker goes whomever it names
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
	case key == delivery.OwnerKey && (r.marked || r.last), key == delivery.ApplicationKey(r.application):
		return marker
	case r.data(key):
		return data
	case r.all, strings.HasPrefix(key, delivery.ProbePrefix):
		return other
	}
	return foreign
}

// data reports whether a key is that of a data object. Without a marker the key proves nothing: others name objects so too.
func (r *rules) data(key string) bool {
	switch {
	case r.pattern.MatchString(key):
		return r.marked || r.shared || r.all
	case r.marked && !r.shared && delivery.IsData(key):
		return earlier().MatchString(key) && ends().MatchString(key)
	}
	return false
}

// classify says of each object of a page what it is. One whose key tells nothing is known by its metadata, which is asked for; in a shared
// bucket that would not tell the applications apart, and it counts as foreign.
func (r *rules) classify(ctx context.Context, b *objects, page []object) ([]kind, error) {
	kinds := make([]kind, len(page))
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(parallelLooks)
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

// prefixOf is where an application's keys under a prefix begin.
func prefixOf(prefix, application string) string {
	key := delivery.ClaimKey(application, "", delivery.Position{})
	name, _, _ := strings.Cut(strings.TrimPrefix(key, delivery.ClaimPrefix), "/")
	return prefix + name + "/"
}

// errEnough ends a count that has seen what it was to see.
var errEnough = errors.New("enough was seen")

// contents counts what is in the bucket. Each version and each delete marker counts as what its key says.
type contents struct {
	objects, claims, errors, others int64 // others: markers, what doctor left, and with AllObjects whatever else there is
	uploads                         int64 // unfinished
	bytes                           int64
	foreign                         int64
	example                         string // a foreign key
	strange                         int64  // versions of a shared bucket's marker that names another application
}

func (n *contents) ours() int64 { return n.objects + n.claims + n.errors + n.others }

func (n *contents) add(o object, k kind, r *rules) {
	switch {
	case k == foreign && r.shared && o.key == delivery.OwnerKey:
		n.strange++
		return
	case k == foreign:
		n.foreign, n.example = n.foreign+1, o.key
		return
	}
	n.bytes += o.size
	switch k {
	case data:
		n.objects++
	case claim:
		n.claims++
	case rejected:
		n.errors++
	case foreign, marker, other:
		n.others++
	}
}
