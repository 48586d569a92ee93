//go:build unix

package blake3

import (
	"errors"
	"io"
	"os"
	"syscall"
)

// file is a file by the system's bare calls: package os makes seven more for each, to learn whether it can be waited for, which took a tenth of
// a start.
type file struct {
	path       string
	descriptor int
}

func open(path string) (file, error) {
	for {
		descriptor, err := syscall.Open(path, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
		switch {
		case err == nil:
			return file{path, descriptor}, nil
		case !errors.Is(err, syscall.EINTR):
			return file{}, &os.PathError{Op: "open", Path: path, Err: err}
		}
	}
}

// Read implements [io.Reader].
func (f file) Read(p []byte) (int, error) {
	for {
		n, err := syscall.Read(f.descriptor, p)
		switch {
		case err == nil && n == 0 && len(p) > 0:
			return 0, io.EOF
		case err == nil:
			return n, nil
		case !errors.Is(err, syscall.EINTR):
			return 0, &os.PathError{Op: "read", Path: f.path, Err: err}
		}
	}
}

// Close closes the file.
func (f file) Close() error { return syscall.Close(f.descriptor) }
