package journal

import (
	"bufio"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"slices"
)

// A file is a row of frames, each of them one change:
//
//	8 bytes  length of the entry, little-endian
//	4 bytes  CRC-32C of the entry
//	4 bytes  CRC-32C of the twelve bytes before
//	         the entry; its first byte says whose it is
//
// As the length has a sum of its own, an entry that was cut off can be told from one that was changed.
const frameHead = 16

var (
	errTorn    = errors.New("it ends within an entry")
	errHead    = errors.New("the head of an entry does not have the checksum that it names")
	errContent = errors.New("an entry does not have the checksum that its head names")
	errFormat  = errors.New("was written by another version")
	errEmpty   = errors.New("an entry is empty")
)

func table() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

// appendHead appends the head of an entry of a length and a sum.
func appendHead(b []byte, length uint64, sum uint32) []byte {
	start := len(b)
	b = binary.LittleEndian.AppendUint64(b, length)
	b = binary.LittleEndian.AppendUint32(b, sum)
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b[start:], table()))
}

// Reader reads the entries of a journal's file, or what is left of them. It never takes more memory for an entry than the file has bytes.
type Reader struct {
	r      *bufio.Reader
	offset int64 // of the next frame
	size   int64
}

// NewReader reads a file of a size in bytes.
func NewReader(r io.Reader, size int64) *Reader {
	const buffer = 1 << 20
	return &Reader{r: bufio.NewReaderSize(r, buffer), size: size}
}

// Offset is where the next entry begins, or, after an error, where the one is that could not be read.
func (f *Reader) Offset() int64 { return f.offset }

// Next returns the next entry, which is the caller's to keep; [io.EOF] after the last one. Any other error says what is wrong with the
// entry at Offset.
func (f *Reader) Next() ([]byte, error) {
	if f.offset == f.size {
		return nil, io.EOF
	}
	if f.size-f.offset < frameHead {
		return nil, errTorn
	}
	head, err := f.r.Peek(frameHead)
	if err != nil {
		return nil, readError(err)
	}
	length, sum, err := parseHead(head)
	if err != nil {
		return nil, err
	}
	if length > uint64(f.size-f.offset-frameHead) {
		return nil, errTorn
	}
	if _, err := f.r.Discard(frameHead); err != nil {
		return nil, readError(err)
	}
	entry := make([]byte, length)
	if _, err := io.ReadFull(f.r, entry); err != nil {
		return nil, readError(err)
	}
	if crc32.Checksum(entry, table()) != sum {
		return nil, errContent
	}
	f.offset += frameHead + int64(length)
	return entry, nil
}

// readError words the end of a file that has become shorter.
func readError(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errTorn
	}
	return err
}

func parseHead(head []byte) (length uint64, sum uint32, err error) {
	if crc32.Checksum(head[:12], table()) != binary.LittleEndian.Uint32(head[12:]) {
		return 0, 0, errHead
	}
	if length = binary.LittleEndian.Uint64(head); length == 0 {
		return 0, 0, errEmpty
	}
	return length, binary.LittleEndian.Uint32(head[8:]), nil
}

// findFrame returns where in a file, from an offset on, the next whole and sound frame begins; false where there is none.
func findFrame(file io.ReaderAt, from, size int64) (int64, bool, error) {
	const window = 1 << 20
	b := make([]byte, window+frameHead)
	for ; from+frameHead < size; from += window {
		n, err := file.ReadAt(b[:min(int64(len(b)), size-from)], from)
		if err != nil && !errors.Is(err, io.EOF) {
			return 0, false, err
		}
		for i := 0; i < min(n-frameHead+1, window); i++ {
			length, sum, err := parseHead(b[i : i+frameHead])
			if start := from + int64(i); err == nil && length <= uint64(size-start-frameHead) {
				got, err := sumOf(io.NewSectionReader(file, start+frameHead, int64(length)))
				if err != nil || got == sum {
					return start, err == nil, err
				}
			}
		}
	}
	return 0, false, nil
}

func sumOf(r io.Reader) (uint32, error) {
	sum := crc32.New(table())
	_, err := io.Copy(sum, r)
	return sum.Sum32(), err
}

// zeroSector says whether one of a file's sectors is nothing but zeros from an offset on. The first and the last may be in it by half; parts
// that are shorter than a frame's head say nothing.
func zeroSector(file io.ReaderAt, from, size int64) (bool, error) {
	const sector = 512
	b := make([]byte, sector)
	for from < size {
		end := min(from-from%sector+sector, size)
		part := b[:end-from]
		if _, err := file.ReadAt(part, from); err != nil && !errors.Is(err, io.EOF) {
			return false, err
		}
		if len(part) >= frameHead && !slices.ContainsFunc(part, func(c byte) bool { return c != 0 }) {
			return true, nil
		}
		from = end
	}
	return false, nil
}
