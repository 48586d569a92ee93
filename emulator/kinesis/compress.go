package kinesis

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
)

// compress packs an object's body and names its encoding.
func compress(kind string, body []byte) ([]byte, string, error) {
	switch kind {
	case "NONE":
		return body, "", nil
	case "GZIP":
		var packed bytes.Buffer
		writer := gzip.NewWriter(&packed)
		_, err := writer.Write(body)
		if closing := writer.Close(); err == nil {
			err = closing
		}
		return packed.Bytes(), "gzip", err
	case "ZSTD":
		return zstandard(body), "zstd", nil
	default:
		return nil, "", fmt.Errorf("unknown compression %s", kind)
	}
}

// zstandard wraps a body in a frame of RFC 8878 whose blocks are all raw: every decoder reads it, and the standard library has no
// encoder that could do more.
func zstandard(body []byte) []byte {
	const (
		magic         = 0xfd2fb528
		singleSegment = 0b1110_0000 // with a content size of eight bytes, without checksum or dictionary
		block         = 128 << 10
		last          = 1
	)
	frame := make([]byte, 0, len(body)+len(body)/block*3+16)
	frame = binary.LittleEndian.AppendUint32(frame, magic)
	frame = append(frame, singleSegment)
	frame = binary.LittleEndian.AppendUint64(frame, uint64(len(body)))
	for {
		piece := body[:min(len(body), block)]
		body = body[len(piece):]
		head := uint32(len(piece)) << 3 // the type of a raw block is 0
		if len(body) == 0 {
			head |= last
		}
		frame = append(frame, byte(head), byte(head>>8), byte(head>>16))
		frame = append(frame, piece...)
		if len(body) == 0 {
			return frame
		}
	}
}
