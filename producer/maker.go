package producer

import (
	"crypto/md5"

	"clickstream/internal/md5many"
	"clickstream/kcl/aggregate"
)

// maker makes the aggregates of one request after the other. It keeps their memory: what was just made is in the core's cache when it is
// hashed and sent.
type maker struct {
	most   int // how much memory it keeps, in bytes
	memory []byte
	made   [][]byte
	hasher md5many.Hasher
	texts  [][]byte
	sums   [][md5.Size]byte
}

// make returns the aggregates of a batch, in their order. They are good until clear is called. Their MD5 are computed together: several at a
// time cost little more than one.
func (m *maker) make(b *batch) [][]byte {
	size := 0
	for i := range b.entries {
		if a := b.entries[i].bundle; a != nil {
			size += a.size
		}
	}
	if cap(m.memory) < size {
		m.memory = make([]byte, 0, max(size, min(size+size/4, m.most)))
	}
	for i := range b.entries {
		if a := b.entries[i].bundle; a != nil {
			start := len(m.memory)
			m.memory = a.appendTo(m.memory)
			made := m.memory[start:]
			m.made = append(m.made, made)
			m.texts = append(m.texts, made[len(aggregate.Magic):len(made)-md5.Size])
			m.sums = append(m.sums, [md5.Size]byte{})
		}
	}
	m.hasher.Sums(m.sums, m.texts)
	for i, made := range m.made {
		copy(made[len(made)-md5.Size:], m.sums[i][:])
	}
	return m.made
}

// clear says that the aggregates are not needed any more.
func (m *maker) clear() {
	clear(m.made)
	clear(m.texts)
	m.made, m.texts, m.sums, m.memory = m.made[:0], m.texts[:0], m.sums[:0], m.memory[:0]
	if cap(m.memory) > m.most {
		m.memory = nil
	}
}
