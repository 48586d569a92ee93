package kinesiswire

import (
	"encoding/binary"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
)

// Major types of CBOR (RFC 8949, section 3.1), in the three bits that an item begins with.
const (
	cborUnsigned = 0 << 5
	cborBytes    = 2 << 5
	cborText     = 3 << 5
	cborArray    = 4 << 5
	cborMap      = 5 << 5
	cborSimple   = 7 << 5

	cborIndefinite = 31 // in the other five bits: the end is a break
	cborBreak      = cborSimple | cborIndefinite
	cborNull       = cborSimple | 22
)

// Names of members, as texts of CBOR.
const (
	nameRecords         = "\x67Records"
	nameData            = "\x64Data"
	nameExplicitHashKey = "\x6fExplicitHashKey"
	namePartitionKey    = "\x6cPartitionKey"
	nameStreamARN       = "\x69StreamARN"
	nameStreamName      = "\x6aStreamName"
)

// mostCopied is how long data is at most that is copied into a request: longer data is read from where it is.
const mostCopied = 512

// encodeCBOR adds PutRecords to an empty body, as CBOR. It leaves to the SDK what encodePutRecords does.
func (b *body) encodeCBOR(in *kinesis.PutRecordsInput) bool {
	if in.DryRun != nil || in.StreamId != nil || in.Records == nil {
		return false
	}
	b.head(cborMap, 1+present(in.StreamARN)+present(in.StreamName))
	b.frame = append(b.frame, nameRecords...)
	b.head(cborArray, len(in.Records))
	for i := range in.Records {
		record := &in.Records[i]
		if record.Data == nil || record.PartitionKey == nil {
			return false
		}
		b.head(cborMap, 2+present(record.ExplicitHashKey))
		b.frame = append(b.frame, nameData...)
		b.head(cborBytes, len(record.Data))
		b.data(record.Data)
		if !b.member(nameExplicitHashKey, record.ExplicitHashKey) || !b.member(namePartitionKey, record.PartitionKey) {
			return false
		}
	}
	return b.member(nameStreamARN, in.StreamARN) && b.member(nameStreamName, in.StreamName)
}

func present(s *string) int {
	if s == nil {
		return 0
	}
	return 1
}

// head appends what an item begins with: its type, and its value, length or count.
func (b *body) head(major byte, n int) {
	switch {
	case n < 24:
		b.frame = append(b.frame, major|byte(n))
	case n < 1<<8:
		b.frame = append(b.frame, major|24, byte(n))
	case n < 1<<16:
		b.frame = binary.BigEndian.AppendUint16(append(b.frame, major|25), uint16(n))
	default:
		b.frame = binary.BigEndian.AppendUint32(append(b.frame, major|26), uint32(n))
	}
}

// member appends a member that is a text, its name as given, nothing when there is no value. It reports whether the text could be written.
func (b *body) member(name string, value *string) bool {
	if value == nil {
		return true
	}
	if !utf8.ValidString(*value) {
		return false
	}
	b.frame = append(b.frame, name...)
	b.head(cborText, len(*value))
	b.frame = append(b.frame, *value...)
	return true
}
