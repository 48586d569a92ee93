package cleanup_test

import (
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// deletion is the body of a DeleteObjects call.
type deletion struct {
	XMLName xml.Name `xml:"Delete"`
	Object  []struct {
		Key     string
		Version string `xml:"VersionId,omitempty"`
	}
	Quiet bool
}

// front stands before the emulator: it counts the operations of S3, and may answer a call itself.
type front struct {
	world  *world
	answer func(operation string, rw http.ResponseWriter, r *http.Request) bool // true: answered

	mutex sync.Mutex
	calls map[string]int
}

// ahead puts a front before the world's emulator.
func (w *world) ahead(answer func(operation string, rw http.ResponseWriter, r *http.Request) bool) *front {
	w.t.Helper()
	f := &front{world: w, answer: answer, calls: map[string]int{}}
	server := httptest.NewServer(f)
	w.t.Cleanup(server.Close)
	w.t.Setenv("AWS_ENDPOINT_URL", server.URL)
	return f
}

// ServeHTTP counts, and answers or passes on.
func (f *front) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	operation := ""
	if r.Header.Get("X-Amz-Target") == "" {
		operation = f.world.emulator.S3().Operation(r)
	}
	f.mutex.Lock()
	f.calls[operation]++
	f.mutex.Unlock()
	if f.answer == nil || !f.answer(operation, rw, r) {
		f.world.emulator.Handler().ServeHTTP(rw, r)
	}
}

func (f *front) count(operation string) int {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.calls[operation]
}

// take reads a DeleteObjects call and takes the keys for which pick returns true out of it. What remains is put back into the request.
func take(t *testing.T, r *http.Request, pick func(key string) bool) (taken []string) {
	t.Helper()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return nil // a call beside it has failed, so that this one is given up
	}
	var all deletion
	if err := xml.Unmarshal(text, &all); err != nil {
		t.Error(err)
	}
	rest := deletion{Quiet: all.Quiet}
	for _, o := range all.Object {
		if pick(o.Key) {
			taken = append(taken, o.Key)
		} else {
			rest.Object = append(rest.Object, o)
		}
	}
	if text, err = xml.Marshal(rest); err != nil {
		t.Error(err)
	}
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(string(text))), int64(len(text))
	for name := range r.Header {
		if strings.HasPrefix(name, "X-Amz-Checksum") || strings.HasPrefix(name, "X-Amz-Content-Sha256") || name == "Content-Md5" {
			r.Header.Del(name)
		}
	}
	return taken
}

// refuse answers a DeleteObjects call with an error for each of the keys.
func refuse(rw http.ResponseWriter, code string, keys []string) {
	var text strings.Builder
	text.WriteString("<DeleteResult>")
	for _, key := range keys {
		text.WriteString("<Error><Key>" + key + "</Key><Code>" + code + "</Code><Message>not now</Message></Error>")
	}
	_, _ = io.WriteString(rw, text.String()+"</DeleteResult>")
}

// fast puts an object by the emulator's handler itself, for tests with thousands of them.
func (w *world) fast(key string) {
	w.t.Helper()
	request := httptest.NewRequestWithContext(w.t.Context(), http.MethodPut, "/objects/"+key, strings.NewReader("a click\n"))
	answer := httptest.NewRecorder()
	w.emulator.Handler().ServeHTTP(answer, request)
	if answer.Code != http.StatusOK {
		w.t.Fatalf("%s: %d %s", key, answer.Code, answer.Body.String())
	}
}
