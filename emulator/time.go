package emulator

import (
	"fmt"
	"io"
	"net/http"
	"time"

	"clickstream/emulator/internal/clock"
)

// Advance puts the emulated time forward, for all services: records, iterators and sessions grow old, streams get ready, subscriptions
// end. By less than nothing, or to more than a hundred years ahead, is an error. Rules of the kind FaultAdvance do it too.
func (e *Emulator) Advance(by time.Duration) error {
	if err := e.clock.Advance(by); err != nil {
		return err
	}
	e.kinesis.Trim()
	return nil
}

// Now returns the emulated time: the machine's, or a synctest bubble's, and what it was put forward by.
func (e *Emulator) Now() time.Time { return e.clock.Now() }

// timer answers what is asked about the emulated time.
type timer struct {
	clock   *clock.Clock
	advance func(time.Duration) error
}

// serve shows the time; POST puts it forward before.
func (t *timer) serve(w http.ResponseWriter, r *http.Request) {
	var err error
	switch r.Method {
	case http.MethodGet, http.MethodHead:
	case http.MethodPost:
		err = t.post(http.MaxBytesReader(w, r.Body, 1<<20))
	default:
		w.Header().Set("Allow", "GET, POST")
		writeJSON(w, http.StatusMethodNotAllowed, map[string]string{"error": "the time is shown by GET and put forward by POST"})
		return
	}
	if err != nil {
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
		return
	}
	writeJSON(w, http.StatusOK, struct {
		Time   time.Time `json:"time"`
		Offset string    `json:"offset"`
	}{t.clock.Now().UTC(), t.clock.Offset().String()})
}

// post reads {"advance": "25h"}.
func (t *timer) post(body io.Reader) error {
	text, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	var wanted struct {
		Advance string `json:"advance"`
	}
	if err := strictJSON(text, &wanted); err != nil {
		return fmt.Errorf("the time to advance by cannot be read: %w", err)
	}
	by, err := time.ParseDuration(wanted.Advance)
	if err != nil {
		return fmt.Errorf("advance %q is no time such as 25h or 90s", wanted.Advance)
	}
	return t.advance(by)
}
