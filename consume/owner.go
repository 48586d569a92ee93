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
// or the stream may lie beside those of others. On the way it finds out whether the store refuses to replace objects, without which the
// promise is only that of at least one object for each record; it says so then. It reports whether the store was nobody's before.
func own(ctx context.Context, store Store, rules *rules, log *logrus.Entry) (first bool, err error) {
	ours := delivery.Owner{Application: rules.application, Stream: rules.stream}
	marker := StoredObject{Key: delivery.OwnerKey, ContentType: "application/json", Body: ours.Encode()}
	there, err := store.Get(ctx, marker.Key)
	if errors.Is(err, ErrNotFound) {
		first = true
		if err = store.Create(ctx, marker); err == nil || errors.Is(err, ErrExists) {
			there, err = store.Get(ctx, marker.Key)
		}
	}
	if err != nil {
		return false, err
	}
	theirs, err := delivery.ParseOwner(there.Body)
	if err != nil {
		return false, exit.With(exit.Usage, err)
	}
	if theirs != ours && !rules.template.Separates() {
		return false, exit.With(exit.Usage, fmt.Errorf(
			"the bucket belongs to application %s and stream %s (its marker %s says so), not to application %s and stream %s: "+
				"use another bucket, or a keyTemplate with {application} or {stream}",
			theirs.Application, theirs.Stream, delivery.OwnerKey, ours.Application, ours.Stream))
	}
	err = store.Create(ctx, there)
	if err == nil {
		log.Warn("the store replaces objects although told not to (If-None-Match): each record comes into at least one object, after a crash or a lost lease perhaps into two")
	} else if !errors.Is(err, ErrExists) {
		return false, err
	}
	return first, nil
}
