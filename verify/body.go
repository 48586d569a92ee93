package verify

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"clickstream/internal/delivery"
)

// recordReader takes an object's body apart record by record, in memory of one record, and sums it up. Close frees what it holds.
type recordReader struct {
	format string
	r      *bufio.Reader
	sum    hash.Hash // of the body before compression, as delivery.ContentSum
	count  int
	buffer []byte
	close  func()
}

// errCut says that a body ends inside a record.
var errCut = errors.New("is cut short")

func newRecordReader(format, compression string, body io.Reader) (*recordReader, error) {
	r := &recordReader{format: format, sum: sha256.New(), close: func() {}}
	switch compression {
	case delivery.CompressionGzip:
		plain, err := gzip.NewReader(body)
		if err != nil {
			return nil, err
		}
		body = plain
	case delivery.CompressionZstd:
		plain, err := zstd.NewReader(body, zstd.WithDecoderConcurrency(1))
		if err != nil {
			return nil, err
		}
		r.close, body = plain.Close, plain
	}
	r.r = bufio.NewReaderSize(io.TeeReader(body, r.sum), 64<<10)
	return r, nil
}

// next returns the next record, valid until the call after, and [io.EOF] behind the last one.
func (r *recordReader) next() ([]byte, error) {
	var record []byte
	var err error
	if r.format == delivery.FormatRaw {
		record, err = r.nextRaw()
	} else {
		record, err = r.nextLine()
	}
	if err == nil {
		r.count++
	}
	return record, err
}

func (r *recordReader) nextLine() ([]byte, error) {
	line, err := r.r.ReadSlice('\n')
	if err == nil {
		return line[:len(line)-1], nil
	}
	r.buffer = append(r.buffer[:0], line...)
	for errors.Is(err, bufio.ErrBufferFull) {
		line, err = r.r.ReadSlice('\n')
		r.buffer = append(r.buffer, line...)
	}
	switch {
	case err == nil:
		return r.buffer[:len(r.buffer)-1], nil
	case errors.Is(err, io.EOF) && len(r.buffer) > 0:
		return nil, errCut
	}
	return nil, err
}

func (r *recordReader) nextRaw() ([]byte, error) {
	var length [4]byte
	if _, err := io.ReadFull(r.r, length[:]); err != nil {
		return nil, cut(err)
	}
	n := int(binary.BigEndian.Uint32(length[:]))
	// The length is not trusted with memory that is not there: it grows with what is read.
	r.buffer = r.buffer[:0]
	for len(r.buffer) < n {
		have := len(r.buffer)
		r.buffer = append(r.buffer, make([]byte, min(n-have, 1<<20))...)
		if _, err := io.ReadFull(r.r, r.buffer[have:]); err != nil {
			return nil, errors.Join(errCut, ignoreEOF(err))
		}
	}
	return r.buffer, nil
}

// cut turns the end inside something into errCut and leaves the end before it as [io.EOF].
func cut(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return errCut
	}
	return err
}

func ignoreEOF(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

// drain reads to the end and returns the sum of the body. Its error is errCut, the decompressor's, or the connection's.
func (r *recordReader) drain() (content string, err error) {
	for err == nil {
		_, err = r.next()
	}
	if !errors.Is(err, io.EOF) {
		return "", err
	}
	return hex.EncodeToString(r.sum.Sum(nil)), nil
}
