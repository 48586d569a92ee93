package wire

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// Blob is binary data: base64 text in JSON, a byte string in CBOR, where base64 text is understood too. An empty one under
// omitempty is left out of JSON only.
type Blob []byte

// MarshalJSON returns base64 text.
func (b Blob) MarshalJSON() ([]byte, error) { return json.Marshal([]byte(b)) }

// UnmarshalJSON reads base64 text; null leaves nothing.
func (b *Blob) UnmarshalJSON(text []byte) error { return json.Unmarshal(text, (*[]byte)(b)) }

// MarshalCBOR returns a byte string.
func (b Blob) MarshalCBOR() ([]byte, error) {
	return AppendCBORBytes(nil, b), nil
}

// UnmarshalCBOR reads a byte string, or base64 in a text string as some clients send it.
func (b *Blob) UnmarshalCBOR(data []byte) error {
	if len(data) == 0 || data[0]>>5 != CBORText {
		return cbor.Unmarshal(data, (*[]byte)(b))
	}
	var text string
	if err := cbor.Unmarshal(data, &text); err != nil {
		return err
	}
	decoded, err := base64.StdEncoding.DecodeString(text)
	*b = decoded
	return err
}

// Timestamp is a time in milliseconds: seconds with a fraction in JSON; in CBOR tag 1 with whole milliseconds, as the AWS SDK
// for Java has it.
type Timestamp time.Time

// Time returns the time in UTC.
func (t Timestamp) Time() time.Time { return time.Time(t).UTC() }

// MarshalJSON returns seconds with up to three digits of fraction.
func (t Timestamp) MarshalJSON() ([]byte, error) {
	return AppendSeconds(nil, time.Time(t).UnixMilli()), nil
}

// UnmarshalJSON reads seconds, whole or with a fraction; null leaves the zero time.
func (t *Timestamp) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		return nil
	}
	seconds, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		return fmt.Errorf("%s is no timestamp in seconds", text)
	}
	return t.set(seconds * 1000)
}

// MarshalCBOR returns tag 1 with milliseconds.
func (t Timestamp) MarshalCBOR() ([]byte, error) {
	return AppendCBORMillis(nil, time.Time(t).UnixMilli()), nil
}

const epochTag = 1 // RFC 8949 section 3.4.2

// UnmarshalCBOR reads whole milliseconds or seconds with a fraction, with tag 1 or without.
func (t *Timestamp) UnmarshalCBOR(data []byte) error {
	var tag cbor.RawTag
	if err := cbor.Unmarshal(data, &tag); err == nil {
		data = tag.Content
	}
	var value any
	if err := cbor.Unmarshal(data, &value); err != nil {
		return err
	}
	switch value := value.(type) {
	case nil:
		return nil
	case uint64:
		return t.set(float64(value))
	case int64:
		return t.set(float64(value))
	case float64:
		return t.set(value * 1000)
	}
	return errors.New("a timestamp is milliseconds or fractional seconds since 1970")
}

// set takes milliseconds. Bounds keep what comes out within the years that time can format.
func (t *Timestamp) set(millis float64) error {
	const bound = 253402300800000 // the year 10000
	if math.IsNaN(millis) || millis < -bound || millis >= bound {
		return errors.New("timestamp out of range")
	}
	*t = Timestamp(time.UnixMilli(int64(math.Round(millis))))
	return nil
}

// AppendSeconds appends milliseconds since 1970 as JSON seconds with a fraction.
func AppendSeconds(b []byte, millis int64) []byte {
	if millis < 0 {
		return strconv.AppendFloat(b, float64(millis)/1000, 'f', -1, 64)
	}
	b = strconv.AppendInt(b, millis/1000, 10)
	rest := millis % 1000
	return append(b, '.', byte('0'+rest/100), byte('0'+rest/10%10), byte('0'+rest%10))
}
