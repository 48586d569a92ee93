package emulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"clickstream/emulator/internal/faults"
	"clickstream/emulator/internal/wire"
	"clickstream/emulator/s3"
)

// Where the emulator itself is spoken to. Names that begin with _ are no buckets; one of the name health is reached by signed requests.
const (
	HealthPath       = "/health"              // GET: a JSON document, status 200, once all is there
	localStackHealth = "/_localstack/health"  // the same in LocalStack's form, with Options.LocalStack
	FaultsPath       = "/_clickstream/faults" // GET, PUT, DELETE: the rules of faults
	TimePath         = "/_clickstream/time"   // GET, POST: the emulated time
)

// control answers what is asked about the emulator itself.
type control struct {
	rules      *faults.Set
	timer      timer
	buckets    *s3.Store
	localStack bool
}

// serve answers a request, unless it is for a service.
func (c *control) serve(w http.ResponseWriter, r *http.Request) bool {
	answer := c.answer(r)
	if answer == nil {
		return false
	}
	if !strings.HasPrefix(r.URL.Path+"/", "/"+c.buckets.Bucket(r)+"/") {
		return false // a key in a bucket that the host names
	}
	if key, _, _ := wire.Credential(r); key != "" && r.URL.Path == HealthPath {
		return false // a bucket of that name
	}
	answer(w, r)
	return true
}

// answer returns what answers at a path of the emulator's own, or nil.
func (c *control) answer(r *http.Request) func(http.ResponseWriter, *http.Request) {
	switch path := r.URL.Path; {
	case path == HealthPath && isRead(r):
		return c.health
	case path == localStackHealth && c.localStack && isRead(r):
		return c.healthOfLocalStack
	case path == FaultsPath:
		return c.faults
	case path == TimePath:
		return c.timer.serve
	case strings.HasPrefix(path, "/_clickstream/"):
		return c.unknown
	}
	return nil
}

// unknown answers where there is nothing, lest S3 speak of a bucket.
func (c *control) unknown(w http.ResponseWriter, r *http.Request) {
	writeJSON(w, http.StatusNotFound, map[string]string{"error": "there is no " + r.URL.Path + ", only " + FaultsPath + " and " + TimePath})
}

func isRead(r *http.Request) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead }

func (c *control) health(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, struct {
		Status   string   `json:"status"`
		Services []string `json:"services"`
	}{"ready", []string{"cloudwatch", "dynamodb", "kinesis", "s3", "sts"}})
}

func (c *control) healthOfLocalStack(w http.ResponseWriter, _ *http.Request) {
	services := map[string]string{}
	for _, name := range []string{"cloudwatch", "dynamodb", "kinesis", "s3", "sts"} {
		services[name] = "running"
	}
	writeJSON(w, http.StatusOK, map[string]any{"services": services, "edition": "clickstream"})
}

// faults shows the rules; PUT replaces them and DELETE takes them away before.
func (c *control) faults(w http.ResponseWriter, r *http.Request) {
	var err error
	switch r.Method {
	case http.MethodGet, http.MethodHead:
	case http.MethodPut:
		err = c.replace(http.MaxBytesReader(w, r.Body, 1<<20))
	case http.MethodDelete:
		err = c.rules.Replace(0, nil)
	default:
		w.Header().Set("Allow", "GET, PUT, DELETE")
		writeJSON(w, http.StatusMethodNotAllowed, map[string]string{"error": "faults are shown by GET, set by PUT and removed by DELETE"})
		return
	}
	if err != nil {
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
		return
	}
	type count struct {
		Fault   string `json:"fault"`
		Matched int    `json:"matched"`
		Fired   int    `json:"fired"`
	}
	counts := []count{}
	for _, one := range c.rules.Counts() {
		counts = append(counts, count{one.Fault.String(), one.Matched, one.Fired})
	}
	writeJSON(w, http.StatusOK, map[string]any{"seed": c.rules.Seed(), "faults": counts})
}

// replace reads {"seed": 7, "faults": ["kinesis:PutRecords rate=0.1 throttle"]}.
func (c *control) replace(body io.Reader) error {
	text, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	var wanted struct {
		Seed   uint64   `json:"seed"`
		Faults []string `json:"faults"`
	}
	if err := strictJSON(text, &wanted); err != nil {
		return fmt.Errorf("the faults cannot be read: %w", err)
	}
	rules := make([]faults.Fault, len(wanted.Faults))
	for i, line := range wanted.Faults {
		if rules[i], err = faults.Parse(line); err != nil {
			return err
		}
	}
	return c.rules.Replace(wanted.Seed, rules)
}

func writeJSON(w http.ResponseWriter, status int, document any) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(document); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // a client that left needs no answer
}
