package verify

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"clickstream/internal/exit"
)

// Report is what was found.
type Report struct {
	Application string `json:"application"`
	Stream      string `json:"stream"`
	Bucket      string `json:"bucket"`

	Shards []Shard `json:"shards"` // by shard id
	Totals Shard   `json:"totals"` // the sums; its ID is "total"

	// Findings are what is wrong. There are none when each record is in exactly one object.
	Findings []Finding `json:"findings"`
	// Notes are what could not be proved, and what lies in the bucket that is none of ours.
	Notes []string `json:"notes"`
}

// Shard is what was found of one shard.
type Shard struct {
	ID         string `json:"shard"`
	Checkpoint string `json:"checkpoint"` // a position, SHARD_END, "none" where no record was checkpointed, or "no lease"
	Records    int64  `json:"records"`    // in objects of the chain
	Objects    int64  `json:"objects"`    // of the chain
	Bytes      int64  `json:"bytes"`      // of these, as they lie in the bucket
	Rejected   int64  `json:"rejected"`   // records that lie under _errors/ because the objects' format cannot hold them
	Compared   int64  `json:"compared"`   // records that the stream still keeps and that were compared with their objects
	Missing    int64  `json:"missing"`    // records up to the checkpoint that are in no object; of a lost object that the stream keeps no more, 1
	Twice      int64  `json:"twice"`      // records that are in one object more
}

// Finding is one thing that is wrong.
type Finding struct {
	Shard   string `json:"shard"`
	Object  string `json:"object"` // key of the object concerned, "" where there is none
	Problem string `json:"problem"`
}

// String says where and what.
func (f Finding) String() string {
	if f.Object != "" {
		return "object " + f.Object + " " + f.Problem
	}
	return "shard " + f.Shard + ": " + f.Problem
}

// Err returns nil if nothing is wrong, else an error for exit code 3.
func (r *Report) Err() error {
	switch {
	case len(r.Findings) == 0:
		return nil
	case len(r.Findings) == 1:
		return exit.With(exit.Gap, fmt.Errorf("%d missing, %d twice: %s", r.Totals.Missing, r.Totals.Twice, r.Findings[0]))
	}
	return exit.With(exit.Gap, fmt.Errorf("%d missing, %d twice: %d findings, the first: %s", r.Totals.Missing, r.Totals.Twice, len(r.Findings), r.Findings[0]))
}

// WriteJSON writes the report as one JSON object.
func (r *Report) WriteJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(r)
}

// maxFindings is how many findings and notes WriteTable shows; WriteJSON shows all.
const maxFindings = 20

// Write writes what WriteTable writes, and a line with the sums. It tells rejected records only where there are some.
func (r *Report) Write(w io.Writer) error {
	if err := r.WriteTable(w); err != nil {
		return err
	}
	stored := fmt.Sprintf("%d stored", r.Totals.Records)
	if r.Totals.Rejected > 0 {
		stored += fmt.Sprintf(", %d rejected", r.Totals.Rejected)
	}
	return line(w, "%s / %d missing / %d twice", stored, r.Totals.Missing, r.Totals.Twice)
}

// WriteTable writes a table with a line for each shard, and what is wrong.
func (r *Report) WriteTable(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	rows := []error{line(table, "shard\trecords\tobjects\tbytes\trejected\tcompared\tmissing\ttwice\t")}
	for _, s := range append(slices.Clip(r.Shards), r.Totals) {
		rows = append(rows, line(table, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t", s.ID, s.Records, s.Objects, s.Bytes, s.Rejected, s.Compared, s.Missing, s.Twice))
	}
	rows = append(rows, table.Flush())
	for i, f := range r.Findings {
		if i == maxFindings {
			rows = append(rows, line(w, "WRONG: and %d more; --json shows all", len(r.Findings)-i))
			break
		}
		rows = append(rows, line(w, "WRONG: %s", f))
	}
	for i, note := range r.Notes {
		if i == maxFindings {
			rows = append(rows, line(w, "note: and %d more; --json shows all", len(r.Notes)-i))
			break
		}
		rows = append(rows, line(w, "note: %s", note))
	}
	return errors.Join(rows...)
}

func line(w io.Writer, format string, args ...any) error {
	_, err := fmt.Fprintf(w, format+"\n", args...)
	return err
}

func (r *Report) add(s Shard, findings []Finding) {
	r.Shards = append(r.Shards, s)
	r.Findings = append(r.Findings, findings...)
	t := &r.Totals
	t.Records += s.Records
	t.Objects += s.Objects
	t.Bytes += s.Bytes
	t.Rejected += s.Rejected
	t.Compared += s.Compared
	t.Missing += s.Missing
	t.Twice += s.Twice
}

// twice adds to what a shard has twice.
func (r *Report) twice(shard string, records int64) {
	for i := range r.Shards {
		if r.Shards[i].ID == shard {
			r.Shards[i].Twice += records
		}
	}
	r.Totals.Twice += records
}
