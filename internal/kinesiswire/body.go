package kinesiswire

import (
	"errors"
	"io"
	"sync"
)

// body is the body of a request, in parts: a frame of its own, and data that stays where it is. Whoever sends it may hold on to it for longer
// than the call takes; after release it reads none of them any more.
type body struct {
	frame   []byte
	inserts []insert
	size    int

	mu       sync.Mutex
	parts    [][]byte // frame and data in their order
	part, at int      // the next byte
	read     int      // how many bytes are before it
	released bool
}

// insert is data, and where in the frame it belongs.
type insert struct {
	at   int
	data []byte
}

var errReleased = errors.New("kinesiswire: the request is over")

// data appends data, or where it is.
func (b *body) data(data []byte) {
	if len(data) <= mostCopied {
		b.frame = append(b.frame, data...)
		return
	}
	b.inserts = append(b.inserts, insert{len(b.frame), data})
}

// finish puts the parts in their order.
func (b *body) finish() {
	from := 0
	for _, c := range b.inserts {
		b.parts = append(b.parts, b.frame[from:c.at], c.data)
		from = c.at
		b.size += len(c.data)
	}
	b.parts = append(b.parts, b.frame[from:])
	b.size += len(b.frame)
}

// release ends all reading, of what is under way too.
func (b *body) release() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.released = true
}

// Len returns how much is still to be read.
func (b *body) Len() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.size - b.read
}

// Read reads on.
func (b *body) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.released {
		return 0, errReleased
	}
	n := 0
	for n < len(p) && b.part < len(b.parts) {
		m := copy(p[n:], b.parts[b.part][b.at:])
		if b.at += m; b.at == len(b.parts[b.part]) {
			b.part, b.at = b.part+1, 0
		}
		n += m
	}
	b.read += n
	if n == 0 && len(p) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

// WriteTo writes what is still to be read: to the digest of the signature.
func (b *body) WriteTo(w io.Writer) (int64, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.released {
		return 0, errReleased
	}
	written := int64(0)
	for b.part < len(b.parts) {
		n, err := w.Write(b.parts[b.part][b.at:])
		written += int64(n)
		b.read += n
		if b.at += n; err != nil {
			return written, err
		}
		b.part, b.at = b.part+1, 0
	}
	return written, nil
}

// Seek goes to a place: the SDK asks for the beginning, the end, and where it is.
func (b *body) Seek(offset int64, whence int) (int64, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.released {
		return 0, errReleased
	}
	switch whence {
	case io.SeekCurrent:
		offset += int64(b.read)
	case io.SeekEnd:
		offset += int64(b.size)
	}
	if offset < 0 || offset > int64(b.size) {
		return 0, errors.New("kinesiswire: no such place in the request")
	}
	b.read = int(offset)
	b.part, b.at = 0, b.read
	for b.part < len(b.parts) && b.at >= len(b.parts[b.part]) {
		b.at -= len(b.parts[b.part])
		b.part++
	}
	return offset, nil
}
