package emulator_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"clickstream/emulator"
)

// TestWaitForMemory has a request wait until a large one, whose body does not come on, makes room. It is done then, whatever faults there are by
// now; or it is not, without an answer, because the emulator is closed.
func TestWaitForMemory(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*testing.T, *emulator.Emulator, *io.PipeWriter){
		"done": func(t *testing.T, e *emulator.Emulator, large *io.PipeWriter) {
			t.Helper()
			inject(t, e, "* stall")
			_ = large.CloseWithError(context.Canceled) // its client gives it up
		},
		"closed": func(t *testing.T, e *emulator.Emulator, large *io.PipeWriter) {
			t.Helper()
			if err := e.Close(); err != nil {
				t.Error(err)
			}
			_ = large.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				e, err := emulator.New(emulator.Options{MaxMemory: 1 << 20})
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = e.Close() }() // it may be closed
				body, large := io.Pipe()
				ask := func(body io.Reader, length int64) (*http.Request, error) {
					request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, e.URL, body)
					if err == nil {
						request.ContentLength = length
						request.Header.Set("X-Amz-Target", "Kinesis_20131202.CreateStream")
						request.Header.Set("Content-Type", "application/x-amz-json-1.1")
						request.Header.Set("Authorization", signed("kinesis"))
					}
					return request, err
				}
				var answers []string
				wait := func(body io.Reader, length int64) <-chan struct{} {
					request, err := ask(body, length)
					if err != nil {
						t.Fatal(err)
					}
					done := make(chan struct{})
					go func() {
						defer close(done)
						response, err := e.Client().Do(request)
						if err != nil {
							return
						}
						defer func() { _ = response.Body.Close() }()
						answers = append(answers, response.Status)
					}()
					synctest.Wait()
					return done
				}
				const all = 24 << 20
				const create = `{"StreamName": "clicks", "ShardCount": 1}`
				first := wait(body, all)
				second := wait(strings.NewReader(create), int64(len(create)))
				if len(answers) > 0 {
					t.Fatalf("answered without room: %v", answers)
				}
				end(t, e, large)
				<-first
				<-second
				_, err = e.Kinesis().Records("clicks")
				if stored := err == nil; stored != (name == "done") || stored != (len(answers) > 0) {
					t.Errorf("stored %t, answers %v", stored, answers)
				}
			})
		})
	}
}

// TestClosedGate: a request that cannot wait on for memory ends without an answer.
func TestClosedGate(t *testing.T) {
	t.Parallel()
	e, err := emulator.New(emulator.Options{MaxMemory: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, e.URL, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Amz-Target", "Kinesis_20131202.ListStreams")
	defer func() {
		if problem := recover(); problem != http.ErrAbortHandler { //nolint:errorlint,err113 // net/http compares too
			t.Errorf("ended by %v", problem)
		}
	}()
	e.Handler().ServeHTTP(&recorder{}, request)
	t.Error("it has an answer")
}
