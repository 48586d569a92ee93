package producer

import (
	"crypto/md5"

	"clickstream/internal/md5many"
)

// digester completes aggregates by their MD5, those of a request together: several at a time cost little more than one.
type digester struct {
	hasher  md5many.Hasher
	bundles []*bundle
	texts   [][]byte
	sums    [][md5.Size]byte
}

// sum completes the aggregates of a batch that are not complete yet.
func (d *digester) sum(b *batch) {
	const magic = 4 // bytes that do not count
	for i := range b.entries {
		if a := b.entries[i].bundle; a != nil && !a.summed {
			d.bundles = append(d.bundles, a)
			d.texts = append(d.texts, a.data[magic:len(a.data)-md5.Size])
			d.sums = append(d.sums, [md5.Size]byte{})
		}
	}
	d.hasher.Sums(d.sums, d.texts)
	for i, a := range d.bundles {
		copy(a.data[len(a.data)-md5.Size:], d.sums[i][:])
		a.summed = true
	}
	clear(d.bundles)
	clear(d.texts)
	d.bundles, d.texts, d.sums = d.bundles[:0], d.texts[:0], d.sums[:0]
}
