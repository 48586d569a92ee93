package consume

import (
	"context"
	"errors"
	"fmt"

	"github.com/sirupsen/logrus"

	"clickstream/internal/delivery"
	"clickstream/internal/exit"
)

// own makes sure that the store is this application's and stream's, or nobody's: then it becomes theirs. Keys that hold the application
// may lie beside those of others. On the way it finds out whether the store refuses to replace objects, without which the promise is only
// that of at least one object for each record; it says so then. It reports whether the store was nobody's before.
func own(ctx context.Context, store Store, rules *rules, log *logrus.Entry) (first bool, err error) {
	ours := delivery.Owner{Application: rules.application, Stream: rules.stream}
	theirs, there, first, err := mark(ctx, store, delivery.OwnerKey, ours)
	if err != nil {
		return false, err
	}
	if err := mayStore(ours, theirs, delivery.OwnerKey, rules.template.Separates()); err != nil {
		return false, err
	}
	if rules.template.Separates() {
		key := delivery.ApplicationKey(ours.Application)
		known, _, _, err := mark(ctx, store, key, ours)
		if err != nil {
			return false, err
		}
		if err := mayStore(ours, known, key, true); err != nil {
			return false, err
		}
	}
	err = store.Create(ctx, there)
	if err == nil {
		log.Warn("the store replaces objects although told not to (If-None-Match): each record comes into at least one object, after a crash or a lost lease perhaps into two")
	} else if !errors.Is(err, ErrExists) {
		return false, err
	}
	return first, nil
}

// mark creates a marker that names ours unless there is one, and returns whom it names. first says that there was none.
func mark(ctx context.Context, store Store, key string, ours delivery.Owner) (theirs delivery.Owner, there StoredObject, first bool, err error) {
	there, err = store.Get(ctx, key)
	if errors.Is(err, ErrNotFound) {
		first = true
		err = store.Create(ctx, StoredObject{Key: key, ContentType: "application/json", Body: ours.Encode()})
		if err == nil || errors.Is(err, ErrExists) {
			there, err = store.Get(ctx, key)
		}
	}
	if err != nil {
		return delivery.Owner{}, StoredObject{}, false, err
	}
	if theirs, err = delivery.ParseOwner(key, there.Body); err != nil {
		return delivery.Owner{}, StoredObject{}, false, exit.With(exit.Usage, err)
	}
	return theirs, there, first, nil
}

// mayStore returns why ours may not store beside what the marker key says. An application has one stream in a bucket, whatever its keys:
// its claims of two streams' shards of the same name would be taken for each other.
func mayStore(ours, theirs delivery.Owner, key string, separate bool) error {
	switch {
	case theirs == ours || separate && theirs.Application != ours.Application:
		return nil
	case theirs.Application == ours.Application:
		return exit.With(exit.Usage, fmt.Errorf(
			"application %s keeps stream %s in this bucket (its marker %s says so), so it cannot keep stream %s there: "+
				"use another applicationName or another bucket", theirs.Application, theirs.Stream, key, ours.Stream))
	default:
		return exit.With(exit.Usage, fmt.Errorf(
			"the bucket belongs to application %s and stream %s (its marker %s says so), not to application %s and stream %s: "+
				"use another bucket, or a keyTemplate with {application}",
			theirs.Application, theirs.Stream, key, ours.Application, ours.Stream))
	}
}
