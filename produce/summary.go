package produce

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// Summary is the end of a run as --summary writes it. Sent = Stored + Failed + Expired + NotDelivered.
type Summary struct {
	Stream         string           `json:"stream"`
	Sent           int64            `json:"sent"`            // records generated or read and given to be sent, each once
	Stored         int64            `json:"stored"`          // records that Kinesis has
	Failed         int64            `json:"failed"`          // records refused by an error that cannot pass
	Expired        int64            `json:"expired"`         // records that were not stored within their time to live
	NotDelivered   int64            `json:"not_delivered"`   // records that were still to be sent when the run was stopped
	Retried        int64            `json:"retried"`         // how often a record was sent again
	Uncertain      int64            `json:"uncertain"`       // records in requests without an answer: they may be in the stream once more
	MaybeTwice     int64            `json:"maybe_twice"`     // stored records that were in such a request: at most so many are in the stream more than once
	Throttled      int64            `json:"throttled"`       // refusals of records because a shard took no more
	Refused        int64            `json:"refused"`         // refusals of records for a fault of the service
	Strayed        int64            `json:"strayed"`         // records sent again because their aggregate came to a shard that not all of it belongs to
	KinesisRecords int64            `json:"kinesis_records"` // what Kinesis has: aggregates, and records that are in none
	RefusedLines   int64            `json:"refused_lines"`   // lines of the input that are no clicks, or clicks by HTTP that the stream does not take
	Requests       int64            `json:"requests"`        // calls of PutRecords
	FailedRequests int64            `json:"failed_requests"` // of these, those that failed as a whole
	StoredBytes    int64            `json:"stored_bytes"`    // data of the stored records
	FirstPut       *time.Time       `json:"first_put"`       // when the first request was made; null when there was none
	LastPut        *time.Time       `json:"last_put"`        // when the last records were stored; null when none were
	Shards         map[string]int64 `json:"shards"`          // stored records by shard

	refused string // what RefusedLines counts, "" for lines
}

// summarize says what the run has done.
func (r *run) summarize() *Summary {
	s := &Summary{Stream: r.Stream, RefusedLines: r.console.refused(), refused: r.console.noun, Shards: map[string]int64{}}
	if r.producer == nil {
		return s
	}
	c := r.producer.Stats()
	s.Sent, s.NotDelivered = c.Accepted+r.outlet.unsent, c.Undelivered+c.Buffered+r.outlet.unsent
	s.Stored, s.Failed, s.Expired = c.Delivered, c.Failed, c.Expired
	s.Retried, s.Uncertain, s.MaybeTwice, s.Throttled, s.Refused, s.Strayed = c.Retried, c.Uncertain, c.MaybeTwice, c.Throttled, c.Refused, c.Strayed
	s.Requests, s.FailedRequests, s.StoredBytes, s.KinesisRecords, s.Shards = c.Requests, c.FailedRequests, c.DeliveredBytes, c.KinesisRecords, c.Shards
	if !c.FirstRequest.IsZero() {
		s.FirstPut = &c.FirstRequest
	}
	if !c.LastDelivery.IsZero() {
		s.LastPut = &c.LastDelivery
	}
	return s
}

// Text returns the summary for a person, several lines without an end of line.
func (s *Summary) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Sent %s to stream %s: %d stored, %d failed, %d not delivered", count(s.Sent, "record"), s.Stream, s.Stored, s.Failed, s.NotDelivered)
	if s.Expired > 0 {
		fmt.Fprintf(&b, ", %d expired", s.Expired)
	}
	fmt.Fprintf(&b, "\n%s, %s", count(s.Requests, "request"), count(s.StoredBytes, "byte"))
	if s.FirstPut != nil && s.LastPut != nil {
		took := s.LastPut.Sub(*s.FirstPut)
		fmt.Fprintf(&b, " in %v", took.Round(time.Millisecond))
		if took > 0 {
			fmt.Fprintf(&b, ", %.0f records/s", float64(s.Stored)/took.Seconds())
		}
	}
	if s.Retried > 0 {
		fmt.Fprintf(&b, ", %s sent again", count(s.Retried, "record"))
	}
	s.explain(&b)
	if s.RefusedLines > 0 {
		fmt.Fprintf(&b, "\n%s refused", count(s.RefusedLines, cmp.Or(s.refused, "line")))
	}
	for _, shard := range s.shardIDs() {
		fmt.Fprintf(&b, "\n  %s %d", shard, s.Shards[shard])
	}
	return b.String()
}

// explain says what was not plain.
func (s *Summary) explain(b *strings.Builder) {
	if s.Throttled > 0 || s.Refused > 0 {
		fmt.Fprintf(b, "\n%s throttled, %d refused for a fault of the service", count(s.Throttled, "record"), s.Refused)
	}
	if s.Uncertain > 0 {
		fmt.Fprintf(b, "\n%s had no answer: up to so many may be in the stream once more than counted", count(s.Uncertain, "record"))
	}
	if s.KinesisRecords > 0 && s.KinesisRecords < s.Stored {
		fmt.Fprintf(b, "\n%s in Kinesis, for records travel in aggregates", count(s.KinesisRecords, "record"))
	}
	if s.Strayed > 0 {
		fmt.Fprintf(b, "\n%s sent again by themselves: their aggregates came to shards that not all of them belong to", count(s.Strayed, "record"))
	}
}

// shardIDs returns the first shards of the summary in order, as many as a person would look at.
func (s *Summary) shardIDs() []string {
	const most = 32
	ids := make([]string, 0, len(s.Shards))
	for id := range s.Shards {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids[:min(most, len(ids))]
}

func count(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// write writes the summary as JSON. Who reads the file sees all of it or none: it is written beside and renamed.
func (s *Summary) write(path string) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	f, err := createBeside(path)
	if err != nil {
		return err
	}
	_, err = f.Write(append(text, '\n'))
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}
