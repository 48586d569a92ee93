package produce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"mime"
	"net"
	"net/http"
	"sync"
	"time"

	"clickstream/internal/click"
	"clickstream/producer"
)

// Limits of what is taken by HTTP.
const (
	maxBody     = 1 << 20          // bytes of a request's body
	maxRequests = 1024             // requests at once
	smallBody   = 32 << 10         // bytes; a request with more, or that does not say, is a large one
	maxLarge    = 64               // large requests at once: in memory, clicks take several times what their text does
	storeLimit  = 30 * time.Second // for a request's clicks to be stored
	readLimit   = 10 * time.Second // for a request to come in
	idleLimit   = 2 * time.Minute
)

// httpSource takes clicks by HTTP: POST of a JSON object or an array of them, as navigator.sendBeacon sends them. A request is answered when the
// stream has its clicks.
type httpSource struct {
	listener net.Listener
	origin   string // web pages of this origin may read the answers; "" is of none, * of all
	console  *console
	outlet   *outlet
	slots    chan struct{}
	large    chan struct{}
}

// run serves until ctx ends, and then until the requests under way are answered or the records are given up.
func (h *httpSource) run(ctx context.Context, to *outlet) error {
	h.outlet, h.slots, h.large = to, make(chan struct{}, maxRequests), make(chan struct{}, maxLarge)
	server := &http.Server{
		Handler: h.routes(), ReadHeaderTimeout: readLimit, ReadTimeout: readLimit, IdleTimeout: idleLimit,
		ErrorLog: log.New(io.Discard, "", 0), // what clients do wrong is theirs
	}
	h.console.say("Listening for clicks on http://%s", h.listener.Addr())
	served := make(chan error, 1)
	go func() { served <- server.Serve(h.listener) }()
	to.after = func() { //nolint:contextcheck // it comes after the signal
		soon, cancel := context.WithTimeout(context.Background(), time.Second) // the answers are on their way
		defer cancel()
		if err := server.Shutdown(soon); err != nil {
			_ = server.Close() // a client that is slow to ask is not waited for
		}
		for range maxRequests { // those under way have ended, and no more begin
			h.slots <- struct{}{}
		}
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			h.console.warn("listen", fmt.Errorf("listen for clicks: %w", err))
		}
	}
	select {
	case err := <-served:
		served <- http.ErrServerClosed
		return fmt.Errorf("listen for clicks: %w", err)
	case <-ctx.Done():
		_ = server.Shutdown(to.drained) //nolint:contextcheck // what is under way outlives the signal; what is left is told that it is not stored
		return nil
	}
}

func (h *httpSource) routes() http.Handler {
	routes := http.NewServeMux()
	routes.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, "{\"status\":\"ok\"}\n") // a client that is gone needs no answer
	})
	routes.HandleFunc("POST /{$}", h.post)
	if h.origin != "" {
		routes.HandleFunc("OPTIONS /{$}", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Access-Control-Allow-Methods", http.MethodPost)
			w.Header().Set("Access-Control-Allow-Headers", "Content-Type")
			w.Header().Set("Access-Control-Max-Age", "86400")
			w.WriteHeader(http.StatusNoContent)
		})
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h.origin != "" {
			w.Header().Set("Access-Control-Allow-Origin", h.origin)
			w.Header().Add("Vary", "Origin")
		}
		routes.ServeHTTP(w, r)
	})
}

// answerBody is what is answered, as JSON.
type answerBody struct {
	Stored int    `json:"stored"`
	Error  string `json:"error,omitempty"`
}

func answer(w http.ResponseWriter, status int, body answerBody) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a client that is gone needs no answer
}

// post takes the clicks of a request.
func (h *httpSource) post(w http.ResponseWriter, r *http.Request) {
	if !take(h.slots) {
		answer(w, http.StatusServiceUnavailable, answerBody{Error: "too many requests at once"})
		return
	}
	defer func() { <-h.slots }()
	if r.ContentLength < 0 || r.ContentLength > smallBody {
		if !take(h.large) {
			answer(w, http.StatusServiceUnavailable, answerBody{Error: "too many large requests at once"})
			return
		}
		defer func() { <-h.large }()
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err == nil && kind != "application/json" && kind != "text/plain" {
		answer(w, http.StatusUnsupportedMediaType, answerBody{Error: "the body has to be application/json or text/plain"})
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if _, long := errors.AsType[*http.MaxBytesError](err); long {
		answer(w, http.StatusRequestEntityTooLarge, answerBody{Error: fmt.Sprintf("the body has more than %d bytes", maxBody)})
		return
	}
	if err != nil {
		answer(w, http.StatusBadRequest, answerBody{Error: "the body cannot be read"})
		return
	}
	clicks, err := click.ParseBody(body)
	if err != nil {
		answer(w, http.StatusBadRequest, answerBody{Error: err.Error()})
		return
	}
	status, result := h.store(r.Context(), clicks)
	answer(w, status, result)
}

// take takes a slot if there is one.
func take(slots chan<- struct{}) bool {
	select {
	case slots <- struct{}{}:
		return true
	default:
		return false
	}
}

// store sends clicks and waits until the stream has them.
func (h *httpSource) store(ctx context.Context, clicks []click.Line) (int, answerBody) {
	ctx, cancel := context.WithTimeout(ctx, storeLimit)
	defer cancel()
	w := &storeWait{done: make(chan struct{})}
	w.open(1) // this function's own, so that it is not done before all are put
	for i := range clicks {
		r := producer.Record{PartitionKey: partitionKey(clicks[i].Resource), Data: oneLine(clicks[i].Data)}
		w.open(1)
		err := h.outlet.producer.Put(ctx, r, func(result producer.Result) {
			h.outlet.settled(result, 0)
			w.settle(result.Err)
		})
		if err == nil {
			continue
		}
		if bad, ok := errors.AsType[*producer.RecordError](err); ok {
			h.console.refuse(bad)
			w.refuse(i, len(clicks), bad)
			continue
		}
		w.settle(err)
		break // the client will send all of them again
	}
	w.close()
	select {
	case <-w.done:
	case <-ctx.Done():
	}
	return w.answer()
}

// storeWait waits for the results of a request's clicks.
type storeWait struct {
	mu     sync.Mutex
	left   int
	stored int
	err    error  // of the first click that is not stored
	bad    string // what is wrong with the first click that the stream does not take
	done   chan struct{}
}

func (w *storeWait) open(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.left += n
}

func (w *storeWait) settle(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err == nil {
		w.stored++
	} else if w.err == nil {
		w.err = err
	}
	w.end()
}

// refuse ends the wait for a click that the stream does not take.
func (w *storeWait) refuse(i, of int, err *producer.RecordError) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.bad == "" {
		w.bad = "not stored: " + err.Reason
		if of > 1 {
			w.bad = fmt.Sprintf("click %d is not stored: %s", i+1, err.Reason)
		}
	}
	w.end()
}

func (w *storeWait) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.end()
}

func (w *storeWait) end() {
	if w.left--; w.left == 0 {
		close(w.done)
	}
}

// answer says how far it has come.
func (w *storeWait) answer() (int, answerBody) {
	w.mu.Lock()
	defer w.mu.Unlock()
	body := answerBody{Stored: w.stored}
	switch {
	case w.err != nil:
		body.Error = "not stored"
		return http.StatusServiceUnavailable, body
	case w.left > 0:
		body.Error = "not stored yet"
		return http.StatusGatewayTimeout, body
	case w.bad != "":
		body.Error = w.bad // all others are stored
		return http.StatusUnprocessableEntity, body
	default:
		return http.StatusOK, body
	}
}
