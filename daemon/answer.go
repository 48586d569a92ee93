package daemon

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// answer is what one GetRecords call returned, or one event of SubscribeToShard. Its records are views of the response body: the payload
// stays the base64 text that it is on the wire, for that is also how the child gets it. Decoding it by the SDK and encoding it again
// would be the larger part of the daemon's work.
type answer struct {
	records      []wireRecord
	next         string // the next shard iterator; an event has none
	continuation string // how far an event goes, which may be further than its last record; GetRecords does not say
	behind       *int64 // milliseconds behind the tip
	children     []types.ChildShard
}

// ended reports whether the shard ends after the answer.
func (a *answer) ended() bool { return a.next == "" && a.continuation == "" }

// wireRecord is a record as JSON spells it: data is base64, key the text between the quotes with its escapes, sequence digits.
type wireRecord struct {
	data, key, sequence []byte
	arrival             int64 // milliseconds since 1970; 0 when the service did not say
}

// errUnusual says that the parser below met something that it leaves to the SDK's.
var errUnusual = errors.New("not the usual shape of a GetRecords response or a SubscribeToShard event")

// parseAnswer reads the JSON of a GetRecords response or of an event into a, whose memory it uses again. It knows what the service sends
// and returns errUnusual for anything else, which is not to say that it would be wrong.
func parseAnswer(body []byte, a *answer) error {
	a.reset()
	p := parser{rest: body}
	err := p.object(func(key []byte) error {
		switch string(key) {
		case "Records":
			return p.list(func() error { return p.record(a) })
		case "NextShardIterator":
			text, err := p.textOrNull()
			a.next = string(text)
			return err
		case "ContinuationSequenceNumber":
			text, err := p.textOrNull()
			a.continuation = string(text)
			return err
		case "MillisBehindLatest":
			return p.integerOrNull(&a.behind)
		case "ChildShards":
			value, err := p.value()
			if err != nil {
				return err
			}
			return json.Unmarshal(value, &a.children)
		default:
			_, err := p.value()
			return err
		}
	})
	if p.space(); err == nil && len(p.rest) > 0 {
		err = errUnusual
	}
	if err != nil {
		a.reset()
	}
	return err
}

func (a *answer) reset() { *a = answer{records: a.records[:0]} }

// fromSDK fills a from the SDK's own decoding, for responses that parseAnswer did not take.
func (a *answer) fromSDK(out *kinesis.GetRecordsOutput) error {
	a.reset()
	a.next, a.behind, a.children = aws.ToString(out.NextShardIterator), out.MillisBehindLatest, out.ChildShards
	for i := range out.Records {
		record := &out.Records[i]
		quoted, err := json.Marshal(aws.ToString(record.PartitionKey))
		if err != nil {
			return err
		}
		wire := wireRecord{
			data:     base64.StdEncoding.AppendEncode(nil, record.Data),
			key:      quoted[1 : len(quoted)-1],
			sequence: []byte(aws.ToString(record.SequenceNumber)),
		}
		if record.ApproximateArrivalTimestamp != nil {
			wire.arrival = record.ApproximateArrivalTimestamp.UnixMilli()
		}
		if !digits(wire.sequence) {
			return errors.New("GetRecords returned a sequence number that is not a number")
		}
		a.records = append(a.records, wire)
	}
	return nil
}

// partitionKey returns the key without its escapes.
func (r *wireRecord) partitionKey() (string, error) {
	if bytes.IndexByte(r.key, '\\') < 0 {
		return string(r.key), nil
	}
	var key string
	err := json.Unmarshal(append(append([]byte{'"'}, r.key...), '"'), &key)
	return key, err
}

// arrivalTime returns the arrival as a time, zero when it is not known.
func (r *wireRecord) arrivalTime() time.Time {
	if r.arrival == 0 {
		return time.Time{}
	}
	return time.UnixMilli(r.arrival)
}

// record reads one element of Records.
func (p *parser) record(a *answer) error {
	var r wireRecord
	if err := p.object(func(key []byte) error { return p.recordMember(&r, key) }); err != nil {
		return err
	}
	if r.key == nil || !base64Text(r.data) || !digits(r.sequence) {
		return errUnusual
	}
	a.records = append(a.records, r)
	return nil
}

func (p *parser) recordMember(r *wireRecord, key []byte) (err error) {
	switch string(key) {
	case "Data":
		r.data, err = p.rawText()
	case "PartitionKey":
		r.key, err = p.text()
	case "SequenceNumber":
		r.sequence, err = p.rawText()
	case "ApproximateArrivalTimestamp":
		r.arrival, err = p.timestamp()
	default:
		_, err = p.value()
	}
	return err
}

// timestamp reads seconds since 1970, with or without fraction and exponent, as milliseconds.
func (p *parser) timestamp() (int64, error) {
	value, err := p.value()
	if err != nil || string(value) == "null" {
		return 0, err
	}
	if !numeric(value) {
		return 0, errUnusual // ParseFloat knows more spellings than JSON
	}
	seconds, err := strconv.ParseFloat(string(value), 64)
	if err != nil || math.Abs(seconds) > math.MaxInt32*1000 {
		return 0, errUnusual
	}
	return int64(math.Round(seconds * 1000)), nil
}

func numeric(text []byte) bool {
	for _, c := range text {
		if (c < '0' || c > '9') && c != '.' && c != 'E' && c != 'e' && c != '+' && c != '-' {
			return false
		}
	}
	return true
}

func (p *parser) integerOrNull(to **int64) error {
	value, err := p.value()
	if err != nil || string(value) == "null" {
		return err
	}
	n, err := strconv.ParseInt(string(value), 10, 64)
	if err != nil {
		return errUnusual
	}
	*to = &n
	return nil
}

func (p *parser) textOrNull() ([]byte, error) {
	if p.space(); len(p.rest) > 0 && p.rest[0] == 'n' {
		value, err := p.value()
		if err == nil && string(value) != "null" {
			err = errUnusual
		}
		return nil, err
	}
	text, err := p.text()
	if bytes.IndexByte(text, '\\') >= 0 {
		err = errUnusual
	}
	return text, err
}

// base64Text reports whether text is padded standard base64, by its alphabet and length. It is nil when there was no text.
func base64Text(text []byte) bool {
	if text == nil || len(text)%4 != 0 {
		return false
	}
	padding := 0
	for padding < 2 && padding < len(text) && text[len(text)-1-padding] == '=' {
		padding++
	}
	for _, c := range text[:len(text)-padding] {
		if base64Letters[c] != c {
			return false
		}
	}
	return true
}

func digits(text []byte) bool {
	for _, c := range text {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(text) > 0
}

// base64Letters holds each letter of base64 at its own place and other bytes elsewhere.
const base64Letters = "" +
	"................................" + "...........+.. /0123456789......" +
	".ABCDEFGHIJKLMNOPQRSTUVWXYZ....." + ".abcdefghijklmnopqrstuvwxyz....." +
	"................................" + "................................" +
	"................................" + "................................"
