package multilang

import (
	"encoding/base64"
	"slices"
	"time"
)

// ParseDaemonMessage decodes a line of the daemon, with or without its newline. It takes any valid JSON of the protocol's
// fields, in any order and spelling, ignores fields it does not know, and takes null for a field left out; a wrong type,
// a missing action, or anything that is not JSON is an error, which names the place and never quotes the line.
//
// The result shares no memory with line. The records' data and strings are cut from common chunks (128 KiB at most):
// they may be kept and changed, but whoever keeps one small piece for long should copy it.
func ParseDaemonMessage(line []byte) (*DaemonMessage, error) {
	p := daemonParser{scanner: scanner{b: line}, message: new(DaemonMessage)}
	if err := p.object(p.member); err != nil {
		return nil, err
	}
	return p.finish()
}

type daemonParser struct {
	scanner

	message *DaemonMessage
	data    slab
	strings slab
	keys    keyCache
	records []Record // where the records go

	numberLength int // of the sequence number that came last
}

// finish returns the message after its last byte.
func (p *daemonParser) finish() (*DaemonMessage, error) {
	if err := p.end(); err != nil {
		return nil, err
	}
	if p.message.Action == "" {
		return nil, p.errorf("the message has no action")
	}
	return p.message, nil
}

func (p *daemonParser) member(key []byte) (err error) {
	m := p.message
	switch string(key) {
	case "action":
		m.Action, err = p.string()
	case "shardId":
		m.ShardID, err = p.string()
	case "sequenceNumber":
		m.SequenceNumber, err = p.optionalString()
	case "subSequenceNumber":
		m.SubSequenceNumber, err = p.optionalInteger()
	case "records":
		err = p.list()
	case "millisBehindLatest":
		m.MillisBehindLatest, err = p.optionalInteger()
	case "error":
		m.Error, err = p.string()
	case "reason":
		m.Reason, err = p.string()
	default:
		err = p.skip()
	}
	return err
}

func (p *daemonParser) string() (string, error) {
	if p.null() {
		return "", nil
	}
	text, err := p.text()
	return string(text), err
}

func (p *daemonParser) optionalString() (*string, error) {
	if p.null() {
		return nil, nil
	}
	text, err := p.string()
	return &text, err
}

func (p *daemonParser) optionalInteger() (*int64, error) {
	if p.null() {
		return nil, nil
	}
	n, err := p.integer()
	return &n, err
}

func (p *daemonParser) list() error {
	p.message.Records = nil
	if p.null() {
		return nil
	}
	p.message.Records = p.records[:0]
	if p.records == nil {
		p.message.Records = []Record{} // an empty list is not a missing one
	}
	return p.array(p.record)
}

// record decodes one record: in one go when it has the daemon's own shape, else field by field.
func (p *daemonParser) record() error {
	records := &p.message.Records
	start := p.i
	r := p.nextRecord()
	if !p.usualRecord(r) {
		p.i, *r = start, Record{}
		p.strings.loose = true
		if err := p.anyRecord(r); err != nil {
			return err
		}
	}
	if len(*records) == 1 && cap(*records) == 1 {
		// The first record tells how many will follow, about; more than the daemon ever sends is left to append.
		estimate := (len(p.b)-p.i)/(p.i-start) + 2
		*records = append(make([]Record, 0, min(estimate, 16<<10)), *r)
	}
	return nil
}

// usualRecords is how many records the daemons give at most, unless told otherwise.
const usualRecords = 10_000

func (p *daemonParser) nextRecord() *Record {
	if n := len(p.message.Records); n == cap(p.message.Records) && n >= 64 {
		if n >= 1<<10 && n < usualRecords {
			p.message.Records = slices.Grow(p.message.Records, usualRecords-n)
		} else {
			p.message.Records = slices.Grow(p.message.Records, n)
		}
	}
	p.message.Records = append(p.message.Records, Record{})
	return &p.message.Records[len(p.message.Records)-1]
}

func (p *daemonParser) anyRecord(r *Record) error {
	return p.object(func(key []byte) (err error) {
		switch string(key) {
		case "data":
			err = p.anyData(r)
		case "partitionKey":
			r.PartitionKey, err = p.string()
		case "sequenceNumber":
			r.SequenceNumber, err = p.string()
		case "approximateArrivalTimestamp":
			var millis *int64
			r.ApproximateArrivalTimestamp = time.Time{}
			if millis, err = p.optionalInteger(); millis != nil {
				r.ApproximateArrivalTimestamp = time.UnixMilli(*millis)
			}
		case "subSequenceNumber":
			var sub *int64
			r.SubSequenceNumber = 0
			if sub, err = p.optionalInteger(); sub != nil {
				r.SubSequenceNumber = *sub
			}
		default:
			err = p.skip()
		}
		return err
	})
}

func (p *daemonParser) anyData(r *Record) error {
	r.Data = nil
	if p.null() {
		return nil
	}
	text, err := p.text()
	if err != nil {
		return err
	}
	taken := p.data.take(base64.StdEncoding.DecodedLen(len(text)), len(text)+len(p.b)-p.i)
	n, err := base64.StdEncoding.Decode(taken, text)
	if err != nil {
		return p.errorf("data is not base64")
	}
	r.Data = p.data.keep(taken, n)
	return nil
}
