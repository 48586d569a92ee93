package aggregate

import (
	"crypto/md5"
	"encoding/binary"
	"math/bits"
	"slices"
)

// Magic is what an aggregate begins with. It is not among the bytes of which the MD5 at the end is.
const Magic = "\xf3\x89\x9a\xc2"

// EmptySize is how long an aggregate without records is, in bytes: Magic and the MD5.
const EmptySize = len(Magic) + md5.Size

// Tags of the fields of messages.proto: the field's number and its wire type.
const (
	tagPartitionKey    = 1<<3 | wireBytes
	tagExplicitHashKey = 2<<3 | wireBytes
	tagRecord          = 3<<3 | wireBytes

	tagRecordPartitionKey    = 1<<3 | wireVarint
	tagRecordExplicitHashKey = 2<<3 | wireVarint
	tagRecordData            = 3<<3 | wireBytes

	wireVarint = 0
	wireBytes  = 2
)

// AppendPartitionKey appends a key to the message's table of partition keys. It and the following functions are for those who keep tables of
// their own, which Builder does for others. A message is written in the order partition keys, explicit hash keys, records.
func AppendPartitionKey(dst []byte, key string) []byte { return appendKey(dst, tagPartitionKey, key) }

// AppendExplicitHashKey appends a key to the message's table of explicit hash keys.
func AppendExplicitHashKey(dst []byte, key string) []byte {
	return appendKey(dst, tagExplicitHashKey, key)
}

func appendKey(dst []byte, tag byte, key string) []byte {
	dst = binary.AppendUvarint(append(dst, tag), uint64(len(key)))
	return append(dst, key...)
}

// KeySize returns how long a key of either kind is in its table, in bytes.
func KeySize(key string) int { return 1 + sized(len(key)) }

// AppendRecord appends a record, whose keys have these places in their tables, from 0; a negative place is no explicit hash key.
func AppendRecord(dst []byte, partitionKey, explicitHashKey int, data []byte) []byte {
	if isShort(partitionKey, explicitHashKey, len(data)) {
		dst = append(dst, tagRecord, byte(shortFrame+len(data)), tagRecordPartitionKey, byte(partitionKey), tagRecordData, byte(len(data)))
		return append(dst, data...)
	}
	size := recordSize(partitionKey, explicitHashKey, len(data))
	dst = slices.Grow(dst, 1+sized(size))
	dst = binary.AppendUvarint(append(dst, tagRecord), uint64(size))
	dst = binary.AppendUvarint(append(dst, tagRecordPartitionKey), uint64(partitionKey))
	if explicitHashKey >= 0 {
		dst = binary.AppendUvarint(append(dst, tagRecordExplicitHashKey), uint64(explicitHashKey))
	}
	dst = binary.AppendUvarint(append(dst, tagRecordData), uint64(len(data)))
	return append(dst, data...)
}

// RecordSize returns how long AppendRecord makes a record with so many bytes of data, in bytes.
func RecordSize(partitionKey, explicitHashKey, data int) int {
	if isShort(partitionKey, explicitHashKey, data) {
		return 2 + shortFrame + data
	}
	return 1 + sized(recordSize(partitionKey, explicitHashKey, data))
}

// shortFrame is what a short record has besides its data: two tags with a number each. Before it stand the record's own tag and its size.
const shortFrame = 4

// isShort reports whether all numbers of a record, without explicit hash key, have one byte each.
func isShort(partitionKey, explicitHashKey, data int) bool {
	const oneByte = 1 << 7
	return explicitHashKey < 0 && partitionKey < oneByte && shortFrame+data < oneByte
}

func recordSize(partitionKey, explicitHashKey, data int) int {
	size := 1 + varintSize(partitionKey) + 1 + sized(data)
	if explicitHashKey >= 0 {
		size += 1 + varintSize(explicitHashKey)
	}
	return size
}

// Most returns what a record adds to an aggregate's size at most: when neither of its keys is in the tables yet.
func Most(partitionKey, explicitHashKey string, data []byte) int {
	const place = 5 // bytes of a place in a table, at most
	size := 1 + place + 1 + sized(len(data))
	keys := KeySize(partitionKey)
	if explicitHashKey != "" {
		size += 1 + place
		keys += KeySize(explicitHashKey)
	}
	return keys + 1 + sized(size)
}

func varintSize(n int) int { return (bits.Len64(uint64(n)|1) + 6) / 7 }

// sized returns how long a text or bytes of that length are with their length in front.
func sized(n int) int { return varintSize(n) + n }
