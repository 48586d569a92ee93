package cleanup_test

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"clickstream/cleanup"
	"clickstream/internal/delivery"
	"clickstream/internal/exit"
)

// versioned is a bucket that keeps versions, which the emulator's do not: its listings come in small pages.
type versioned struct {
	mutex sync.Mutex
	kept  []keptVersion // in the order of a listing: by key, the newest first
	gone  bool
}

type keptVersion struct {
	Key, VersionId string //nolint:revive // the name on the wire
	hides          bool
}

const versionPage = 7

func (v *versioned) add(key string, id int, hides bool) {
	v.kept = append(v.kept, keptVersion{key, fmt.Sprintf("v%03d", id), hides})
	slices.SortStableFunc(v.kept, func(a, b keptVersion) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(b.VersionId, a.VersionId))
	})
}

// answer answers what cleanup asks of a bucket.
func (v *versioned) answer(operation string, rw http.ResponseWriter, r *http.Request) bool {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	switch operation {
	case "HeadBucket", "ListMultipartUploads":
		if v.gone {
			rw.WriteHeader(http.StatusNotFound)
			return true
		}
		_, _ = io.WriteString(rw, `<ListMultipartUploadsResult></ListMultipartUploadsResult>`)
	case "GetBucketVersioning":
		_, _ = io.WriteString(rw, `<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>`)
	case "GetObject":
		return v.owner(rw, r)
	case "ListObjectVersions":
		v.list(rw, r)
	case "DeleteBucket":
		if len(v.kept) > 0 {
			rw.WriteHeader(http.StatusConflict)
			_, _ = io.WriteString(rw, `<Error><Code>BucketNotEmpty</Code></Error>`)
			return true
		}
		v.gone = true
		rw.WriteHeader(http.StatusNoContent)
	default:
		return false
	}
	return true
}

// owner is the newest version of the marker, or 404 where that is hidden or gone.
func (v *versioned) owner(rw http.ResponseWriter, r *http.Request) bool {
	key := strings.TrimPrefix(r.URL.Path, "/objects/")
	i := slices.IndexFunc(v.kept, func(k keptVersion) bool { return k.Key == key })
	if i < 0 || v.kept[i].hides {
		rw.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(rw, `<Error><Code>NoSuchKey</Code></Error>`)
		return true
	}
	_, _ = rw.Write(delivery.Owner{Application: "app", Stream: "clicks"}.Encode())
	return true
}

func (v *versioned) list(rw http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	after, id := query.Get("key-marker"), query.Get("version-id-marker")
	var page struct {
		XMLName             xml.Name `xml:"ListVersionsResult"`
		IsTruncated         bool
		NextKeyMarker       string        `xml:",omitempty"`
		NextVersionIdMarker string        `xml:",omitempty"` //nolint:revive // the name on the wire
		Version             []keptVersion `xml:",omitempty"`
		DeleteMarker        []keptVersion `xml:",omitempty"`
	}
	for _, k := range v.kept {
		before := k.Key < after || k.Key == after && (id == "" || k.VersionId >= id)
		if before && after != "" || !strings.HasPrefix(k.Key, query.Get("prefix")) {
			continue
		}
		if len(page.Version)+len(page.DeleteMarker) == versionPage {
			page.IsTruncated = true
			break
		}
		page.NextKeyMarker, page.NextVersionIdMarker = k.Key, k.VersionId
		if k.hides {
			page.DeleteMarker = append(page.DeleteMarker, k)
		} else {
			page.Version = append(page.Version, k)
		}
	}
	if !page.IsTruncated {
		page.NextKeyMarker, page.NextVersionIdMarker = "", ""
	}
	_ = xml.NewEncoder(rw).Encode(page)
}

// remove deletes the versions that a DeleteObjects call names, and returns how many are left.
func (v *versioned) remove(t *testing.T, rw http.ResponseWriter, r *http.Request) int {
	t.Helper()
	body, err := io.ReadAll(r.Body)
	v.mutex.Lock()
	defer v.mutex.Unlock()
	if err != nil {
		return len(v.kept) // a call beside it has failed, so that this one is given up
	}
	var all deletion
	if err := xml.Unmarshal(body, &all); err != nil {
		t.Error(err)
	}
	for _, o := range all.Object {
		v.kept = slices.DeleteFunc(v.kept, func(k keptVersion) bool { return k.Key == o.Key && k.VersionId == o.Version })
	}
	_, _ = io.WriteString(rw, `<DeleteResult></DeleteResult>`)
	return len(v.kept)
}

func newVersioned() *versioned {
	v := &versioned{}
	for i := range 40 {
		key := fmt.Sprintf("shardId-000000000000/%d-%d", i, i)
		v.add(key, 1, false)
		v.add(key, 2, i%2 == 0)
		v.add(delivery.ClaimKey("app", "shardId-000000000000", delivery.Position{Sequence: fmt.Sprint(i)}), 1, false)
	}
	v.add(delivery.OwnerKey, 1, false)
	v.add(delivery.OwnerKey, 2, false)
	return v
}

// TestVersions deletes every version and every delete marker of a bucket, those of its marker at the end.
func TestVersions(t *testing.T) {
	w := newWorld(t, nil)
	v := newVersioned()
	var stop atomic.Bool // calls come side by side
	w.ahead(func(operation string, rw http.ResponseWriter, r *http.Request) bool {
		if operation != "DeleteObjects" {
			return v.answer(operation, rw, r)
		}
		if stop.Load() {
			rw.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(rw, `<Error><Code>AccessDenied</Code></Error>`)
			return true
		}
		if v.remove(t, rw, r) < 100 {
			stop.Store(true)
		}
		return true
	})
	out, err := w.cleanup(cleanup.Config{Yes: true})
	if exit.Code(err) != exit.Failed || !strings.Contains(out, "80 objects, 40 claims, 0 records that could not be stored, 2 others; 0 bytes; counted with all their versions") {
		t.Fatalf("%v:\n%s", err, out)
	}
	w.ahead(func(operation string, rw http.ResponseWriter, r *http.Request) bool {
		if operation == "DeleteObjects" {
			_ = v.remove(t, rw, r)
			return true
		}
		return v.answer(operation, rw, r)
	})
	if out, err := w.cleanup(cleanup.Config{Yes: true}); err != nil || !v.gone || len(v.kept) != 0 {
		t.Errorf("%v, %d versions are left:\n%s", err, len(v.kept), out)
	}
	if out, err := w.cleanup(cleanup.Config{Yes: true}); err != nil || !strings.HasPrefix(out, "nothing to do") {
		t.Errorf("the third time: %v:\n%s", err, out)
	}
}

// TestAForeignVersion has an object of somebody else's that only a delete marker shows.
func TestAForeignVersion(t *testing.T) {
	w := newWorld(t, nil)
	v := newVersioned()
	v.add("holiday.jpg", 2, true)
	w.ahead(v.answer)
	if _, err := w.cleanup(cleanup.Config{Yes: true}); exit.Code(err) != exit.Usage || !strings.Contains(err.Error(), "such as holiday.jpg") {
		t.Errorf("%v", err)
	}
}
