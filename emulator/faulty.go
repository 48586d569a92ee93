package emulator

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"time"

	"clickstream/emulator/internal/clock"
	"clickstream/emulator/internal/faults"
	"clickstream/emulator/internal/wire"
	"clickstream/emulator/kinesis"
	"clickstream/emulator/s3"
)

// faulty stands before the services and lets requests go wrong.
type faulty struct {
	rules    *faults.Set
	failures *failures
	clock    *clock.Clock
	streams  *kinesis.Service
	buckets  *s3.Store
}

// spoiled is a request that is to go wrong.
type spoiled struct {
	w       http.ResponseWriter
	r       *http.Request
	handler http.Handler
	service *wire.Service // nil for S3
	buckets *s3.Store
	look    wire.Look
	call    faults.Call
	body    []byte
}

// serve passes a request on to its handler, or not.
func (f *faulty) serve(w http.ResponseWriter, r *http.Request, handler http.Handler) {
	service, ok := handler.(*wire.Service)
	if !ok && f.failures.any() {
		if err := f.failures.take("S3." + f.buckets.Operation(r)); err != nil {
			(&spoiled{w: w, r: r, buckets: f.buckets}).refuse(asError(err))
			return
		}
	}
	if !f.rules.Any() {
		handler.ServeHTTP(w, r)
		return
	}
	one := &spoiled{w: w, r: r, handler: handler, service: service, buckets: f.buckets}
	f.examine(one)
	decision := f.rules.Decide(&one.call)
	if decision.Advance > 0 {
		_ = f.clock.Advance(decision.Advance) // as far as it goes
	}
	if decision.Delay > 0 && !pause(r, decision.Delay) {
		panic(http.ErrAbortHandler) // the client has left
	}
	if decision.Fault == nil {
		handler.ServeHTTP(w, r)
		return
	}
	one.spoil(decision)
}

// examine finds out what a request is about. A service's request is read for that and can be read again.
func (f *faulty) examine(one *spoiled) {
	r := one.r
	if one.service == nil {
		one.call = faults.Call{Service: "s3", Operation: f.buckets.Operation(r), Look: func() ([]string, string) {
			return []string{f.buckets.Bucket(r)}, ""
		}}
		return
	}
	var err error
	one.body, err = io.ReadAll(http.MaxBytesReader(one.w, r.Body, wire.DefaultMaxBody))
	r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(one.body), failing{err}))
	one.look = one.service.Look(r, one.body)
	name := one.service.Name
	if name == "monitoring" { // CloudWatch in signatures
		name = "cloudwatch"
	}
	one.call = faults.Call{Service: name, Operation: one.look.Operation, Look: func() ([]string, string) {
		return f.resources(one.look.Members())
	}}
}

// pause waits, unless the client leaves before.
func pause(r *http.Request, delay time.Duration) bool {
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

// spoil does what a rule wants.
func (one *spoiled) spoil(decision faults.Decision) {
	fault := decision.Fault
	switch {
	case decision.Refused != nil:
		one.refuseSome(decision.Refused)
	case fault.Kind == faults.Throttle:
		one.refuse(throttled(one.call.Service, one.call.Operation))
	case fault.Kind == faults.Error && fault.Events == 0:
		one.refuse(one.error(fault))
	case fault.Kind == faults.DropBefore:
		panic(http.ErrAbortHandler)
	case fault.Kind == faults.Duplicate:
		one.twice()
	default:
		one.handler.ServeHTTP(&broken{ResponseWriter: one.w, one: one, fault: fault}, one.r)
	}
}

// refuse answers by an error in the request's own protocol.
func (one *spoiled) refuse(refusal *wire.Error) {
	if one.service != nil {
		one.service.Refuse(one.w, one.again(), refusal)
		return
	}
	status := refusal.Status
	if status == 0 {
		status = statusOf("s3", refusal.Code)
	}
	one.buckets.Fail(one.w, one.r, status, refusal.Code, refusal.Message)
}

// twice lets a request take effect once without an answer, then again with one.
func (one *spoiled) twice() {
	if one.service == nil {
		body, err := io.ReadAll(one.r.Body)
		if err != nil {
			panic(http.ErrAbortHandler) // the client broke off
		}
		one.body = body
	}
	one.handler.ServeHTTP(&reply{header: http.Header{}}, one.again())
	one.handler.ServeHTTP(one.w, one.again())
}

// again returns the request with its body at the beginning.
func (one *spoiled) again() *http.Request {
	again := one.r.WithContext(one.r.Context())
	again.Body = io.NopCloser(bytes.NewReader(one.body))
	return again
}

// broken is where an answer goes that does not arrive, or, being a stream of events, not all of it. What the request does is
// done when it is written.
type broken struct {
	http.ResponseWriter
	one     *spoiled
	fault   *faults.Fault
	started bool
	stream  bool
	ended   bool
	events  int // that have passed, the initial response being one
}

// WriteHeader lets only the beginning of a stream pass.
func (b *broken) WriteHeader(status int) {
	b.started = true
	if b.stream = b.Header().Get("Content-Type") == "application/vnd.amazon.eventstream"; !b.stream {
		if b.fault.Kind == faults.Error { // it was to come after events, of which there are none
			b.ResponseWriter.WriteHeader(status)
			return
		}
		b.vanish()
	}
	b.ResponseWriter.WriteHeader(status)
}

// Write takes a piece of the answer; of a stream each is one message.
func (b *broken) Write(p []byte) (int, error) {
	switch {
	case !b.started:
		b.WriteHeader(http.StatusOK)
	case b.ended:
		return 0, io.ErrClosedPipe
	case b.stream && b.events > b.fault.Events:
		return 0, b.end()
	}
	b.events++
	return b.ResponseWriter.Write(p)
}

// Unwrap returns the writer behind, for [http.ResponseController].
func (b *broken) Unwrap() http.ResponseWriter { return b.ResponseWriter }

// end ends a stream by an exception, or like any other answer.
func (b *broken) end() error {
	b.ended = true
	if b.fault.Kind != faults.Error {
		b.vanish()
	}
	message, err := b.one.service.AppendException(nil, &b.one.look, b.one.error(b.fault))
	if err == nil {
		_, err = b.ResponseWriter.Write(message)
	}
	return errors.Join(err, io.ErrClosedPipe)
}

// vanish ends an answer by the end of the connection, at once or when the client has left.
func (b *broken) vanish() {
	if b.fault.Kind == faults.Stall {
		<-b.one.r.Context().Done()
	}
	panic(http.ErrAbortHandler)
}
