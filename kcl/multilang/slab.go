package multilang

import (
	"encoding/binary"
	"strings"
)

// chunk is how much a slab allocates at a time: big enough that 10,000 records cost few allocations, small enough that
// a single string somebody keeps does not hold a whole batch in memory.
const chunk = 128 << 10

// dataSlab hands out byte slices cut from chunks, each with its capacity limited to itself.
type dataSlab struct{ free []byte }

// take returns n bytes to fill, which the next call gives out again unless keep is called. No more than left bytes will
// be asked for from here on: a short line gets a small chunk.
func (s *dataSlab) take(n, left int) []byte {
	if n > len(s.free) || n == 0 {
		if n == 0 || n > chunk/4 {
			return make([]byte, n)
		}
		s.free = make([]byte, max(n, min(chunk, left)))
	}
	return s.free[:n:n]
}

// keep makes the first n bytes of what take gave last the caller's.
func (s *dataSlab) keep(taken []byte, n int) []byte {
	if len(s.free) > 0 && len(taken) > 0 && &s.free[0] == &taken[0] {
		s.free = s.free[n:]
	}
	return taken[:n:n]
}

// textSlab copies strings into chunks. The strings of a full chunk stay valid: a Builder never changes what it has given out.
type textSlab struct{ b *strings.Builder }

// copy returns text as a string of its own. No more than left bytes of strings will follow, this one included.
func (s *textSlab) copy(text []byte, left int) string {
	if len(text) > chunk/4 {
		return string(text)
	}
	if s.b == nil || s.b.Cap()-s.b.Len() < len(text) {
		s.b = new(strings.Builder)
		s.b.Grow(max(len(text), min(chunk/2, left)))
	}
	start := s.b.Len()
	s.b.Write(text)
	return s.b.String()[start:]
}

// keyCache remembers partition keys of the line, because there are mostly few of them: one key a slot, the last one wins.
type keyCache [256]string

func (c *keyCache) intern(key []byte, slab *textSlab, left int) string {
	if len(key) == 0 {
		return ""
	}
	var tail [8]byte
	copy(tail[:], key[max(0, len(key)-8):])
	h := binary.LittleEndian.Uint64(tail[:])*0x9E3779B97F4A7C15 + uint64(len(key))
	slot := &c[h>>56]
	if string(key) != *slot {
		*slot = slab.copy(key, left)
	}
	return *slot
}
