package base64

import (
	"encoding/base64"
	"encoding/binary"
	"slices"
)

// pairs holds the two characters of each 12 bits, so that three bytes take two steps instead of four.
//
//nolint:gochecknoglobals // a table that is only read
var pairs = makePairs()

func makePairs() *[1 << 12]uint16 {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	var table [1 << 12]uint16
	for i := range table {
		table[i] = binary.LittleEndian.Uint16([]byte{alphabet[i>>6], alphabet[i&63]})
	}
	return &table
}

// AppendEncode appends data in base64, as [base64.StdEncoding] does.
func AppendEncode(b, data []byte) []byte {
	size := base64.StdEncoding.EncodedLen(len(data))
	b = slices.Grow(b, size)
	out := b[len(b) : len(b)+size]
	done := encodeBlocks(out, data)
	data, out = data[done:], out[done/3*4:]
	table := pairs
	for len(data) >= 8 && len(out) >= 8 { // six bytes of eight that are read
		bits := binary.BigEndian.Uint64(data)
		binary.LittleEndian.PutUint64(out, uint64(table[bits>>52])|uint64(table[bits>>40&0xfff])<<16|
			uint64(table[bits>>28&0xfff])<<32|uint64(table[bits>>16&0xfff])<<48)
		data, out = data[6:], out[8:]
	}
	for len(data) >= 3 {
		binary.LittleEndian.PutUint32(out, uint32(table[uint32(data[0])<<4|uint32(data[1])>>4])|uint32(table[uint32(data[1]&15)<<8|uint32(data[2])])<<16)
		data, out = data[3:], out[4:]
	}
	if len(data) > 0 {
		base64.StdEncoding.Encode(out, data)
	}
	return b[:len(b)+size]
}
