package s3

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"net/http"
	"strconv"
	"strings"
)

// The checksum algorithms of S3, as the x-amz-checksum-… headers spell them.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
const (
	crc32IEEE = "crc32"
	crc32C    = "crc32c"
	crc64NVME = "crc64nvme"
	sha1Sum   = "sha1"
	sha256Sum = "sha256"

	fullObject = "FULL_OBJECT"
	composite  = "COMPOSITE"

	checksumHeader = "X-Amz-Checksum-"

	// nvmePolynomial is that of CRC-64/NVME, reversed as hash/crc64 wants it.
	nvmePolynomial = 0x9a6c9329ac4bc9b5
)

// checksum is a verified checksum of a body. The zero value is "none".
type checksum struct {
	algorithm string
	text      string        // in base64; of a composite one, with "-" and the number of parts
	kind      string        // fullObject or composite
	lazy      func() string // gives text where it has not been computed yet
}

// value gives the checksum in base64.
func (c checksum) value() string {
	if c.lazy != nil {
		return c.lazy()
	}
	return c.text
}

// element is the name of the checksum's XML element: ChecksumCRC32 …
func (c checksum) element() string { return "Checksum" + strings.ToUpper(c.algorithm) }

// newChecksum gives the hash of an algorithm, nil for one that S3 has not.
func newChecksum(algorithm string) hash.Hash {
	switch algorithm {
	case crc32IEEE:
		return crc32.NewIEEE()
	case crc32C:
		return crc32.New(crc32.MakeTable(crc32.Castagnoli))
	case crc64NVME:
		return crc64.New(crc64.MakeTable(nvmePolynomial))
	case sha1Sum:
		return sha1.New()
	case sha256Sum:
		return sha256.New()
	}
	return nil
}

// computeChecksum gives the checksum of body in base64.
func computeChecksum(algorithm string, body []byte) string {
	h := newChecksum(algorithm)
	h.Write(body)
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// compositeChecksum is the checksum of the parts' checksums, with their number.
func compositeChecksum(algorithm string, parts []*part) string {
	h := newChecksum(algorithm)
	for _, p := range parts {
		sum, err := base64.StdEncoding.DecodeString(p.checksum.value())
		if err == nil {
			h.Write(sum)
		}
	}
	return base64.StdEncoding.EncodeToString(h.Sum(nil)) + "-" + strconv.Itoa(len(parts))
}

// declaredChecksum gives the checksum that header announces, with algorithm ""
// when there is none.
func declaredChecksum(header http.Header) (checksum, error) {
	var found checksum
	for name, values := range header {
		algorithm, ok := strings.CutPrefix(name, checksumHeader)
		if !ok || len(values) == 0 {
			continue
		}
		algorithm = strings.ToLower(algorithm)
		switch algorithm {
		case "algorithm", "type", "mode":
			continue
		}
		if found.algorithm != "" {
			return checksum{}, errInvalidRequest.because("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
		}
		found = checksum{algorithm: algorithm, text: values[0], kind: fullObject}
	}
	if found.algorithm == "" {
		return checksum{}, nil
	}
	return found, found.check()
}

// check says whether the checksum is of a known algorithm and well formed.
func (c checksum) check() error {
	h := newChecksum(c.algorithm)
	if h == nil {
		return errInvalidRequest.because("The algorithm type you specified in x-amz-checksum- header is invalid.")
	}
	text, _, _ := strings.Cut(c.text, "-")
	if sum, err := base64.StdEncoding.DecodeString(text); err != nil || len(sum) != h.Size() {
		return errInvalidRequest.because("Value for x-amz-checksum-%s header is invalid.", c.algorithm)
	}
	return nil
}

// checksumAlgorithm reads the algorithm that a request names in a header such
// as x-amz-checksum-algorithm; "" when it names none.
func checksumAlgorithm(header http.Header, name string) (string, error) {
	value := header.Get(name)
	if value == "" {
		return "", nil
	}
	algorithm := strings.ToLower(value)
	if newChecksum(algorithm) == nil {
		return "", errInvalidRequest.because("Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]")
	}
	return algorithm, nil
}
