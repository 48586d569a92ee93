package delivery

import (
	"fmt"
	"strconv"
)

// ObjectMetadata is the user metadata (x-amz-meta-…) of a data object. With it the objects of a shard prove by themselves, when the stream
// and the claims are gone, that they form one chain.
type ObjectMetadata struct {
	Key         string // its own key: a copy under another one gives itself away
	ShardID     string
	Previous    Position // the position that its claim is filed under: the end of the object before it, or start
	First       Position // its first record; lies after the claim's where the stream no longer had the beginning
	End         Position // its last record
	Records     int      // records in it
	Rejected    int      // records between First and End that are under ErrorPrefix instead
	Digest      string   // Digest of the records in it
	Format      string
	Compression string
}

// ToMap returns the metadata as S3 carries it.
func (m ObjectMetadata) ToMap() map[string]string {
	return map[string]string{
		"key":         m.Key,
		"shard":       m.ShardID,
		"previous":    m.Previous.String(),
		"first":       m.First.String(),
		"end":         m.End.String(),
		"records":     strconv.Itoa(m.Records),
		"rejected":    strconv.Itoa(m.Rejected),
		"digest":      m.Digest,
		"format":      m.Format,
		"compression": m.Compression,
	}
}

// ParseMetadata reads what ToMap made. A field that is missing or not what it should be is an error that names it: the object was written
// by something else.
func ParseMetadata(values map[string]string) (ObjectMetadata, error) {
	m := ObjectMetadata{
		Key: values["key"], ShardID: values["shard"], Digest: values["digest"],
		Format: values["format"], Compression: values["compression"],
	}
	for name, p := range map[string]*Position{"previous": &m.Previous, "first": &m.First, "end": &m.End} {
		var err error
		if *p, err = ParsePosition(values[name]); err != nil {
			return ObjectMetadata{}, fmt.Errorf("metadata %s: %w", name, err)
		}
	}
	for name, n := range map[string]*int{"records": &m.Records, "rejected": &m.Rejected} {
		var err error
		if *n, err = strconv.Atoi(values[name]); err != nil || *n < 0 {
			return ObjectMetadata{}, fmt.Errorf("metadata %s: %q is not a count", name, values[name])
		}
	}
	if m.Key == "" || m.ShardID == "" || ContentOf(m.Digest) == "" {
		return ObjectMetadata{}, fmt.Errorf("metadata: key %q, shard %q, digest %q: none may be missing", m.Key, m.ShardID, m.Digest)
	}
	if err := CheckFormat(m.Format); err != nil {
		return ObjectMetadata{}, fmt.Errorf("metadata: %w", err)
	}
	if err := CheckCompression(m.Compression); err != nil {
		return ObjectMetadata{}, fmt.Errorf("metadata: %w", err)
	}
	return m, nil
}
