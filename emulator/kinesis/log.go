package kinesis

import (
	"slices"
	"sort"
	"unsafe"
)

// record is one stored record: 40 bytes beside its own. Its sequence number follows from its place in the log.
type record struct {
	bytes     []byte // partition key, then data; part of the memory of one request, never changed
	keySize   int32
	encrypted bool
	arrived   int64 // milliseconds since 1970
}

func (r *record) data() []byte { return r.bytes[r.keySize:len(r.bytes):len(r.bytes)] }

// key returns the partition key without copying it.
func (r *record) key() string {
	if r.keySize == 0 {
		return ""
	}
	return unsafe.String(&r.bytes[0], int(r.keySize)) // sound: bytes are never changed after the request that brought them
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
)

// recordLog holds a shard's records in order. It is guarded by its stream's lock, but what view returns stays valid
// without: records are only ever added behind it, and blocks are dropped whole.
type recordLog struct {
	first  uint64     // index of the first record held; records count from 1
	blocks [][]record // all full but the last
}

// next returns the index that the next record will have.
func (l *recordLog) next() uint64 {
	if len(l.blocks) == 0 {
		return l.first
	}
	return l.first + uint64(len(l.blocks)-1)*blockSize + uint64(len(l.blocks[len(l.blocks)-1]))
}

// add appends a record and returns its index.
func (l *recordLog) add(r record) uint64 {
	last := len(l.blocks) - 1
	if last < 0 {
		l.blocks = append(l.blocks, nil)
		last = 0
	} else if len(l.blocks[last]) == blockSize {
		l.blocks = append(l.blocks, make([]record, 0, blockSize))
		last++
	}
	l.blocks[last] = append(l.blocks[last], r)
	return l.first + uint64(last)*blockSize + uint64(len(l.blocks[last])-1)
}

// at returns the record of an index that is held.
func (l *recordLog) at(index uint64) *record {
	offset := index - l.first
	return &l.blocks[offset/blockSize][offset%blockSize]
}

// view returns up to limit records from an index on, in pieces.
func (l *recordLog) view(from uint64, limit int) [][]record {
	from = max(from, l.first)
	end := min(from+uint64(limit), l.next())
	var pieces [][]record
	for from < end {
		offset := from - l.first
		block := l.blocks[offset/blockSize]
		start := int(offset % blockSize)
		stop := min(len(block), start+int(end-from))
		pieces = append(pieces, block[start:stop:stop])
		from += uint64(stop - start)
	}
	return pieces
}

// since returns the index of the first record that arrived at or after a time in milliseconds.
func (l *recordLog) since(millis int64) uint64 {
	count := int(l.next() - l.first)
	return l.first + uint64(sort.Search(count, func(i int) bool { return l.at(l.first+uint64(i)).arrived >= millis }))
}

// trim lets go of the blocks whose records all arrived before a time in milliseconds.
func (l *recordLog) trim(millis int64) {
	if last := len(l.blocks) - 1; last >= 0 && l.blocks[last][len(l.blocks[last])-1].arrived < millis {
		l.clear()
		return
	}
	drop := 0
	for drop < len(l.blocks)-1 && l.blocks[drop][blockSize-1].arrived < millis {
		drop++
	}
	if drop > 0 {
		l.blocks = slices.Delete(l.blocks, 0, drop)
		l.first += uint64(drop) * blockSize
	}
}

// clear lets go of all records.
func (l *recordLog) clear() { l.first, l.blocks = l.next(), nil }
