package emulator

import (
	"bytes"
	"io"
	"net/http"
	"strings"

	"clickstream/emulator/internal/wire"
)

// router picks the service that a request is meant for. It is no [http.ServeMux], which would clean the paths of S3's keys.
type router struct {
	auth    *auth                   // nil where signatures are not checked
	control *control                // of what is asked about the emulator itself
	faulty  *faulty                 // between clients and services
	gate    *gate                   // nil where memory has no bound
	targets map[string]http.Handler // by what X-Amz-Target begins with, or the name in the path of Smithy's RPC v2
	names   map[string]http.Handler // by the service of the credential scope
	actions map[string]http.Handler // of the query protocol, for requests without a signature
	form    http.Handler            // an action of no service here
	unknown http.Handler            // an X-Amz-Target of no service here
	s3      http.Handler            // all the rest
}

func (e *Emulator) newRouter(credentials map[string]string, localStack bool) *router {
	r := &router{
		auth:    newAuth(credentials, e.sts.Secret),
		control: &control{rules: e.faults, timer: timer{e.clock, e.Advance}, buckets: e.s3, localStack: localStack},
		faulty:  &faulty{rules: e.faults, failures: e.failures, clock: e.clock, streams: e.kinesis, buckets: e.s3},
		targets: map[string]http.Handler{}, names: map[string]http.Handler{}, actions: map[string]http.Handler{},
		unknown: &wire.Service{Name: "any service here", JSONVersion: "1.1", CBOR: true, RPC: true},
		s3:      deliveredBefore(e.kinesis, e.s3.Handler()),
	}
	identities := e.sts.Wire()
	r.form = identities
	for name, service := range map[string]*wire.Service{
		"Kinesis": e.kinesis.Wire(), "DynamoDB": e.dynamodb.Wire(), "CloudWatch": e.cloudwatch.Wire(), "STS": identities,
	} {
		service.Intercept = e.failures.intercept(name)
		r.names[service.Name] = service
		if service.TargetPrefix != "" {
			r.targets[service.TargetPrefix] = service
		}
		if service.Namespace != "" {
			for action := range service.Operations {
				r.actions[action] = service
			}
		}
	}
	return r
}

// ServeHTTP passes a request on.
func (r *router) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	if !r.control.serve(w, request) {
		r.pass(w, request, r.faulty.serve)
	}
}

// short passes a request on that was taken when there were no faults. One that comes in between does not apply: some of them wait until the
// client has left, which nobody notices there.
func (r *router) short(w http.ResponseWriter, request *http.Request) {
	r.pass(w, request, func(w http.ResponseWriter, request *http.Request, handler http.Handler) {
		handler.ServeHTTP(w, request)
	})
}

// pass finds the service for a request, which is given to it by serve.
func (r *router) pass(w http.ResponseWriter, request *http.Request, serve func(http.ResponseWriter, *http.Request, http.Handler)) {
	leave, ok := r.gate.enter(request)
	if !ok {
		panic(http.ErrAbortHandler) // the client has left, or the emulator is closed: what is not done must not look as if it was
	}
	defer leave()
	handler := r.pick(w, request)
	if r.auth != nil {
		var ok bool
		if w, ok = r.auth.admit(w, request, handler); !ok {
			return
		}
	}
	serve(w, request, handler)
}

func (r *router) pick(w http.ResponseWriter, request *http.Request) http.Handler {
	if prefix := targetOf(request); prefix != "" {
		if service, ok := r.targets[prefix]; ok {
			return service
		}
		return r.unknown
	}
	if _, _, name := wire.Credential(request); name != "" {
		if service, ok := r.names[name]; ok {
			return service
		}
	}
	if isForm(request) {
		return r.byAction(w, request)
	}
	return r.s3
}

// targetOf returns the service that a request names outright.
func targetOf(request *http.Request) string {
	if target := request.Header.Get("X-Amz-Target"); target != "" {
		prefix, _, _ := strings.Cut(target, ".")
		return prefix
	}
	if request.Header.Get("Smithy-Protocol") != "" {
		name, _, _ := strings.Cut(strings.TrimPrefix(request.URL.Path, "/service/"), "/")
		return name
	}
	return ""
}

// isForm says whether a request is one of the query protocol. Uploads to S3 by form are of another content type.
func isForm(request *http.Request) bool {
	if request.URL.Path != "/" {
		return false
	}
	return request.URL.Query().Has("Action") || strings.HasPrefix(request.Header.Get("Content-Type"), "application/x-www-form-urlencoded")
}

// byAction looks into a form for its service.
func (r *router) byAction(w http.ResponseWriter, request *http.Request) http.Handler {
	body, err := io.ReadAll(http.MaxBytesReader(w, request.Body, wire.DefaultMaxBody))
	request.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), failing{err}))
	if service, ok := r.actions[wire.QueryAction(request, body)]; ok {
		return service
	}
	return r.form
}

// failing is what comes after a body: its end, or the error that cut it off.
type failing struct{ err error }

// Read returns the error.
func (f failing) Read([]byte) (int, error) {
	if f.err == nil {
		return 0, io.EOF
	}
	return 0, f.err
}
