package consume

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"clickstream/internal/delivery"
)

func limited(f *fixture) *fixture {
	f.rules.maxHold, f.rules.maxSilence = holdLimit, silenceLimit
	return f
}

func TestBatchThatWaitsForADayIsNotClaimed(t *testing.T) {
	for name, test := range map[string]struct {
		away time.Duration
		want string
	}{"almost": {23 * time.Hour, ""}, "longer": {25 * time.Hour, errHeldTooLong.Error()}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := limited(newFixture(t, "a0", "a1", "a2"))
				f.over = &faulty{f.store, time.Now().Add(test.away), errors.New("connection refused")}
				w := f.start()
				_, err := w.Deliver(0)
				if (err == nil) != (test.want == "") {
					t.Errorf("answered with %v", err)
				}
				if err := w.Close(); err != nil != (test.want != "") || err != nil && !strings.Contains(err.Error(), test.want) {
					t.Errorf("ended with %v, want %q", err, test.want)
				}
				if test.want != "" && len(f.store.keys()) > 0 {
					t.Errorf("stored %v", f.store.keys())
				}
			})
		})
	}
}

func TestSilenceOfDaysEndsTheProcess(t *testing.T) {
	for name, test := range map[string]struct {
		silence time.Duration
		want    string
	}{"four days": {96 * time.Hour, ""}, "six days": {144 * time.Hour, errSilence.Error()}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := limited(newFixture(t))
				w := f.start()
				f.must(errOf(w.Deliver(0)))
				time.Sleep(test.silence)
				if _, err := w.Deliver(0); (err == nil) != (test.want == "") {
					t.Errorf("answered with %v", err)
				}
				if err := w.Close(); err != nil != (test.want != "") || err != nil && !strings.Contains(err.Error(), test.want) {
					t.Errorf("ended with %v, want %q", err, test.want)
				}
			})
		})
	}
}

func TestOldClaimIsRenewedByWhoFollowsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := limited(newFixture(t, "a0", "a1", "a2"))
		f.claim(delivery.Position{}, 0, 1)
		key := delivery.ClaimKey("app", testShard, delivery.Position{})
		for _, age := range []time.Duration{23 * time.Hour, 2 * time.Hour} {
			time.Sleep(age)
			before := f.store.objects[key].Stored
			w := f.start()
			f.must(errOf(w.Deliver(1)))
			f.must(w.RequestShutdown())
			f.must(w.Close())
			if renewed := f.store.objects[key].Stored.After(before); renewed != (age == 2*time.Hour) {
				t.Errorf("after %s: renewed is %v", age, renewed)
			}
		}
	})
}

func TestS3StoreRenewsWhatIsUnchanged(t *testing.T) {
	_, _, clients := serve(t, nil)
	if _, err := clients.S3.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("renew")}); err != nil {
		t.Fatal(err)
	}
	store := &s3Store{client: clients.S3, bucket: "renew"}
	if err := store.Create(t.Context(), StoredObject{Key: "k", Body: []byte("claim"), ContentType: "application/json"}); err != nil {
		t.Fatal(err)
	}
	o, err := store.Get(t.Context(), "k")
	if err != nil || o.Version == "" || o.Stored.IsZero() {
		t.Fatalf("%+v, %v", o, err)
	}
	if err := store.Renew(t.Context(), o); err != nil {
		t.Errorf("renewed: %v", err)
	}
	changed := o
	changed.Version = `"0123456789abcdef0123456789abcdef"`
	if err := store.Renew(t.Context(), changed); !errors.Is(err, ErrNotFound) {
		t.Errorf("of another version: %v", err)
	}
	if _, err := clients.S3.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String("renew"), Key: aws.String("k")}); err != nil {
		t.Fatal(err)
	}
	if err := store.Renew(t.Context(), o); !errors.Is(err, ErrNotFound) {
		t.Errorf("of nothing: %v", err)
	}
	if again, err := store.Get(t.Context(), "k"); !errors.Is(err, ErrNotFound) {
		t.Errorf("it is there again: %+v, %v", again, err)
	}
}
