package emulator

import (
	"net/http"
	"strings"

	"clickstream/emulator/internal/wire"
	"clickstream/emulator/sts"
)

// router picks the service that a request is meant for. It is no [http.ServeMux], which would clean the paths of S3's keys.
type router struct {
	targets map[string]http.Handler // by what X-Amz-Target begins with
	names   map[string]http.Handler // by the service of the credential scope
	form    http.Handler            // the query protocol
	unknown http.Handler            // an X-Amz-Target of no service here
	s3      http.Handler            // all the rest
}

func (e *Emulator) newRouter() *router {
	streams := e.kinesis.Wire()
	streams.Intercept = e.failures.intercept("Kinesis")
	tables := e.dynamodb.Wire()
	tables.Intercept = e.failures.intercept("DynamoDB")
	return &router{
		targets: map[string]http.Handler{streams.TargetPrefix: streams, tables.TargetPrefix: tables},
		names:   map[string]http.Handler{streams.Name: streams, tables.Name: tables, "sts": sts.Service{}},
		form:    sts.Service{},
		unknown: &wire.Service{Name: "any service here", JSONVersion: "1.1", CBOR: true},
		s3:      deliveredBefore(e.kinesis, e.s3.Handler()),
	}
}

// ServeHTTP passes a request on.
func (r *router) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	r.pick(request).ServeHTTP(w, request)
}

func (r *router) pick(request *http.Request) http.Handler {
	if target := request.Header.Get("X-Amz-Target"); target != "" {
		prefix, _, _ := strings.Cut(target, ".")
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
		return r.form
	}
	return r.s3
}

// isForm says whether a request is one of the query protocol. Uploads to S3 by form are of another content type.
func isForm(request *http.Request) bool {
	if request.URL.Path != "/" {
		return false
	}
	return request.URL.Query().Has("Action") || strings.HasPrefix(request.Header.Get("Content-Type"), "application/x-www-form-urlencoded")
}
