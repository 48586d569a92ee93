package s3

import (
	"cmp"
	"slices"
)

// blockSize is the most entries a block of an index holds: small enough that
// moving half of it for an insertion costs nothing, large enough that a
// million keys need a few thousand blocks.
const blockSize = 512

// index is an ordered map from keys to objects, in UTF-8 byte order as S3
// lists them. It is a list of sorted blocks: finding a place is a binary
// search for the block and another in it, walking on from there is a loop.
type index struct {
	blocks [][]*object // none is empty
	size   int
}

// position is a place in an index: the entry at offset of a block. It is valid
// until the next change.
type position struct{ block, offset int }

// find gives the place of key, or where it would be, and whether it is there.
func (x *index) find(key string) (position, bool) {
	// The block is the last one that starts at or before key.
	b, exact := slices.BinarySearchFunc(x.blocks, key, func(b []*object, key string) int {
		return cmp.Compare(b[0].key, key)
	})
	if exact {
		return position{b, 0}, true
	}
	if b == 0 {
		return position{0, 0}, false
	}
	offset, found := slices.BinarySearchFunc(x.blocks[b-1], key, func(o *object, key string) int {
		return cmp.Compare(o.key, key)
	})
	return position{b - 1, offset}, found
}

// get gives the object under key, nil when there is none.
func (x *index) get(key string) *object {
	p, found := x.find(key)
	if !found {
		return nil
	}
	return x.blocks[p.block][p.offset]
}

// put files o under its key in place of what was there.
func (x *index) put(o *object) {
	p, found := x.find(o.key)
	if found {
		x.blocks[p.block][p.offset] = o
		return
	}
	x.size++
	if len(x.blocks) == 0 {
		x.blocks = append(x.blocks, append(make([]*object, 0, blockSize), o))
		return
	}
	b := x.blocks[p.block]
	if len(b) == blockSize {
		p = x.split(p)
		b = x.blocks[p.block]
	}
	x.blocks[p.block] = slices.Insert(b, p.offset, o)
}

// split makes room in a full block and gives the place that p has become. Keys
// that arrive in order leave full blocks behind, not half-empty ones.
func (x *index) split(p position) position {
	b := x.blocks[p.block]
	at := len(b) / 2
	if p.offset == len(b) {
		at = len(b) - 1
	}
	upper := append(make([]*object, 0, blockSize), b[at:]...)
	clear(b[at:])
	x.blocks[p.block] = b[:at]
	x.blocks = slices.Insert(x.blocks, p.block+1, upper)
	if p.offset > at {
		return position{p.block + 1, p.offset - at}
	}
	return p
}

// remove takes out the object under key, if there is one.
func (x *index) remove(key string) {
	p, found := x.find(key)
	if !found {
		return
	}
	x.size--
	x.blocks[p.block] = slices.Delete(x.blocks[p.block], p.offset, p.offset+1)
	if len(x.blocks[p.block]) == 0 {
		x.blocks = slices.Delete(x.blocks, p.block, p.block+1)
	}
}

// at gives the object at p and the place after it; nil at the end.
func (x *index) at(p position) (*object, position) {
	if p.block < len(x.blocks) && p.offset >= len(x.blocks[p.block]) {
		p = position{p.block + 1, 0}
	}
	if p.block >= len(x.blocks) {
		return nil, p
	}
	return x.blocks[p.block][p.offset], position{p.block, p.offset + 1}
}

// beyondPrefix gives the least string above all that start with prefix; ok is
// false when there is none. No byte of UTF-8 is 0xff, so that the last byte can
// always grow.
func beyondPrefix(prefix string) (next string, ok bool) {
	last := len(prefix) - 1
	if last < 0 || prefix[last] == 0xff {
		return "", false
	}
	return prefix[:last] + string([]byte{prefix[last] + 1}), true
}
