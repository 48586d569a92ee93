package kinesiswire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// Frame is one message of an event stream (application/vnd.amazon.eventstream), as far as SubscribeToShard needs it. Its fields are views
// of the reader's memory, good until the next call.
type Frame struct {
	MessageType   []byte // "event", "exception" or "error"
	EventType     []byte // of an event: "initial-response", "SubscribeToShardEvent"
	ExceptionType []byte // of an exception: the error's name
	ErrorCode     []byte // of an error, which has no payload
	ErrorMessage  []byte
	Payload       []byte
}

// FrameReader reads an event stream frame by frame into memory that it uses again. It reads no further than the frame that was asked for:
// what is not read stays in the connection, whose flow control holds the sender back.
//
// The SDK's reader hands out one object per record, decodes up to three events ahead, and shares a decoder among the streams of one client
// without a lock (smithy-go v1.28.8, internal/eventstream/codec.go).
type FrameReader struct {
	r      io.Reader
	memory []byte
}

// NewFrameReader returns a reader of the frames in r.
func NewFrameReader(r io.Reader) *FrameReader { return &FrameReader{r: r} }

const (
	preludeSize = 12 // total length, length of the headers, checksum of both; four bytes each, big-endian
	trailerSize = 4  // checksum of all before it
	// maxFrame is the greatest length that is believed. The format's own bound is 24 MiB; events of SubscribeToShard have some 3 MB.
	maxFrame = 24 << 20
)

// ErrFrame says that bytes are no frame, or were damaged on their way.
var ErrFrame = errors.New("damaged event stream")

// Next reads the next frame. It returns [io.EOF] where the stream ends between two frames, [io.ErrUnexpectedEOF] where it is cut off within
// one, ErrFrame for a wrong checksum or shape, and what the underlying reader returns otherwise.
func (f *FrameReader) Next() (Frame, error) {
	if cap(f.memory) < preludeSize {
		f.memory = make([]byte, 4<<10)
	}
	prelude := f.memory[:preludeSize]
	if _, err := io.ReadFull(f.r, prelude); err != nil {
		return Frame{}, err
	}
	total, headers := binary.BigEndian.Uint32(prelude), binary.BigEndian.Uint32(prelude[4:])
	if crc32.ChecksumIEEE(prelude[:8]) != binary.BigEndian.Uint32(prelude[8:]) {
		return Frame{}, fmt.Errorf("%w: wrong checksum of a frame's lengths", ErrFrame)
	}
	if total > maxFrame || uint64(total) < preludeSize+trailerSize+uint64(headers) {
		return Frame{}, fmt.Errorf("%w: a frame of %d bytes with headers of %d", ErrFrame, total, headers)
	}
	if err := f.fill(int(total)); err != nil {
		return Frame{}, err
	}
	body := f.memory[:total-trailerSize]
	if crc32.ChecksumIEEE(body) != binary.BigEndian.Uint32(f.memory[len(body):total]) {
		return Frame{}, fmt.Errorf("%w: wrong checksum of a frame", ErrFrame)
	}
	frame := Frame{Payload: body[preludeSize+headers:]}
	return frame, frame.readHeaders(body[preludeSize : preludeSize+headers])
}

// chunk is how much memory a frame gets before its bytes are there.
const chunk = 1 << 20

// fill reads the frame's rest behind its prelude.
func (f *FrameReader) fill(total int) error {
	for have := preludeSize; have < total; {
		next := min(total, have+chunk)
		if cap(f.memory) < next {
			f.memory = append(make([]byte, 0, max(next, min(2*cap(f.memory), total))), f.memory[:have]...)
		}
		f.memory = f.memory[:next]
		n, err := io.ReadFull(f.r, f.memory[have:next])
		if have += n; errors.Is(err, io.EOF) {
			return io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
	}
	f.memory = f.memory[:cap(f.memory)]
	return nil
}

// The types of header values, by their numbers, with the sizes of those that have a fixed one.
const (
	headerBytes, headerString = 6, 7
	headerSizes               = "\x00\x00\x01\x02\x04\x08--\x08\x10" // true, false, byte, short, int, long, bytes, string, timestamp, uuid
)

// readHeaders keeps the headers that a frame has fields for.
func (f *Frame) readHeaders(b []byte) error {
	for len(b) > 0 {
		name, rest, ok := cut(b[1:], int(b[0]))
		if !ok || len(rest) == 0 || int(rest[0]) >= len(headerSizes) {
			return fmt.Errorf("%w: a header's name or type", ErrFrame)
		}
		kind, rest := rest[0], rest[1:]
		size := int(headerSizes[kind])
		if kind == headerBytes || kind == headerString {
			if len(rest) < 2 {
				return fmt.Errorf("%w: a header's length", ErrFrame)
			}
			size, rest = int(binary.BigEndian.Uint16(rest)), rest[2:]
		}
		value, rest, ok := cut(rest, size)
		if !ok {
			return fmt.Errorf("%w: a header's value", ErrFrame)
		}
		if field := f.field(name); field != nil && kind == headerString {
			*field = value
		}
		b = rest
	}
	return nil
}

func (f *Frame) field(name []byte) *[]byte {
	switch string(name) {
	case ":message-type":
		return &f.MessageType
	case ":event-type":
		return &f.EventType
	case ":exception-type":
		return &f.ExceptionType
	case ":error-code":
		return &f.ErrorCode
	case ":error-message":
		return &f.ErrorMessage
	}
	return nil
}

func cut(b []byte, n int) (before, after []byte, ok bool) {
	if len(b) < n {
		return nil, nil, false
	}
	return b[:n], b[n:], true
}
