package consume

import (
	"context"
	"errors"
	"time"
)

// What a Store answers besides success. Every other error is a fault that may pass, unless awsclient.Permanent says otherwise.
var (
	// ErrExists: an object of that key is there already; nothing was changed.
	ErrExists = errors.New("the object exists already")
	// ErrNotFound: there is no object of that key.
	ErrNotFound = errors.New("no such object")
	// ErrTooLarge: the store takes no object of that size.
	ErrTooLarge = errors.New("the object is larger than the store takes")
)

// Store is where objects, claims and markers go: a bucket. Reads see every write that was acknowledged before they began.
type Store interface {
	// Create stores o unless something is stored under its key: ErrExists then. Of several callers at a time one wins.
	Create(ctx context.Context, o StoredObject) error
	// Get returns the object of a key, or ErrNotFound.
	Get(ctx context.Context, key string) (StoredObject, error)
	// Renew stores o, which Get has returned, once more, so that it counts as new. If it is not there as it was, that is ErrNotFound.
	Renew(ctx context.Context, o StoredObject) error
	// Head is Get without the body.
	Head(ctx context.Context, key string) (StoredObject, error)
}

// StoredObject is an object in a Store.
type StoredObject struct {
	Key         string
	ContentType string
	Metadata    map[string]string // names in lower case, values in ASCII
	Body        []byte
	SHA256      string    // of Body, in hexadecimal, for Create, where it is known
	Version     string    // what the store calls this state of it; set by Get
	Stored      time.Time // set by Get
}
