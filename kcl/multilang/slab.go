package multilang

import (
	"encoding/binary"
	"unsafe"
)

// chunk is how much a slab allocates at a time: big enough that 10,000 records cost few allocations, small enough that
// a single string somebody keeps does not hold a whole batch in memory.
const chunk = 128 << 10

// slab hands out byte slices cut from chunks, each with its capacity limited to itself. With reuse it keeps its chunks, and
// gives them out again after reset.
type slab struct {
	free   []byte
	reuse  bool
	chunks [][]byte // all of them, with reuse
	next   int      // the chunk behind the one that free is the rest of
	loose  bool     // something was given out that is in no chunk
}

// take returns n bytes to fill, which the next call gives out again unless keep is called. No more than left bytes will
// be asked for from here on: a short line gets a small chunk.
func (s *slab) take(n, left int) []byte {
	if n > len(s.free) || n == 0 {
		if n == 0 || n > chunk/4 {
			s.loose = s.loose || n > 0
			return make([]byte, n)
		}
		s.grow(max(n, min(chunk, left)))
	}
	return s.free[:n:n]
}

func (s *slab) grow(n int) {
	if !s.reuse {
		s.free = make([]byte, n)
		return
	}
	if s.next == len(s.chunks) {
		s.chunks = append(s.chunks, make([]byte, chunk))
	}
	s.free = s.chunks[s.next]
	s.next++
}

// keep makes the first n bytes of what take gave last the caller's.
func (s *slab) keep(taken []byte, n int) []byte {
	if len(s.free) > 0 && len(taken) > 0 && &s.free[0] == &taken[0] {
		s.free = s.free[n:]
	}
	return taken[:n:n]
}

// text copies text into a string of its own. No more than left bytes of strings will follow, this one included.
func (s *slab) text(text []byte, left int) string {
	if len(text) == 0 {
		return ""
	}
	taken := s.keep(s.take(len(text), left), len(text))
	copy(taken, text)
	return unsafe.String(&taken[0], len(taken)) // nobody else has these bytes, and nobody changes them before reset
}

// reset takes back everything that was given out, and reports whether there was anything in no chunk.
func (s *slab) reset() (loose bool) {
	loose = s.loose
	s.free, s.next, s.loose = nil, 0, false
	return loose
}

// keyCache remembers partition keys of the line, because there are mostly few of them: one key a slot, the last one wins.
type keyCache [256]string

func (c *keyCache) intern(key []byte, strings *slab, left int) string {
	if len(key) == 0 {
		return ""
	}
	var tail [8]byte
	copy(tail[:], key[max(0, len(key)-8):])
	h := binary.LittleEndian.Uint64(tail[:])*0x9E3779B97F4A7C15 + uint64(len(key))
	slot := &c[h>>56]
	if string(key) != *slot {
		*slot = strings.text(key, left)
	}
	return *slot
}
