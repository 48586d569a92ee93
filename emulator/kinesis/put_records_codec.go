package kinesis

import (
	"bytes"
	"strconv"
	"strings"

	"clickstream/emulator/internal/wire"
)

// ParseJSON reads the request as SDKs write it, without reflection; escapes, nulls, unknown members and the like are left to
// the general decoder.
func (in *PutRecordsInput) ParseJSON(body []byte) error {
	parser := putRecordsJSON{JSONReader: wire.NewJSONReader(body), text: wire.Text(body), data: in.scratch.bytes(len(body) / 4 * 3), in: in}
	parser.Skip('{')
	for first := true; parser.More(first, '}'); first = false {
		switch key := parser.Key(); {
		case string(key) == "Records" && in.Records == nil:
			parser.records(min(bytes.Count(body, []byte{'{'}), mostRecords))
		case string(key) == "StreamName" && in.StreamName == "":
			in.StreamName = strings.Clone(parser.name())
		case string(key) == "StreamARN" && in.StreamARN == "":
			in.StreamARN = strings.Clone(parser.name())
		default:
			parser.Fail()
		}
	}
	return parser.Err()
}

type putRecordsJSON struct {
	*wire.JSONReader
	text string // the body, for keys to be pieces of
	data []byte // room for all data
	in   *PutRecordsInput
}

func (p *putRecordsJSON) records(room int) {
	p.in.Records = p.in.scratch.entries(room)
	p.Skip('[')
	for first := true; p.More(first, ']'); first = false {
		p.in.Records = append(p.in.Records, PutRecordsRequestEntry{})
		p.entry(&p.in.Records[len(p.in.Records)-1])
	}
}

func (p *putRecordsJSON) entry(entry *PutRecordsRequestEntry) {
	p.Skip('{')
	for first := true; p.More(first, '}'); first = false {
		p.field(p.Key(), entry)
	}
}

// field reads a member of an entry.
func (p *putRecordsJSON) field(key []byte, entry *PutRecordsRequestEntry) {
	switch {
	case string(key) == "Data" && entry.Data == nil:
		start := len(p.data)
		p.data = p.AppendBase64(p.data)
		entry.Data = p.data[start:len(p.data):len(p.data)]
	case string(key) == "PartitionKey" && entry.PartitionKey == "":
		entry.PartitionKey = p.name()
	case string(key) == "ExplicitHashKey" && entry.ExplicitHashKey == "":
		entry.ExplicitHashKey = p.name()
	default:
		p.Fail()
	}
}

// member reads a member of a PutRecord request, which is target and entry in one.
func (p *putRecordsJSON) member(key []byte, entry *PutRecordsRequestEntry) {
	if string(key) == "StreamName" && p.in.StreamName == "" {
		p.in.StreamName = strings.Clone(p.name())
		return
	}
	p.field(key, entry)
}

// name takes a text that is not empty: an empty one could not be told from one that is not there, and of two members of one name
// the first counts.
func (p *putRecordsJSON) name() string {
	start, end := p.Span()
	if start == end {
		p.Fail()
	}
	return p.text[start:end]
}

// ParseCBOR does for CBOR what ParseJSON does for JSON. Data stays where the body has it.
func (in *PutRecordsInput) ParseCBOR(body []byte) error {
	parser := putRecordsCBOR{CBORReader: wire.NewCBORReader(body), text: wire.Text(body), in: in}
	members := parser.Begin(wire.CBORMap)
	for parser.More(&members) {
		switch key := parser.Text(); {
		case string(key) == "Records" && in.Records == nil:
			parser.records()
		case string(key) == "StreamName" && in.StreamName == "":
			in.StreamName = strings.Clone(parser.name())
		case string(key) == "StreamARN" && in.StreamARN == "":
			in.StreamARN = strings.Clone(parser.name())
		default:
			parser.Fail()
		}
	}
	return parser.Err()
}

type putRecordsCBOR struct {
	*wire.CBORReader
	text string // the body, for keys to be pieces of
	in   *PutRecordsInput
}

