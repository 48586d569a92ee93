package wire

import (
	"math"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// Instant is a time as the services have it that speak the query protocol or Smithy's RPC v2: seconds with a fraction in JSON, tag 1
// with seconds in CBOR, ISO 8601 in forms and XML. It keeps milliseconds.
type Instant time.Time

// Time returns the time in UTC.
func (t Instant) Time() time.Time { return time.Time(t).UTC() }

// MarshalJSON returns seconds with a fraction.
func (t Instant) MarshalJSON() ([]byte, error) { return Timestamp(t).MarshalJSON() }

// UnmarshalJSON reads seconds.
func (t *Instant) UnmarshalJSON(text []byte) error { return (*Timestamp)(t).UnmarshalJSON(text) }

// MarshalText returns ISO 8601.
func (t Instant) MarshalText() ([]byte, error) {
	return t.Time().AppendFormat(nil, "2006-01-02T15:04:05.999Z07:00"), nil
}

// UnmarshalText reads ISO 8601.
func (t *Instant) UnmarshalText(text []byte) error {
	read, err := time.Parse(time.RFC3339, string(text))
	if err != nil {
		return err
	}
	return (*Timestamp)(t).set(float64(read.UnixMilli()))
}

// MarshalCBOR returns tag 1 with seconds.
func (t Instant) MarshalCBOR() ([]byte, error) {
	content := any(float64(time.Time(t).UnixMilli()) / 1000)
	if whole := time.Time(t); whole.UnixMilli()%1000 == 0 {
		content = whole.Unix()
	}
	return cbor.Marshal(cbor.Tag{Number: epochTag, Content: content})
}

// UnmarshalCBOR reads seconds, whole or with a fraction.
func (t *Instant) UnmarshalCBOR(data []byte) error {
	var tag cbor.RawTag
	if err := cbor.Unmarshal(data, &tag); err == nil {
		data = tag.Content
	}
	var seconds *float64
	if err := cbor.Unmarshal(data, &seconds); err != nil || seconds == nil {
		return err
	}
	return (*Timestamp)(t).set(math.Round(*seconds * 1000))
}
