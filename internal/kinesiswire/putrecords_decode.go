package kinesiswire

import (
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// decodePutRecords reads the body of PutRecords' answer. It knows the answer's members in any order, numbers without fraction,
// white space, and text without escapes or null in its place; at the first thing it does not know it reports false and leaves out as it was.
//
// All texts of one answer share one copy of it, and the pointers to them one array: a handful of allocations for 500 records.
func decodePutRecords(body []byte, out *kinesis.PutRecordsOutput) bool {
	if !utf8.Valid(body) {
		return false
	}
	d := putRecordsDecoder{cursor: cursor{s: string(body)}}
	var result kinesis.PutRecordsOutput
	if !d.object(func(name string) bool { return d.output(name, &result) }) || !d.end() {
		return false
	}
	out.EncryptionType, out.FailedRecordCount, out.Records = result.EncryptionType, result.FailedRecordCount, result.Records
	return true
}

// putRecordsDecoder hands out texts whose pointers share arrays.
type putRecordsDecoder struct {
	cursor
	texts []string
	shard *string // the last shard id: there are few, and they repeat
}

func (d *putRecordsDecoder) output(name string, out *kinesis.PutRecordsOutput) bool {
	switch name {
	case "Records":
		return d.results(out)
	case "FailedRecordCount":
		return d.count(&out.FailedRecordCount)
	case "EncryptionType":
		text, _, ok := d.text()
		out.EncryptionType = types.EncryptionType(text)
		return ok
	default:
		return false
	}
}

// resultSize is about how long a result is, to guess from the answer's length how many there are.
const resultSize = 110

func (d *putRecordsDecoder) results(out *kinesis.PutRecordsOutput) bool {
	if out.Records != nil || !d.byte('[') {
		return false
	}
	out.Records = make([]types.PutRecordsResultEntry, 0, (len(d.s)-d.i)/resultSize+1)
	if d.byte(']') {
		return true
	}
	var result types.PutRecordsResultEntry
	member := func(name string) bool { return d.result(name, &result) }
	for {
		result = types.PutRecordsResultEntry{}
		if !d.object(member) {
			return false
		}
		out.Records = append(out.Records, result)
		if d.byte(']') {
			return true
		}
		if !d.byte(',') {
			return false
		}
	}
}

func (d *putRecordsDecoder) result(name string, result *types.PutRecordsResultEntry) bool {
	text, present, ok := d.text()
	return ok && d.set(name, text, present, result)
}

// set sets a member of a result.
func (d *putRecordsDecoder) set(name, text string, present bool, result *types.PutRecordsResultEntry) bool {
	var to **string
	switch name {
	case "SequenceNumber":
		to = &result.SequenceNumber
	case "ShardId":
		if present && d.shard != nil && *d.shard == text {
			result.ShardId = d.shard
			return true
		}
		to = &result.ShardId
	case "ErrorCode":
		to = &result.ErrorCode
	case "ErrorMessage":
		to = &result.ErrorMessage
	default:
		return false
	}
	*to = nil
	if present {
		*to = d.pointer(text)
	}
	if name == "ShardId" {
		d.shard = result.ShardId
	}
	return true
}

// pointer returns a pointer to a text. One array serves many of them.
func (d *putRecordsDecoder) pointer(text string) *string {
	if len(d.texts) == cap(d.texts) {
		d.texts = make([]string, 0, min(max((len(d.s)-d.i)/resultSize+8, 16), 1024))
	}
	d.texts = append(d.texts, text)
	return &d.texts[len(d.texts)-1]
}

// count reads a whole number of at most nine digits.
func (d *putRecordsDecoder) count(to **int32) bool {
	d.space()
	start, n := d.i, int32(0)
	for d.i < len(d.s) && '0' <= d.s[d.i] && d.s[d.i] <= '9' {
		n = n*10 + int32(d.s[d.i]-'0')
		if d.i++; d.i-start > 9 {
			return false
		}
	}
	if d.i == start || (d.s[start] == '0' && d.i > start+1) {
		return false
	}
	*to = &n
	return true
}

// cursor reads the simple JSON that a service writes.
type cursor struct {
	s string
	i int
}

func (c *cursor) space() {
	for c.i < len(c.s) {
		switch c.s[c.i] {
		case ' ', '\t', '\n', '\r':
			c.i++
		default:
			return
		}
	}
}

// byte steps over white space and want, if that comes next.
func (c *cursor) byte(want byte) bool {
	c.space()
	if c.i < len(c.s) && c.s[c.i] == want {
		c.i++
		return true
	}
	return false
}

// null steps over a null, if that comes next.
func (c *cursor) null() bool {
	c.space()
	if !strings.HasPrefix(c.s[c.i:], "null") {
		return false
	}
	c.i += len("null")
	return true
}

// end reports whether nothing but white space is left.
func (c *cursor) end() bool {
	c.space()
	return c.i == len(c.s)
}

// text reads a string without escapes, or null, which is not present.
func (c *cursor) text() (text string, present, ok bool) {
	if !c.byte('"') {
		return "", false, c.null()
	}
	n := strings.IndexByte(c.s[c.i:], '"')
	if n < 0 {
		return "", false, false
	}
	text = c.s[c.i : c.i+n]
	for i := range len(text) {
		if text[i] < ' ' || text[i] == '\\' {
			return "", false, false
		}
	}
	c.i += n + 1
	return text, true, true
}

// object reads an object, member reads the value of each of its members.
func (c *cursor) object(member func(name string) bool) bool {
	if !c.byte('{') {
		return false
	}
	if c.byte('}') {
		return true
	}
	for {
		name, present, ok := c.text()
		if !ok || !present || !c.byte(':') || !member(name) {
			return false
		}
		if c.byte('}') {
			return true
		}
		if !c.byte(',') {
			return false
		}
	}
}
