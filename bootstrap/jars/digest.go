package jars

import (
	"context"
	"crypto/sha1" //nolint:gosec // it is what repositories have beside every jar; the lock itself holds SHA-256
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"clickstream/bootstrap/jars/fetch"
)

// readBuffer is what a file is read by: it stays in a core's own cache.
const readBuffer = 64 << 10

// readInto writes a file to w and returns its size.
func readInto(w io.Writer, path string) (size int64, err error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer func() { _ = file.Close() }() // read only
	return io.CopyBuffer(w, onlyReader{file}, make([]byte, readBuffer))
}

// onlyReader hides what else a file can do, so that [io.CopyBuffer] uses its buffer.
type onlyReader struct{ io.Reader }

// checkSHA1 compares a file with the digest that a repository has at sumPath. That it has none is no error.
func checkSHA1(ctx context.Context, repository *fetch.Repository, sumPath, file string) error {
	text, err := repository.Read(ctx, sumPath, 4<<10)
	if errors.Is(err, fetch.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	digest := sha1.New() //nolint:gosec // see above
	if _, err := readInto(digest, file); err != nil {
		return err
	}
	got := hex.EncodeToString(digest.Sum(nil))
	want, _, _ := strings.Cut(strings.TrimSpace(string(text)), " ") // some have the file's name behind it
	if !strings.EqualFold(got, want) {
		return fmt.Errorf("%s: the jar's SHA-1 is %s, and %s says %.60q", repository, got, sumPath, want)
	}
	return nil
}
