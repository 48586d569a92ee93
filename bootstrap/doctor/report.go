package doctor

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Status is how a check ended.
type Status string

// The ways a check ends.
const (
	OK      Status = "ok"
	Warning Status = "warning" // it works, but not as one may want it
	Fails   Status = "fails"
	Skipped Status = "not tried" // because something before it fails, or nobody needs it
)

// Finding is what one check found.
type Finding struct {
	Check  string `json:"check"`
	Status Status `json:"status"`
	Found  string `json:"found"`
	Remedy string `json:"remedy,omitempty"` // what to do, where the status is Warning or Fails
}

// Report is what all checks found, in their order.
type Report struct {
	Findings []Finding `json:"findings"`
}

// Err returns nil if nothing fails, else an error for exit code 1.
func (r *Report) Err() error {
	switch n := r.count(Fails); n {
	case 0:
		return nil
	case 1:
		return errors.New("one check fails; its remedy stands above")
	default:
		return fmt.Errorf("%d checks fail; their remedies stand above", n)
	}
}

func (r *Report) count(status Status) int {
	n := 0
	for _, f := range r.Findings {
		if f.Status == status {
			n++
		}
	}
	return n
}

// WriteJSON writes the report as one JSON object.
func (r *Report) WriteJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(r)
}

// Write writes a table, below each line that is not in order its remedy, and a line with the sums.
func (r *Report) Write(w io.Writer) error {
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, f := range r.Findings {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\n", f.Status, f.Check, f.Found)
		if f.Remedy != "" {
			_, _ = fmt.Fprintf(table, "\t\tremedy: %s\n", f.Remedy)
		}
	}
	_ = table.Flush() // into memory
	_, _ = fmt.Fprintf(&text, "%d ok, %d warnings, %d fail, %d not tried\n", r.count(OK), r.count(Warning), r.count(Fails), r.count(Skipped))
	_, err := io.WriteString(w, text.String())
	return err
}
