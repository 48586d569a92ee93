package s3

import "time"

// ObjectInfo is what a listing says of an object.
type ObjectInfo struct {
	Key    string
	Size   int64     // bytes
	Stored time.Time // to the nanosecond, where Last-Modified has seconds
}

// Objects lists a bucket's objects in the order of S3's listings, without their bodies; none when there is no such bucket.
func (s *Store) Objects(bucket string) []ObjectInfo {
	b := s.lookup(bucket)
	if b == nil {
		return nil
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	all := make([]ObjectInfo, 0, b.objects.size)
	for _, block := range b.objects.blocks {
		for _, o := range block {
			all = append(all, ObjectInfo{Key: o.key, Size: int64(len(o.body)), Stored: o.stored})
		}
	}
	return all
}
