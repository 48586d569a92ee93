package delivery

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// The formats of objects.
const (
	FormatJSONL = "jsonl" // data as it came and a newline; an empty record is an empty line; data with a newline in it is not Storable
	FormatRaw   = "raw"   // four bytes of length, big-endian, and the data
)

// The compressions of objects.
const (
	CompressionNone = "none"
	CompressionGzip = "gzip"
	CompressionZstd = "zstd"
)

// lengthBytes is the size of the length before each record of the raw format.
const lengthBytes = 4

// errNewline is why jsonl refuses a record: as two lines it could not be told from two records.
var errNewline = errors.New("the data contains a newline, which the jsonl format cannot hold as one record; format raw can")

// CheckFormat returns an error that names the choices unless format is one of them.
func CheckFormat(format string) error {
	if format == FormatJSONL || format == FormatRaw {
		return nil
	}
	return fmt.Errorf("format %q is neither %s nor %s", format, FormatJSONL, FormatRaw)
}

// CheckCompression returns an error that names the choices unless compression is one of them.
func CheckCompression(compression string) error {
	switch compression {
	case CompressionNone, CompressionGzip, CompressionZstd:
		return nil
	}
	return fmt.Errorf("compression %q is none of %s, %s, %s", compression, CompressionNone, CompressionGzip, CompressionZstd)
}

// Storable returns nil if an object of the format can hold the record, else the reason. Such records go under ErrorPrefix.
func Storable(format string, data []byte) error {
	if format == FormatJSONL && bytes.IndexByte(data, '\n') >= 0 {
		return errNewline
	}
	return nil
}

// AppendRecord appends a Storable record to an object's body, before compression.
func AppendRecord(body []byte, format string, data []byte) []byte {
	if format == FormatRaw {
		body = binary.BigEndian.AppendUint32(body, uint32(len(data)))
		return append(body, data...)
	}
	return append(append(body, data...), '\n')
}

// ContentType is the media type of an object of the format and compression.
func ContentType(format, compression string) string {
	switch {
	case compression == CompressionGzip:
		return "application/gzip"
	case compression == CompressionZstd:
		return "application/zstd"
	case format == FormatJSONL:
		return "application/x-ndjson"
	}
	return "application/octet-stream"
}

// Object is a data object that has been read.
type Object struct {
	Records [][]byte // the data of its records, in order; parts of one buffer
	Content string   // ContentSum of its body, to be compared with ContentOf(ObjectMetadata.Digest)
}

// ReadObject takes apart the body of the data object key, as it lies in the bucket. A body that is cut short is an error that names key.
func ReadObject(key, format, compression string, body []byte) (*Object, error) {
	plain, err := decompress(compression, body)
	if err != nil {
		return nil, fmt.Errorf("object %s: %s: %w", key, compression, err)
	}
	records, err := splitRecords(format, plain)
	if err != nil {
		return nil, fmt.Errorf("object %s: %w", key, err)
	}
	return &Object{Records: records, Content: ContentSum(plain)}, nil
}

func decompress(compression string, body []byte) ([]byte, error) {
	switch compression {
	case CompressionGzip:
		r, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		return io.ReadAll(r)
	case CompressionZstd:
		r, err := zstd.NewReader(bytes.NewReader(body), zstd.WithDecoderConcurrency(1))
		if err != nil {
			return nil, err
		}
		defer r.Close()
		return io.ReadAll(r)
	}
	return body, CheckCompression(compression)
}

func splitRecords(format string, body []byte) ([][]byte, error) {
	if format == FormatRaw {
		return splitRaw(body)
	}
	if err := CheckFormat(format); err != nil {
		return nil, err
	}
	records := make([][]byte, 0, bytes.Count(body, []byte{'\n'}))
	for len(body) > 0 {
		end := bytes.IndexByte(body, '\n')
		if end < 0 {
			return nil, fmt.Errorf("cut short: its last line, after %d records, has no end", len(records))
		}
		records = append(records, body[:end:end])
		body = body[end+1:]
	}
	return records, nil
}

func splitRaw(body []byte) ([][]byte, error) {
	var records [][]byte
	for len(body) > 0 {
		if len(body) < lengthBytes {
			return nil, fmt.Errorf("cut short: %d bytes behind %d records are no length", len(body), len(records))
		}
		n := uint64(binary.BigEndian.Uint32(body))
		body = body[lengthBytes:]
		if n > uint64(len(body)) {
			return nil, fmt.Errorf("cut short: behind %d records one of %d bytes begins, of which %d are there", len(records), n, len(body))
		}
		records = append(records, body[:n:n])
		body = body[n:]
	}
	return records, nil
}
