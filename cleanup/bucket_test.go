package cleanup_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"clickstream/cleanup"
	"clickstream/internal/delivery"
	"clickstream/internal/exit"
)

// sequence is a number as Kinesis gives them.
func sequence(n int) string {
	return fmt.Sprintf("49590338271490256608559692538361571095921575989136588%03d", n)
}

func (w *world) upload(key string) {
	w.t.Helper()
	_, err := w.clients.S3.CreateMultipartUpload(w.t.Context(), &s3.CreateMultipartUploadInput{Bucket: aws.String("objects"), Key: &key})
	w.must(err)
}

// TestMillionsAreNotAskedOneByOne has objects of this template and of an earlier one: their keys tell enough.
func TestMillionsAreNotAskedOneByOne(t *testing.T) {
	w := newWorld(t, nil)
	w.bucket("app")
	for i := range 1500 {
		w.fast(fmt.Sprintf("shardId-000000000001/%d-%d", i, i))
		w.fast(fmt.Sprintf("clicks/year=2026/shardId-000000000001_%s-%s.jsonl", sequence(i%1000), sequence(i/1000)))
	}
	f := w.ahead(nil)
	out, err := w.cleanup(cleanup.Config{Yes: true})
	if err != nil || w.left() != "||" || !strings.Contains(out, "3000 objects") {
		t.Errorf("left %s, %v:\n%s", w.left(), err, out)
	}
	if n := f.count("HeadObject"); n != 0 {
		t.Errorf("%d objects were asked for their metadata", n)
	}
	if n := f.count("DeleteObjects"); n > 5 {
		t.Errorf("%d calls for 3,001 objects", n)
	}
}

func TestKeysThatProveNothing(t *testing.T) {
	for name, key := range map[string]string{
		"no shard":         "clicks/" + sequence(1) + "-" + sequence(2),
		"one number":       "shardId-000000000000/" + sequence(1),
		"short numbers":    "old/shardId-000000000000/10-12.gz",
		"a shard too long": "shardId-0000000000001/" + sequence(1) + "-" + sequence(2) + "/x",
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, map[string]string{"keyTemplate": "a/{shardId}/{first}-{last}"})
			w.bucket("app")
			w.put(key, nil)
			if _, err := w.cleanup(cleanup.Config{Yes: true}); exit.Code(err) != exit.Usage || !strings.Contains(err.Error(), "such as "+key) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestUnfinishedUploads(t *testing.T) {
	w := newWorld(t, map[string]string{"createBucketIfNotPresent": "false"})
	w.bucket("app")
	for i := range 30 {
		w.upload(fmt.Sprintf("shardId-000000000000/%d-%d", i, i))
	}
	out, err := w.cleanup(cleanup.Config{Yes: true})
	if err != nil || !strings.Contains(out, "; 30 unfinished uploads; the bucket stays") {
		t.Fatalf("%v:\n%s", err, out)
	}
	uploads, err := w.clients.S3.ListMultipartUploads(t.Context(), &s3.ListMultipartUploadsInput{Bucket: aws.String("objects")})
	w.must(err)
	if n := len(uploads.Uploads); n != 0 {
		t.Errorf("%d uploads are left", n)
	}
	w.bucket("app")
	w.upload("holiday.mp4")
	if _, err := w.cleanup(cleanup.Config{Yes: true}); exit.Code(err) != exit.Usage || !strings.Contains(err.Error(), "such as holiday.mp4, an unfinished upload") {
		t.Errorf("another's upload: %v", err)
	}
}

func TestTheLastApplicationTakesTheBucket(t *testing.T) {
	w := newWorld(t, map[string]string{"keyTemplate": "{application}/{shardId}/{first}-{last}"})
	w.bucket("other") // which has gone but for the marker
	w.object("app/shardId-000000000000/10-12")
	w.put(delivery.ProbePrefix+"x", nil)
	if out, err := w.cleanup(cleanup.Config{Yes: true}); err != nil || w.left() != "||" {
		t.Errorf("left %s, %v:\n%s", w.left(), err, out)
	}
}

func TestKeysThatFail(t *testing.T) {
	w := newWorld(t, nil)
	w.bucket("app")
	for i := range 20 {
		w.put(fmt.Sprintf("shardId-000000000000/%d-%d", i, i), nil)
	}
	forbidden := "shardId-000000000000/7-7"
	busy := 3
	w.ahead(func(operation string, rw http.ResponseWriter, r *http.Request) bool {
		if operation != "DeleteObjects" || busy < 0 {
			return false
		}
		if busy--; busy >= 0 { // all are refused for the moment
			refuse(rw, "InternalError", take(t, r, func(string) bool { return true }))
			return true
		}
		busy = 0
		refused := take(t, r, func(key string) bool { return key == forbidden })
		if len(refused) == 0 {
			return false
		}
		// The rest goes, the answer is about the one that does not.
		w.emulator.Handler().ServeHTTP(&discard{}, r)
		refuse(rw, "AccessDenied", refused)
		return true
	})
	out, err := w.cleanup(cleanup.Config{Yes: true})
	if exit.Code(err) != exit.Failed || !strings.Contains(out, "failed: delete objects of bucket objects: 1 stay, such as "+forbidden+": AccessDenied: not now") {
		t.Errorf("%v:\n%s", err, out)
	}
	// The marker stays too: it says whose the rest is.
	if got := strings.Join(w.emulator.S3().Keys("objects"), " "); got != delivery.OwnerKey+" "+forbidden {
		t.Errorf("left: %s", got)
	}
	busy = -1
	if out, err := w.cleanup(cleanup.Config{Yes: true}); err != nil || w.left() != "||" {
		t.Errorf("the second time: left %s, %v:\n%s", w.left(), err, out)
	}
}

// discard is an answer that nobody reads.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header {
	if d.header == nil {
		d.header = http.Header{}
	}
	return d.header
}