// name takes a text that is not empty: an empty one could not be told from one that is not there yet, and of two members of
// one name the first counts.
func (p *putRecordsCBOR) name() string {
	start, end := p.Span()
	if start == end {
		p.Fail()
	}
	return p.text[start:end]
}

func (p *putRecordsCBOR) records() {
	items := p.Begin(wire.CBORArray)
	p.in.Records = p.in.scratch.entries(min(items.Left(), mostRecords))
	for p.More(&items) {
		p.in.Records = append(p.in.Records, PutRecordsRequestEntry{})
		p.entry(&p.in.Records[len(p.in.Records)-1])
	}
}

func (p *putRecordsCBOR) entry(entry *PutRecordsRequestEntry) {
	members := p.Begin(wire.CBORMap)
	for p.More(&members) {
		p.field(p.Text(), entry)
	}
}

func (p *putRecordsCBOR) field(key []byte, entry *PutRecordsRequestEntry) {
	switch {
	case string(key) == "Data" && entry.Data == nil:
		entry.Data = p.Bytes()
	case string(key) == "PartitionKey" && entry.PartitionKey == "":
		entry.PartitionKey = p.name()
	case string(key) == "ExplicitHashKey" && entry.ExplicitHashKey == "":
		entry.ExplicitHashKey = p.name()
	default:
		p.Fail()
	}
}

func (p *putRecordsCBOR) member(key []byte, entry *PutRecordsRequestEntry) {
	if string(key) == "StreamName" && p.in.StreamName == "" {
		p.in.StreamName = strings.Clone(p.name())
		return
	}
	p.field(key, entry)
}

// AppendJSON writes the reply without reflection.
func (out *PutRecordsOutput) AppendJSON(b []byte) []byte {
	b = append(b, `{"FailedRecordCount":`...)
	b = strconv.AppendInt(b, out.FailedRecordCount, 10)
	b = append(b, `,"Records":[`...)
	for i := range out.Records {
		if i > 0 {
			b = append(b, ',')
		}
		b = out.Records[i].appendJSON(b)
	}
	b = append(b, ']')
	if out.EncryptionType != "" {
		b = wire.AppendString(append(b, `,"EncryptionType":`...), out.EncryptionType)
	}
	return append(b, '}')
}

func (e *PutRecordsResultEntry) appendJSON(b []byte) []byte {
	if e.SequenceNumber == nil {
		b = wire.AppendString(append(b, `{"ErrorCode":`...), e.ErrorCode)
		b = wire.AppendString(append(b, `,"ErrorMessage":`...), e.ErrorMessage)
		return append(b, '}')
	}
	b = e.SequenceNumber.Append(append(b, `{"SequenceNumber":"`...))
	b = append(append(b, `","ShardId":"`...), e.ShardId...)
	return append(b, `"}`...)
}

// AppendCBOR writes the reply without reflection.
func (out *PutRecordsOutput) AppendCBOR(b []byte) []byte {
	members := uint64(2)
	if out.EncryptionType != "" {
		members++
	}
	b = wire.AppendCBORHead(b, wire.CBORMap, members)
	b = wire.AppendCBORInt(wire.AppendCBORText(b, "FailedRecordCount"), out.FailedRecordCount)
	if out.EncryptionType != "" {
		b = wire.AppendCBORText(wire.AppendCBORText(b, "EncryptionType"), out.EncryptionType)
	}
	b = wire.AppendCBORHead(wire.AppendCBORText(b, "Records"), wire.CBORArray, uint64(len(out.Records)))
	for i := range out.Records {
		entry := &out.Records[i]
		b = wire.AppendCBORHead(b, wire.CBORMap, 2)
		if entry.SequenceNumber == nil {
			b = wire.AppendCBORText(wire.AppendCBORText(b, "ErrorCode"), entry.ErrorCode)
			b = wire.AppendCBORText(wire.AppendCBORText(b, "ErrorMessage"), entry.ErrorMessage)
			continue
		}
		b = entry.SequenceNumber.appendCBOR(wire.AppendCBORText(b, "SequenceNumber"))
		b = wire.AppendCBORText(wire.AppendCBORText(b, "ShardId"), entry.ShardId)
	}
	return b
}
