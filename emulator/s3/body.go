package s3

import (
	"bytes"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// firstRead is the most memory that a body gets on the strength of its
// announced length alone; beyond that it grows with what really arrives.
const firstRead = 16 << 20

// maxDocument is the most bytes of an XML or JSON request: a DeleteObjects of
// a thousand keys of the longest kind stays below it.
const maxDocument = 16 << 20

// payload is a request's body, read to its end and verified against all that
// the client said about it.
type payload struct {
	data     []byte
	md5      [md5.Size]byte
	checksum checksum // what the client sent and the data confirmed
}

// readObject reads the body of PutObject or UploadPart.
func (rq *request) readObject() (*payload, error) {
	if length, err := contentLength(rq.http); err == nil && !rq.store.memory.Room(length) {
		return nil, errSlowDown
	}
	return rq.read(maxObjectSize, errEntityTooLarge)
}

// readDocument reads a body of XML or JSON.
func (rq *request) readDocument() ([]byte, error) {
	p, err := rq.read(maxDocument, errMessageTooLong)
	if err != nil {
		return nil, err
	}
	return p.data, nil
}

func (rq *request) read(limit int64, tooLong *apiError) (*payload, error) {
	header := rq.header()
	length, err := contentLength(rq.http)
	if err != nil {
		return nil, err
	}
	if length > limit {
		return nil, tooLong.with("ProposedSize", strconv.FormatInt(length, 10)).
			with("MaxSizeAllowed", strconv.FormatInt(limit, 10))
	}
	p := &payload{}
	if !rq.checksumOfWhole {
		if p.checksum, err = declaredChecksum(header); err != nil {
			return nil, err
		}
	}
	if !isChunked(header) {
		if p.data, err = readAll(rq.http.Body, length); err != nil {
			return nil, err
		}
	} else if err = p.readChunked(rq.http, length); err != nil {
		return nil, err
	}
	if !rq.checksumOfWhole {
		if err := announcedChecksum(header, p.checksum); err != nil {
			return nil, err
		}
	}
	p.md5 = md5.Sum(p.data)
	return p, p.verify(header)
}

// contentLength is the length of the data in a request.
func contentLength(r *http.Request) (int64, error) {
	if !isChunked(r.Header) {
		if r.ContentLength < 0 {
			return 0, errMissingLength
		}
		return r.ContentLength, nil
	}
	length, err := strconv.ParseInt(r.Header.Get("X-Amz-Decoded-Content-Length"), 10, 64)
	if err != nil || length < 0 {
		return 0, errMissingLength.because("You must provide the x-amz-decoded-content-length HTTP header.")
	}
	return length, nil
}

// readChunked reads an aws-chunked body with its trailer, whose checksum counts
// like one in the header.
func (p *payload) readChunked(r *http.Request, length int64) error {
	chunks := newChunkedReader(r.Body)
	var err error
	if p.data, err = readAll(chunks, length); err != nil {
		return err
	}
	if _, err := io.ReadFull(chunks, make([]byte, 1)); !errors.Is(err, io.EOF) {
		if apiErr, ok := errors.AsType[*apiError](err); ok {
			return apiErr
		}
		return errIncompleteBody.because("The body holds more than x-amz-decoded-content-length says.")
	}
	for name := range strings.SplitSeq(r.Header.Get("X-Amz-Trailer"), ",") {
		if name = strings.TrimSpace(name); name != "" && chunks.trailer.Get(name) == "" {
			return errMalformedTrailer
		}
	}
	trailing, err := declaredChecksum(chunks.trailer)
	if err != nil {
		return err
	}
	if trailing.algorithm != "" {
		p.checksum = trailing
	}
	return nil
}

// readAll reads exactly length bytes into one slice of its own.
func readAll(in io.Reader, length int64) ([]byte, error) {
	data := make([]byte, min(length, firstRead))
	for done := int64(0); ; {
		n, err := io.ReadFull(in, data[done:])
		if done += int64(n); err != nil {
			return nil, cut(err)
		}
		if done == length {
			return data, nil
		}
		grown := make([]byte, min(length, 2*done))
		copy(grown, data)
		data = grown
	}
}

// announcedChecksum holds a request to its x-amz-sdk-checksum-algorithm.
func announcedChecksum(header http.Header, sent checksum) error {
	algorithm, err := checksumAlgorithm(header, "X-Amz-Sdk-Checksum-Algorithm")
	switch {
	case err != nil:
		return err
	case algorithm == "" || header.Get("Content-Md5") != "" && sent.algorithm == "":
		return nil
	case sent.algorithm == "":
		return errInvalidRequest.because("x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.")
	case sent.algorithm != algorithm:
		return errInvalidRequest.because("Value for x-amz-sdk-checksum-algorithm header is invalid.")
	}
	return nil
}

// verify compares the data with Content-MD5, x-amz-content-sha256 and the
// checksum, each only where the client sent it.
func (p *payload) verify(header http.Header) error {
	if err := p.verifyMD5(header); err != nil {
		return err
	}
	sha, err := p.verifySHA256(header)
	if err != nil || p.checksum.algorithm == "" {
		return err
	}
	got := base64.StdEncoding.EncodeToString(sha)
	if p.checksum.algorithm != sha256Sum || sha == nil {
		got = computeChecksum(p.checksum.algorithm, p.data)
	}
	if got != p.checksum.text {
		return errBadDigest.because("The %s you specified did not match the calculated checksum.", strings.ToUpper(p.checksum.algorithm))
	}
	return nil
}

func (p *payload) verifyMD5(header http.Header) error {
	text := header.Get("Content-Md5")
	if text == "" && len(header["Content-Md5"]) == 0 {
		return nil
	}
	want, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(want) != md5.Size {
		return errInvalidDigest.with("Content-MD5", text)
	}
	if !bytes.Equal(want, p.md5[:]) {
		return errBadDigest.because("The Content-MD5 you specified did not match what we received.").
			with("ExpectedDigest", text).with("CalculatedDigest", base64.StdEncoding.EncodeToString(p.md5[:]))
	}
	return nil
}

// verifySHA256 gives the sum too, nil where the header asks for none.
func (p *payload) verifySHA256(header http.Header) ([]byte, error) {
	text := header.Get("X-Amz-Content-Sha256")
	switch text {
	case "", "UNSIGNED-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
		"STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER":
		return nil, nil
	}
	want, err := hex.DecodeString(text)
	if err != nil || len(want) != sha256.Size {
		return nil, argument("x-amz-content-sha256", text, "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.")
	}
	got := sha256.Sum256(p.data)
	if !bytes.Equal(want, got[:]) {
		return nil, errContentSHA256Mismatch.with("ClientComputedContentSHA256", text).
			with("S3ComputedContentSHA256", hex.EncodeToString(got[:]))
	}
	return got[:], nil
}
