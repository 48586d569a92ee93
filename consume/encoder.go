package consume

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"clickstream/internal/delivery"
)

// encoder makes objects of batches. It keeps its buffers and compressors from one batch to the next.
type encoder struct {
	body      []byte
	positions []byte
	packed    bytes.Buffer
	gzip      *gzip.Writer
	zstd      *zstd.Encoder
}

// object is an encoded batch.
type object struct {
	body     []byte // valid until the next call of encode, or a change of the batch
	records  int
	rejected []int // entries of the batch that the format cannot hold
	digest   string
}

// encode makes the object of the batch's first n records.
func (e *encoder) encode(b *batch, n int, format, compression string) (*object, error) {
	o := &object{}
	if format == delivery.FormatJSONL {
		for _, i := range b.multiline {
			if i < n {
				o.rejected = append(o.rejected, i)
			}
		}
	}
	o.records = n - len(o.rejected)
	framed, positions := b.data[:b.entries[n-1].dataEnd], b.positions[:b.entries[n-1].positionEnd]
	if format != b.format || len(o.rejected) > 0 {
		e.frame(b, n, format, o.rejected)
		framed = e.body
	}
	if len(o.rejected) > 0 {
		positions = e.positions
	}
	o.digest = delivery.DigestOf(positions, framed)
	var err error
	o.body, err = e.compress(framed, compression)
	return o, err
}

// frame writes the records into body, and their positions into positions if some records are left out.
func (e *encoder) frame(b *batch, n int, format string, rejected []int) {
	const most = 4 // bytes of frame around a record
	e.body, e.positions = slices.Grow(e.body[:0], b.entries[n-1].dataEnd+n*most), e.positions[:0]
	skip := rejected
	for i := range n {
		if len(skip) > 0 && skip[0] == i {
			skip = skip[1:]
			continue
		}
		e.body = delivery.AppendRecord(e.body, format, b.record(i))
		if len(rejected) > 0 {
			e.positions = append(e.positions, b.line(i)...)
		}
	}
}

func (e *encoder) compress(framed []byte, compression string) ([]byte, error) {
	switch compression {
	case delivery.CompressionGzip:
		return e.compressGzip(framed)
	case delivery.CompressionZstd:
		return e.compressZstd(framed)
	}
	return framed, nil
}

func (e *encoder) compressGzip(framed []byte) ([]byte, error) {
	e.packed.Reset()
	if e.gzip == nil {
		e.gzip = gzip.NewWriter(&e.packed)
	} else {
		e.gzip.Reset(&e.packed)
	}
	if _, err := e.gzip.Write(framed); err != nil {
		return nil, fmt.Errorf("gzip: %w", err)
	}
	if err := e.gzip.Close(); err != nil {
		return nil, fmt.Errorf("gzip: %w", err)
	}
	return e.packed.Bytes(), nil
}

func (e *encoder) compressZstd(framed []byte) ([]byte, error) {
	if e.zstd == nil {
		var err error
		if e.zstd, err = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true)); err != nil {
			return nil, fmt.Errorf("zstd: %w", err)
		}
	}
	e.packed.Reset()
	packed := e.zstd.EncodeAll(framed, e.packed.AvailableBuffer())
	e.packed.Write(packed) // keeps what EncodeAll has allocated for the next batch
	return e.packed.Bytes(), nil
}
