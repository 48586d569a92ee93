package jars

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"clickstream/bootstrap/jars/fetch"
)

// bundleLock is the first file of a bundle.
const bundleLock = "kcl.lock"

// WriteBundle writes the lock and all its jars into one zip file, for machines without a network, where Options.Bundle reads it. It fetches what
// is missing here first. The same lock gives the same bytes.
func WriteBundle(ctx context.Context, options Options, path string) error {
	set, err := Ensure(ctx, options)
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".clickstream-bundle-*")
	if err != nil {
		return fmt.Errorf("write the bundle: %w", err)
	}
	err = errors.Join(set.writeZip(ctx, file), file.Chmod(0o644), file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write the bundle: %w", err), os.Remove(file.Name()))
	}
	return syncFolder(filepath.Dir(path))
}

func (s *Set) writeZip(ctx context.Context, w io.Writer) error {
	archive := zip.NewWriter(w)
	entry, err := archive.CreateHeader(&zip.FileHeader{Name: bundleLock, Method: zip.Store})
	if err != nil {
		return err
	}
	if _, err := s.Lock.WriteTo(entry); err != nil {
		return err
	}
	for i, path := range s.paths {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := addFile(archive, path, s.Lock.Jars[i].Path()); err != nil {
			return err
		}
	}
	return archive.Close()
}

func addFile(archive *zip.Writer, path, name string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()                                                // read only
	entry, err := archive.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store}) // jars are compressed already
	if err != nil {
		return err
	}
	_, err = io.Copy(entry, file)
	return err
}

// bundle is a source of jars: a zip file with a lock, and with the jars where a Maven repository has them.
type bundle struct {
	path    string
	archive *zip.ReadCloser
	lock    *Lock
}

func openBundle(path string) (*bundle, error) {
	archive, err := zip.OpenReader(path)
	if err != nil {
		return nil, fmt.Errorf("the bundle %s: %w", path, err)
	}
	b := &bundle{path: path, archive: archive}
	file, err := archive.Open(bundleLock)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the bundle %s holds no %s", path, bundleLock), archive.Close())
	}
	b.lock, err = ParseLock(file, path+"/"+bundleLock)
	if err = errors.Join(err, file.Close()); err != nil {
		return nil, errors.Join(err, archive.Close())
	}
	return b, nil
}

func (b *bundle) String() string { return "the bundle " + b.path }

func (b *bundle) Close() error { return b.archive.Close() }

// Save fills the part with a jar.
func (b *bundle) Save(ctx context.Context, path string, part *fetch.Part) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	file, err := b.archive.Open(path)
	if err != nil {
		return fmt.Errorf("%s: %w", b, err)
	}
	if err := errors.Join(part.Fill(file), file.Close()); err != nil {
		return fmt.Errorf("%s: %s: %w", b, path, err)
	}
	return nil
}