func (d *discard) Write(p []byte) (int, error) { return len(p), nil }

func (d *discard) WriteHeader(int) {}

// hang holds a call until its client is gone, which a server notices only behind the body.
func hang(r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

func TestStoppedHalfWay(t *testing.T) {
	w := newWorld(t, nil)
	w.run()
	for i := range 2500 {
		w.fast(fmt.Sprintf("shardId-000000000000/%d-%d", i+100, i))
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	ended := errors.New("Ctrl-C")
	w.ahead(func(operation string, _ http.ResponseWriter, r *http.Request) bool {
		if operation == "DeleteObjects" && len(w.emulator.S3().Keys("objects")) < 2000 {
			cancel(ended)
			hang(r)
			return true
		}
		return false
	})
	var out strings.Builder
	err := cleanup.Run(ctx, cleanup.Config{Settings: w.settings, Out: &out, Yes: true})
	if !errors.Is(err, ended) {
		t.Fatalf("%v:\n%s", err, out.String())
	}
	for _, want := range []string{"deleted stream clicks\n", "deleted table app\n", "stopped: bucket objects: ", " of 2505 objects are gone, ", " are left\n", "run it again to finish\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it did not say %q:\n%s", want, out.String())
		}
	}
	w.ahead(nil)
	if out, err := w.cleanup(cleanup.Config{Yes: true}); err != nil || w.left() != "||" {
		t.Errorf("run again: left %s, %v:\n%s", w.left(), err, out)
	}
}

func TestStoppedBeforeTheBucket(t *testing.T) {
	w := newWorld(t, nil)
	w.run()
	ctx, cancel := context.WithCancelCause(t.Context())
	w.ahead(func(_ string, _ http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".DeleteTable") {
			cancel(errors.New("Ctrl-C"))
			hang(r)
			return true
		}
		return false
	})
	var out strings.Builder
	err := cleanup.Run(ctx, cleanup.Config{Settings: w.settings, Out: &out, Yes: true})
	for _, want := range []string{"deleted stream clicks\n", "stopped: table app: may be gone or not\n", "still there: table app-CoordinatorState\n", "still there: bucket objects\n"} {
		if err == nil || !strings.Contains(out.String(), want) {
			t.Errorf("%v, it did not say %q:\n%s", err, want, out.String())
		}
	}
}

func TestWrittenToWhileItIsEmptied(t *testing.T) {
	w := newWorld(t, nil)
	w.bucket("app")
	w.object("shardId-000000000000/10-12")
	w.ahead(func(operation string, _ http.ResponseWriter, _ *http.Request) bool {
		if operation == "DeleteBucket" {
			w.object("shardId-000000000000/13-15")
		}
		return false
	})
	out, err := w.cleanup(cleanup.Config{Yes: true})
	if exit.Code(err) != exit.Failed || !strings.Contains(out, "something was written to it while it was emptied: stop the daemon") {
		t.Errorf("%v:\n%s", err, out)
	}
}
