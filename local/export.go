package local

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"clickstream/internal/delivery"
)

// bucketReader is the part of the emulator's S3 that an export reads.
type bucketReader interface {
	Keys(bucket string) []string
	Object(bucket, key string) (body []byte, ok bool)
}

// export copies the bucket's data objects into dir, a file each under the object's key. It returns how many there were.
func export(from bucketReader, bucket, dir string) (objects int, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return 0, fmt.Errorf("--export: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return 0, fmt.Errorf("--export: %w", err)
	}
	defer func() { _ = root.Close() }()
	for _, key := range from.Keys(bucket) {
		if !delivery.IsData(key) {
			continue
		}
		body, ok := from.Object(bucket, key)
		if !ok {
			continue
		}
		if err := exportObject(root, key, body); err != nil {
			return objects, fmt.Errorf("--export: object %s was not copied to %s: %w; %d objects before it were", key, dir, reason(err), objects)
		}
		objects++
	}
	return objects, nil
}

// reason is err without the file's name, which repeats the key.
func reason(err error) error {
	if path, ok := errors.AsType[*os.PathError](err); ok {
		return path.Err
	}
	return err
}

func exportObject(root *os.Root, key string, body []byte) error {
	name := filepath.FromSlash(strings.TrimPrefix(key, "/"))
	if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	file, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	if _, err := file.Write(body); err != nil {
		_ = file.Close()
		_ = root.Remove(name)
		return err
	}
	return file.Close()
}
