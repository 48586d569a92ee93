//go:build !unix

package blake3

import "os"

// File is a regular file, open to be read.
type File struct {
	*os.File

	size int64
}

// Open opens a regular file. Anything else is an error.
func Open(path string) (*File, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = &os.PathError{Op: "open", Path: path, Err: errNoFile}
	}
	if err != nil {
		return nil, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	return &File{file, info.Size()}, nil
}

// Size returns the size that the file had when it was opened.
func (f *File) Size() int64 { return f.size }
