package multilang

import (
	"encoding/base64"
	"strconv"
	"unicode/utf8"
)

// AppendLine appends the message as the Java daemon writes it, field for field and in its order, with a newline.
// Invalid UTF-8 in a string becomes U+FFFD, as it does in Java.
func (m *DaemonMessage) AppendLine(b []byte) []byte {
	b = appendString(append(b, `{"action":`...), m.Action)
	switch m.Action {
	case ActionInitialize:
		b = appendString(append(b, `,"shardId":`...), m.ShardID)
		b = m.appendPosition(b)
	case ActionProcessRecords:
		b = appendRecords(append(b, `,"records":[`...), m.Records)
		b = appendNumber(append(b, `],"millisBehindLatest":`...), m.MillisBehindLatest)
	case ActionCheckpoint:
		b = append(m.appendPosition(b), `,"error":`...)
		if m.Error == "" {
			b = append(b, "null"...)
		} else {
			b = appendString(b, m.Error)
		}
	case ActionShutdown:
		b = appendString(append(b, `,"reason":`...), m.Reason)
	}
	return append(b, "}\n"...)
}

func (m *DaemonMessage) appendPosition(b []byte) []byte {
	b = appendText(append(b, `,"sequenceNumber":`...), m.SequenceNumber)
	return appendNumber(append(b, `,"subSequenceNumber":`...), m.SubSequenceNumber)
}

// AppendLine appends the message with a newline. A status never has a field besides action and responseFor: the Java
// daemon takes a line with a field it does not know for noise and waits on, for ever.
func (m *ChildMessage) AppendLine(b []byte) []byte {
	b = appendString(append(b, `{"action":`...), m.Action)
	if m.Action == ActionCheckpoint {
		b = appendText(append(b, `,"sequenceNumber":`...), m.SequenceNumber)
		if m.SubSequenceNumber != nil {
			b = appendNumber(append(b, `,"subSequenceNumber":`...), m.SubSequenceNumber)
		}
	} else {
		b = appendString(append(b, `,"responseFor":`...), m.ResponseFor)
	}
	return append(b, "}\n"...)
}

func appendRecords(b []byte, records []Record) []byte {
	for i := range records {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendRecord(b, &records[i])
	}
	return b
}

func appendRecord(b []byte, r *Record) []byte {
	if r.Data == nil {
		b = append(b, `{"data":null`...)
	} else {
		b = append(b, `{"data":"`...)
		b = base64.StdEncoding.AppendEncode(b, r.Data)
		b = append(b, '"')
	}
	b = appendString(append(b, `,"partitionKey":`...), r.PartitionKey)
	b = appendString(append(b, `,"sequenceNumber":`...), r.SequenceNumber)
	b = append(b, `,"approximateArrivalTimestamp":`...)
	if r.ApproximateArrivalTimestamp.IsZero() {
		b = append(b, "null"...)
	} else {
		b = strconv.AppendInt(b, r.ApproximateArrivalTimestamp.UnixMilli(), 10)
	}
	b = strconv.AppendInt(append(b, `,"subSequenceNumber":`...), r.SubSequenceNumber, 10)
	return append(b, `,"action":"record"}`...)
}

func appendText(b []byte, s *string) []byte {
	if s == nil {
		return append(b, "null"...)
	}
	return appendString(b, *s)
}

func appendNumber(b []byte, n *int64) []byte {
	if n == nil {
		return append(b, "null"...)
	}
	return strconv.AppendInt(b, *n, 10)
}

func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	if plain(s) {
		b = append(b, s...)
	} else {
		b = appendEscaped(b, s)
	}
	return append(b, '"')
}

// appendEscaped escapes what Jackson escapes: the quote, the backslash and control characters, the latter with capital
// hex digits; everything else goes out as UTF-8.
func appendEscaped(b []byte, s string) []byte {
	const hex = "0123456789ABCDEF"
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r >= ' ':
			b = utf8.AppendRune(b, r)
		case shortEscape(r) != 0:
			b = append(b, '\\', shortEscape(r))
		default:
			b = append(b, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
		}
	}
	return b
}

func shortEscape(r rune) byte {
	switch r {
	case '\b':
		return 'b'
	case '\t':
		return 't'
	case '\n':
		return 'n'
	case '\f':
		return 'f'
	case '\r':
		return 'r'
	}
	return 0
}
