//go:build unix

package blake3

import (
	"errors"
	"io"
	"os"
	"syscall"
)

// File is a regular file, open to be read, by the system's bare calls: package os makes seven more for each, to learn whether it can be waited
// for, which took a tenth of a start.
type File struct {
	path       string
	descriptor int
	size       int64
}

// Open opens a regular file. Anything else is an error: a pipe, too, that nobody writes into, which would have to be waited for.
func Open(path string) (*File, error) {
	for {
		descriptor, err := syscall.Open(path, syscall.O_RDONLY|syscall.O_CLOEXEC|syscall.O_NONBLOCK, 0)
		switch {
		case err == nil:
			return opened(path, descriptor)
		case !errors.Is(err, syscall.EINTR):
			return nil, &os.PathError{Op: "open", Path: path, Err: err}
		}
	}
}

func opened(path string, descriptor int) (*File, error) {
	var info syscall.Stat_t
	err := syscall.Fstat(descriptor, &info)
	if err == nil && info.Mode&syscall.S_IFMT != syscall.S_IFREG {
		err = errNoFile
	}
	f := &File{path, descriptor, info.Size}
	if err != nil {
		return nil, errors.Join(&os.PathError{Op: "open", Path: path, Err: err}, f.Close())
	}
	return f, nil
}

// Size returns the size that the file had when it was opened.
func (f *File) Size() int64 { return f.size }

// Read implements [io.Reader].
func (f *File) Read(p []byte) (int, error) {
	n, err := readCached(f.descriptor, p)
	if err != nil {
		n, err = syscall.Read(f.descriptor, p)
	}
	for errors.Is(err, syscall.EINTR) {
		n, err = syscall.Read(f.descriptor, p)
	}
	switch {
	case err != nil:
		return 0, &os.PathError{Op: "read", Path: f.path, Err: err}
	case n == 0 && len(p) > 0:
		return 0, io.EOF
	}
	return n, nil
}

// Close closes the file.
func (f *File) Close() error { return syscall.Close(f.descriptor) }
