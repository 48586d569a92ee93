package kinesis

import (
	"slices"
	"sort"
	"unsafe"

	"clickstream/emulator/internal/memory"
)

// record is one stored record. Its sequence number follows from its place in the log.
type record struct {
	bytes     []byte // partition key, then data; part of a slab, never changed
	keySize   int
	encrypted bool
	arrived   int64 // milliseconds since 1970
}

func (r *record) data() []byte { return r.bytes[r.keySize:len(r.bytes):len(r.bytes)] }

// key returns the partition key without copying it.
func (r *record) key() string {
	if r.keySize == 0 {
		return ""
	}
	return unsafe.String(&r.bytes[0], r.keySize) // sound: bytes are never changed once they are in a slab
}

// encryptionType is what readers are told, which is nothing when the record came unencrypted.
func (r *record) encryptionType() *string {
	if !r.encrypted {
		return nil
	}
	kind := encryptionKMS
	return &kind
}

const (
	blockSize  = 1024
	firstIndex = 1 // of a shard's first record

	smallestSlab = 1 << 10 // a stream of few records takes little
	largestSlab  = 64 << 10
)

// head is what a block knows of a record beside its bytes. It holds no pointer: however many records there are, the garbage collector
// has as good as nothing to do with them.
type head struct {
	arrived   int64
	start     uint32 // in its slab
	size      uint32
	slab      uint16
	keySize   uint16
	encrypted bool
}

// block is up to blockSize consecutive records. A slab may serve the end of one block and the beginning of the next.
type block struct {
	heads []head
	slabs [][]byte // each of its full size, however much of it is taken
}

func (b *block) at(i int) record {
	h := &b.heads[i]
	return record{bytes: b.slabs[h.slab][h.start : h.start+h.size : h.start+h.size], keySize: int(h.keySize), encrypted: h.encrypted, arrived: h.arrived}
}

// recordLog holds a shard's records in order. It is guarded by its stream's lock, but what view returns stays valid
// without: records are only ever added behind it, and blocks are dropped whole.
type recordLog struct {
	first  uint64  // index of the first record held; records count from 1
	blocks []block // all full but the last
	free   []byte  // the rest of the last block's slab that is being filled
	taken  int     // how much of that slab is taken
	slab   int     // its number
	memory *memory.Budget
}

// next returns the index that the next record will have.
func (l *recordLog) next() uint64 {
	if len(l.blocks) == 0 {
		return l.first
	}
	return l.first + uint64(len(l.blocks)-1)*blockSize + uint64(len(l.blocks[len(l.blocks)-1].heads))
}

// add appends a copy of a record and returns its index.
func (l *recordLog) add(key string, data []byte, arrived int64, encrypted bool) uint64 {
	if last := len(l.blocks) - 1; last < 0 || len(l.blocks[last].heads) == blockSize {
		l.begin()
	}
	last := &l.blocks[len(l.blocks)-1]
	size := len(key) + len(data)
	h := head{arrived: arrived, size: uint32(size), keySize: uint16(len(key)), encrypted: encrypted}
	var room []byte
	if size > largestSlab/4 { // one of its own
		room = make([]byte, size)
		h.slab = uint16(len(last.slabs))
		last.slabs = append(last.slabs, room)
	} else {
		if size > len(l.free) || len(l.free) == 0 { // a record of no bytes needs a slab too
			l.grow(last, size)
		}
		h.slab, h.start = uint16(l.slab), uint32(l.taken)
		room, l.free, l.taken = l.free[:size], l.free[size:], l.taken+size
	}
	copy(room[copy(room, key):], data)
	last.heads = append(last.heads, h)
	return l.next() - 1
}

// begin makes another block, which goes on with the slab of the one before.
func (l *recordLog) begin() {
	var made block
	if last := len(l.blocks) - 1; last >= 0 {
		made.heads = make([]head, 0, blockSize)
		if len(l.free) > 0 {
			made.slabs = append(made.slabs, l.blocks[last].slabs[l.slab])
			l.slab = 0
		}
	}
	l.blocks = append(l.blocks, made)
}

// grow makes another slab for at least a record of a size. Slabs double until they are of the largest size.
func (l *recordLog) grow(last *block, size int) {
	l.free = make([]byte, min(max(smallestSlab, 2*l.taken, 2*size), largestSlab))
	l.taken, l.slab = 0, len(last.slabs)
	last.slabs = append(last.slabs, l.free)
}

// at returns the record of an index that is held.
func (l *recordLog) at(index uint64) record {
	offset := index - l.first
	return l.blocks[offset/blockSize].at(int(offset % blockSize))
}

// arrived returns when the record of an index that is held arrived.
func (l *recordLog) arrived(index uint64) int64 {
	offset := index - l.first
	return l.blocks[offset/blockSize].heads[offset%blockSize].arrived
}

// view returns up to limit records from an index on, in pieces.
func (l *recordLog) view(from uint64, limit int) []block {
	from = max(from, l.first)
	end := min(from+uint64(limit), l.next())
	var pieces []block
	for from < end {
		offset := from - l.first
		whole := &l.blocks[offset/blockSize]
		start := int(offset % blockSize)
		stop := min(len(whole.heads), start+int(end-from))
		pieces = append(pieces, block{whole.heads[start:stop:stop], slices.Clip(whole.slabs)})
		from += uint64(stop - start)
	}
	return pieces
}

// since returns the index of the first record that arrived at or after a time in milliseconds.
func (l *recordLog) since(millis int64) uint64 {
	count := int(l.next() - l.first)
	return l.first + uint64(sort.Search(count, func(i int) bool { return l.arrived(l.first+uint64(i)) >= millis }))
}

// trim lets go of the blocks whose records all arrived before a time in milliseconds.
func (l *recordLog) trim(millis int64) {
	if next := l.next(); next > l.first && l.arrived(next-1) < millis {
		l.clear()
		return
	}
	drop := 0
	for drop < len(l.blocks)-1 && l.blocks[drop].heads[blockSize-1].arrived < millis {
		drop++
	}
	if drop > 0 {
		l.give(l.blocks[:drop]...)
		l.blocks = slices.Delete(l.blocks, 0, drop)
		l.first += uint64(drop) * blockSize
	}
}

// clear lets go of all records.
func (l *recordLog) clear() {
	l.give(l.blocks...)
	*l = recordLog{first: l.next(), memory: l.memory}
}

// truncate lets go of the records from an index on, which nobody has seen yet.
func (l *recordLog) truncate(next uint64) {
	next = max(next, l.first)
	for l.next() > next {
		last := len(l.blocks) - 1
		heads := l.blocks[last].heads
		kept := len(heads) - int(min(uint64(len(heads)), l.next()-next))
		l.give(block{heads: heads[kept:]})
		l.free, l.taken, l.slab = nil, 0, 0
		if l.blocks[last].heads = heads[:kept]; kept == 0 {
			l.blocks = l.blocks[:last]
			continue
		}
		used := uint16(0) // slabs that were taken since go too, or a disk that stays full would fill the memory
		for i := range heads[:kept] {
			used = max(used, heads[i].slab)
		}
		l.blocks[last].slabs = l.blocks[last].slabs[:int(used)+1]
	}
}

// recordOverhead is what a record takes in memory beside its bytes.
const recordOverhead = 32

// give counts records that are no longer held.
func (l *recordLog) give(blocks ...block) {
	if l.memory == nil {
		return
	}
	for i := range blocks {
		for j := range blocks[i].heads {
			l.memory.Give(int(blocks[i].heads[j].size) + recordOverhead)
		}
	}
}
