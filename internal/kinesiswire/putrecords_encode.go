package kinesiswire

import (
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"clickstream/kcl/multilang/base64"
)

// encodePutRecords writes the body of PutRecords as AWS JSON 1.1, the members in the SDK's order. It leaves to the SDK what it
// does not know: members that this project never sets, text that is not UTF-8, a record without data or key.
func encodePutRecords(in *kinesis.PutRecordsInput) ([]byte, bool) {
	if in.DryRun != nil || in.StreamId != nil || in.Records == nil {
		return nil, false
	}
	b := append(make([]byte, 0, sizePutRecords(in)), `{"Records":[`...)
	for i := range in.Records {
		record := &in.Records[i]
		if record.Data == nil || record.PartitionKey == nil {
			return nil, false
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"Data":"`...)
		b = base64.AppendEncode(b, record.Data)
		b = append(b, '"')
		var ok bool
		if b, ok = appendMember(b, `,"ExplicitHashKey":"`, record.ExplicitHashKey); !ok {
			return nil, false
		}
		if b, ok = appendMember(b, `,"PartitionKey":"`, record.PartitionKey); !ok {
			return nil, false
		}
		b = append(b, '}')
	}
	b = append(b, ']')
	var ok bool
	if b, ok = appendMember(b, `,"StreamARN":"`, in.StreamARN); !ok {
		return nil, false
	}
	if b, ok = appendMember(b, `,"StreamName":"`, in.StreamName); !ok {
		return nil, false
	}
	return append(b, '}'), true
}

// sizePutRecords returns how long the body will be when no text needs an escape.
func sizePutRecords(in *kinesis.PutRecordsInput) int {
	size := len(`{"Records":[],"StreamARN":"","StreamName":""}`) + length(in.StreamARN) + length(in.StreamName)
	for i := range in.Records {
		record := &in.Records[i]
		size += len(`{"Data":"","ExplicitHashKey":"","PartitionKey":""},`) + (len(record.Data)+2)/3*4 +
			length(record.ExplicitHashKey) + length(record.PartitionKey)
	}
	return size
}

func length(s *string) int {
	if s == nil {
		return 0
	}
	return len(*s)
}

// appendMember appends a member of an object, its name with colon and quote as given, nothing when there is no value. It
// reports whether the text could be written.
func appendMember(b []byte, name string, value *string) ([]byte, bool) {
	if value == nil {
		return b, true
	}
	s := *value
	if !utf8.ValidString(s) {
		return b, false
	}
	b = append(b, name...)
	start := 0
	for i := range len(s) {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[start:i]...)
		if c < ' ' {
			b = append(b, '\\', 'u', '0', '0', "0123456789abcdef"[c>>4], "0123456789abcdef"[c&15])
		} else {
			b = append(b, '\\', c)
		}
		start = i + 1
	}
	b = append(b, s[start:]...)
	return append(b, '"'), true
}
