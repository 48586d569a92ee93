package kinesis

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"time"

	"clickstream/emulator/internal/wire"
)

// sealer makes the opaque texts that clients hand back: shard iterators and next tokens. They are encrypted and
// authenticated with a key of the service's own, so that none can be read, changed or made up.
type sealer struct {
	aead cipher.AEAD
	key  []byte
}

const sealerKey = 32 // bytes

func newSealer() (*sealer, error) {
	key := make([]byte, sealerKey)
	_, _ = rand.Read(key) // never fails
	return sealerOf(key)
}

func sealerOf(key []byte) (*sealer, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return &sealer{aead, key}, err
}

func (s *sealer) seal(kind string, content []byte) string {
	return base64.StdEncoding.EncodeToString(s.aead.Seal(nil, nil, content, []byte(kind)))
}

func (s *sealer) open(kind, token string) ([]byte, bool) {
	sealed, err := base64.StdEncoding.Strict().DecodeString(token)
	if err != nil {
		return nil, false
	}
	content, err := s.aead.Open(nil, nil, sealed, []byte(kind))
	return content, err == nil
}

// lifetime of shard iterators and next tokens.
const lifetime = 300 * time.Second

// cursor is what an iterator or a next token says: a place in a stream. Index counts a shard's records, or is unused.
type cursor struct {
	issued int64 // milliseconds since 1970
	stream uint64
	shard  uint32
	index  uint64
	filter byte // of a listing
	key    streamKey
}

// expired says whether the cursor is too old to be used.
func (c *cursor) expired(now time.Time) bool {
	return now.UnixMilli()-c.issued > lifetime.Milliseconds()
}

const cursorSize = 8 + 8 + 4 + 8 + 1

func (c *cursor) encode() []byte {
	b := make([]byte, 0, cursorSize+3+len(c.key.scope.Region)+len(c.key.scope.Account)+len(c.key.name))
	b = binary.BigEndian.AppendUint64(b, uint64(c.issued))
	b = binary.BigEndian.AppendUint64(b, c.stream)
	b = binary.BigEndian.AppendUint32(b, c.shard)
	b = binary.BigEndian.AppendUint64(b, c.index)
	b = append(b, c.filter)
	for _, text := range []string{c.key.scope.Region, c.key.scope.Account, c.key.name} {
		b = binary.BigEndian.AppendUint16(b, uint16(len(text)))
		b = append(b, text...)
	}
	return b
}

// decodeCursor reads what encode wrote; the seal vouches for its form.
func decodeCursor(b []byte) cursor {
	c := cursor{
		issued: int64(binary.BigEndian.Uint64(b)), stream: binary.BigEndian.Uint64(b[8:]),
		shard: binary.BigEndian.Uint32(b[16:]), index: binary.BigEndian.Uint64(b[20:]), filter: b[28],
	}
	b = b[cursorSize:]
	for _, text := range []*string{&c.key.scope.Region, &c.key.scope.Account, &c.key.name} {
		size := int(binary.BigEndian.Uint16(b))
		*text, b = string(b[2:2+size]), b[2+size:]
	}
	return c
}

const iteratorKind = "shard iterator"

// iterator returns a shard iterator for a place in a shard.
func (s *Service) iterator(st *stream, one *shard, index uint64, now time.Time) string {
	c := cursor{issued: now.UnixMilli(), stream: st.id, shard: one.number, index: index, key: streamKey{st.scope, st.name}}
	return s.tokens.seal(iteratorKind, c.encode())
}

// resolve reads a shard iterator and locks its stream; the caller unlocks it.
func (s *Service) resolve(iterator string, now time.Time) (*stream, *shard, uint64, error) {
	content, ok := s.tokens.open(iteratorKind, iterator)
	if !ok {
		return nil, nil, 0, wire.Errorf("InvalidArgumentException", "Invalid ShardIterator.")
	}
	c := decodeCursor(content)
	if issued := time.UnixMilli(c.issued); c.expired(now) {
		return nil, nil, 0, wire.Errorf("ExpiredIteratorException",
			"Iterator expired. The iterator was created at time %s while right now it is %s which is further in the future than the "+
				"tolerated delay of %d milliseconds.", serviceTime(issued), serviceTime(now), lifetime.Milliseconds())
	}
	gone := wire.Errorf("ResourceNotFoundException", "Shard %s in stream %s under account %s does not exist", shardID(c.shard), c.key.name, c.key.scope.Account)
	st, err := s.lock(c.key.scope, Target{StreamName: c.key.name}, now)
	if err != nil {
		return nil, nil, 0, gone
	}
	if st.id != c.stream || int(c.shard) >= len(st.shards) { // another of that name, or one that is being deleted
		st.mu.Unlock()
		return nil, nil, 0, gone
	}
	return st, st.shards[c.shard], c.index, nil
}

// serviceTime writes a time as the service's messages do.
func serviceTime(t time.Time) string { return t.UTC().Format("Mon Jan 02 15:04:05 UTC 2006") }
