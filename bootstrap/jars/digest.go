package jars

import (
	"context"
	"crypto/sha1" //nolint:gosec // it is what repositories have beside every jar; the lock itself holds SHA-256
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"strings"

	"clickstream/bootstrap/jars/fetch"
)

// sha256File returns the digest of a file in hexadecimal digits, and its size.
func sha256File(path string) (sum string, size int64, err error) {
	return digestFile(path, sha256.New())
}

func digestFile(path string, into hash.Hash) (sum string, size int64, err error) {
	file, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer func() { _ = file.Close() }() // read only
	size, err = io.CopyBuffer(into, onlyReader{file}, make([]byte, 256<<10))
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
	got, _, err := digestFile(file, sha1.New())
	if err != nil {
		return err
	}
	want, _, _ := strings.Cut(strings.TrimSpace(string(text)), " ") // some have the file's name behind it
	if !strings.EqualFold(got, want) {
		return fmt.Errorf("%s: the jar's SHA-1 is %s, and %s says %.60q", repository, got, sumPath, want)
	}
	return nil
}
