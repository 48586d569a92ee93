package signature

import (
	"bufio"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"strconv"
	"strings"
)

// Chunks checks the signatures of a body in the encoding aws-chunked, each of which is made over the one before
// (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html).
type Chunks struct {
	key       []byte
	accessKey string
	prefix    string // date and scope, as they stand in what is signed
	previous  string
}

// The words in x-amz-content-sha256 for bodies whose chunks are signed.
const (
	signedChunks  = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
	signedTrailer = signedChunks + "-TRAILER"
)

// Reader passes on a body as it is. Where payloadHash says that its chunks are signed, a signature that does not hold is a *RefusedError,
// after which nothing more can be read.
func (c *Chunks) Reader(body io.Reader, payloadHash string) io.Reader {
	if payloadHash != signedChunks && payloadHash != signedTrailer {
		return body
	}
	const longestLine = 16 << 10
	return &chunkReader{Chunks: c, in: bufio.NewReaderSize(body, longestLine), hasTrailer: payloadHash == signedTrailer}
}

// chunkReader follows the encoding: a line of size and signature, the data, an end of line, and again; after a chunk without data the
// trailer, if there is one, or an end of line.
type chunkReader struct {
	*Chunks
	in         *bufio.Reader
	hasTrailer bool

	ready     []byte // read and looked at, to be passed on
	left      int64  // bytes of the chunk's data that are still to come
	signature string // that the chunk bears
	sum       hash.Hash
	trailer   strings.Builder
	next      func() error // what comes after the data or line at hand
	err       error
}

// Read passes on what was read.
func (r *chunkReader) Read(p []byte) (int, error) {
	for len(r.ready) == 0 {
		if r.left > 0 {
			return r.data(p)
		}
		if r.err != nil {
			return 0, r.err
		}
		if r.next == nil {
			r.next = r.head
		}
		r.err = r.next()
	}
	n := copy(p, r.ready)
	r.ready = r.ready[n:]
	return n, nil
}

func (r *chunkReader) data(p []byte) (int, error) {
	n, err := r.in.Read(p[:min(int64(len(p)), r.left)])
	r.sum.Write(p[:n])
	r.left -= int64(n)
	if err != nil {
		r.left, r.err = 0, err
	} else if r.left == 0 {
		r.err = r.check("AWS4-HMAC-SHA256-PAYLOAD\n", hex.EncodeToString(sha256.New().Sum(nil))+"\n"+hex.EncodeToString(r.sum.Sum(nil)), r.signature)
	}
	if n == 0 {
		return 0, r.err
	}
	return n, nil
}

// line takes a line and passes it on.
func (r *chunkReader) line() (string, error) {
	line, err := r.in.ReadSlice('\n')
	r.ready = append(r.ready, line...)
	if errors.Is(err, io.EOF) && len(line) == 0 {
		return "", io.EOF
	}
	if errors.Is(err, io.EOF) {
		err = nil // whoever decodes the body finds that it is cut off
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(line), "\n"), "\r"), err
}

// head takes the line before a chunk's data.
func (r *chunkReader) head() error {
	line, err := r.line()
	if err != nil {
		return err
	}
	size, signature, _ := strings.Cut(line, ";chunk-signature=")
	if r.left, err = strconv.ParseInt(size, 16, 64); err != nil || r.left < 0 {
		r.left = 0
		return refuse(Mismatch, r.accessKey, "A chunk of the body does not begin with its size and signature.")
	}
	r.sum, r.signature, r.next = sha256.New(), strings.TrimSpace(signature), r.end
	if r.left > 0 {
		return nil
	}
	r.next = r.rest
	return r.check("AWS4-HMAC-SHA256-PAYLOAD\n", hex.EncodeToString(sha256.New().Sum(nil))+"\n"+hex.EncodeToString(r.sum.Sum(nil)), r.signature)
}

// end takes the end of line after a chunk's data.
func (r *chunkReader) end() error {
	r.next = r.head
	_, err := r.line()
	return err
}

// rest takes a line of the trailer, or what follows the last chunk.
func (r *chunkReader) rest() error {
	line, err := r.line()
	if errors.Is(err, io.EOF) && r.hasTrailer {
		return refuse(Mismatch, r.accessKey, "The body's trailer has no signature.")
	}
	if err != nil || !r.hasTrailer {
		return err
	}
	name, value, _ := strings.Cut(line, ":")
	if strings.EqualFold(name, "x-amz-trailer-signature") {
		r.hasTrailer = false
		sum := sha256.Sum256([]byte(r.trailer.String()))
		return r.check("AWS4-HMAC-SHA256-TRAILER\n", hex.EncodeToString(sum[:]), strings.TrimSpace(value))
	}
	if line == "" {
		r.ready = r.ready[:0] // not passed on: whoever decodes the body takes it for the end, and the signature is still to come
		return nil
	}
	r.trailer.WriteString(strings.ToLower(name) + ":" + strings.TrimSpace(value) + "\n")
	return nil
}

// check compares a signature with what was to be signed after the one before.
func (r *chunkReader) check(what, hashes, signature string) error {
	want := hmacHex(r.key, what+r.prefix+r.previous+"\n"+hashes)
	if subtle.ConstantTimeCompare([]byte(want), []byte(signature)) != 1 {
		return refuse(Mismatch, r.accessKey, "The signature of a chunk of the body does not match the one we calculated.")
	}
	r.previous = want
	return nil
}
