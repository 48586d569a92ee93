package wire_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"clickstream/emulator/internal/wire"
)

// leaving is a client that leaves in the middle of its answer, as HTTP/2 of net/http shows it: Write returns while what it was given is still
// being sent.
type leaving struct {
	*httptest.ResponseRecorder
	after int // writes that go well
	sent  []byte
}

func (l *leaving) Write(p []byte) (int, error) {
	if l.after--; l.after >= 0 {
		return l.ResponseRecorder.Write(p)
	}
	l.sent = p
	return 0, http.ErrHandlerTimeout
}

// names are events without an end.
type names struct{ name string }

func (n names) Next(context.Context) (name string, event any, err error) {
	return "Name", echoInput{Name: n.name}, nil
}

func (names) Close() {}

// TestAnswersThatAreStillBeingSentStay: the memory of an answer that could not be written must not be used for the next one.
func TestAnswersThatAreStillBeingSentStay(t *testing.T) {
	t.Parallel()
	s := service()
	s.Operations["Push"] = wire.Stream(func(_ wire.Scope, in *echoInput) (wire.Events, error) { return names{in.Name}, nil })
	ask := func(w http.ResponseWriter, operation, body string) {
		request := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		request.Header.Set("X-Amz-Target", "Echo_1."+operation)
		s.ServeHTTP(w, request)
	}
	for operation, after := range map[string]int{"Echo": 0, "Refuse": 0, "Unknown": 0, "Push": 2} {
		for range 20 { // a pool may forget what it was given
			one := &leaving{ResponseRecorder: httptest.NewRecorder(), after: after}
			ask(one, operation, `{"Name":"first"}`)
			before := bytes.Clone(one.sent)
			ask(httptest.NewRecorder(), "Echo", `{"Name":"second","List":["`+strings.Repeat("x", 200)+`"]}`)
			if len(before) == 0 || !bytes.Equal(before, one.sent) {
				t.Fatalf("%s: %q became %q", operation, before, one.sent)
			}
		}
	}
}

// TestRefusalsThatAreStillBeingSentStay is the same of refusals that others make.
func TestRefusalsThatAreStillBeingSentStay(t *testing.T) {
	t.Parallel()
	s := service()
	request := httptest.NewRequest(http.MethodPost, "/", io.NopCloser(strings.NewReader("{}")))
	for range 20 {
		one := &leaving{ResponseRecorder: httptest.NewRecorder()}
		s.Refuse(one, request, wire.Errorf("First", "first"))
		before := bytes.Clone(one.sent)
		s.Refuse(httptest.NewRecorder(), request, wire.Errorf("Second", "second"))
		if len(before) == 0 || !bytes.Equal(before, one.sent) {
			t.Fatalf("%q became %q", before, one.sent)
		}
	}
}
