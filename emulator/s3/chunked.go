package s3

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"
)

// Limits of what an aws-chunked body may hold beside data.
const (
	maxChunkHeader = 1024      // bytes: a size and a signature
	maxTrailer     = 16 * 1024 // bytes of all trailing headers
)

// isChunked says whether a body is in the aws-chunked encoding.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
func isChunked(header http.Header) bool {
	return strings.HasPrefix(header.Get("X-Amz-Content-Sha256"), "STREAMING-") ||
		strings.Contains(strings.ToLower(header.Get("Content-Encoding")), "aws-chunked") &&
			header.Get("X-Amz-Decoded-Content-Length") != ""
}

// chunkedReader takes an aws-chunked body apart: data by Read, and after its
// end the trailing headers in trailer. Signatures of chunks are read over.
type chunkedReader struct {
	in      *bufio.Reader
	left    int64 // bytes of the current chunk that are still to come
	started bool
	err     error // what every further Read answers
	trailer http.Header
}

func newChunkedReader(in io.Reader) *chunkedReader {
	return &chunkedReader{in: bufio.NewReaderSize(in, 4096)}
}

// Read gives data up to the end of the current chunk, and [io.EOF] only when the
// last chunk and the trailer were whole.
func (r *chunkedReader) Read(p []byte) (int, error) {
	if len(p) == 0 || r.err != nil {
		return 0, r.err
	}
	if r.left == 0 {
		if r.err = r.nextChunk(); r.err != nil {
			return 0, r.err
		}
	}
	if int64(len(p)) > r.left {
		p = p[:r.left]
	}
	n, err := r.in.Read(p)
	r.left -= int64(n)
	if err != nil {
		r.err = cut(err)
	}
	return n, r.err
}

// nextChunk reads the line that starts a chunk. The last chunk has no data; the
// trailer follows it.
func (r *chunkedReader) nextChunk() error {
	if r.started {
		if line, err := r.line(2); err != nil || line != "" {
			return errIncompleteBody.because("A chunk of the body is longer than its size says.")
		}
	}
	r.started = true
	line, err := r.line(maxChunkHeader)
	if err != nil {
		return err
	}
	digits, _, _ := strings.Cut(line, ";")
	size, err := strconv.ParseInt(strings.TrimSpace(digits), 16, 64)
	if err != nil || size < 0 {
		return errInvalidRequest.because("A chunk of the body starts with %q, which is no size.", digits)
	}
	r.left = size
	if size == 0 {
		return r.readTrailer()
	}
	return nil
}

// readTrailer reads the headers after the last chunk up to the empty line, or
// to the end of the body, where some clients leave that line out.
func (r *chunkedReader) readTrailer() error {
	r.trailer = http.Header{}
	for room := maxTrailer; ; {
		line, err := r.line(room)
		switch {
		case errors.Is(err, errIncompleteBody) && line == "":
			return io.EOF
		case err != nil:
			return errMalformedTrailer
		case line == "":
			return io.EOF
		}
		room -= len(line)
		name, value, ok := strings.Cut(line, ":")
		if !ok || room <= 0 {
			return errMalformedTrailer
		}
		r.trailer.Add(textproto.CanonicalMIMEHeaderKey(strings.TrimSpace(name)), strings.TrimSpace(value))
	}
}

// line reads one line of at most limit bytes and gives it without its end.
func (r *chunkedReader) line(limit int) (string, error) {
	var line []byte
	for len(line) <= limit {
		c, err := r.in.ReadByte()
		if err != nil {
			return string(line), cut(err)
		}
		if c == '\n' {
			return strings.TrimSuffix(string(line), "\r"), nil
		}
		line = append(line, c)
	}
	return "", errInvalidRequest.because("A line of the aws-chunked body is too long.")
}

// cut makes an end that came too early the client's error.
func cut(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errIncompleteBody
	}
	return err
}
