package jars

import (
	"context"
	"crypto/sha1" //nolint:gosec // it is what repositories have beside every jar; the lock itself holds SHA-256
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"strings"

	"clickstream/bootstrap/jars/fetch"
)

// readBuffer is what a file is read by: it stays in a core's own cache.
const readBuffer = 64 << 10

// digestFile returns the digest of a file in hexadecimal digits, and its size.
func digestFile(path string, into hash.Hash, buffer []byte) (sum string, size int64, err error) {
	file, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer func() { _ = file.Close() }() // read only
	size, err = io.CopyBuffer(into, onlyReader{file}, buffer)
	return hex.EncodeToString(into.Sum(nil)), size, err
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
	got, _, err := digestFile(file, sha1.New(), make([]byte, readBuffer))
	if err != nil {
		return err
	}
	want, _, _ := strings.Cut(strings.TrimSpace(string(text)), " ") // some have the file's name behind it
	if !strings.EqualFold(got, want) {
		return fmt.Errorf("%s: the jar's SHA-1 is %s, and %s says %.60q", repository, got, sumPath, want)
	}
	return nil
}
