package filelock

import (
	"errors"
	"fmt"
	"os"
)

// Hold does nothing: Windows does not tell who holds a file.
func Hold(*os.File) error { return nil }

// Holder fails: Windows does not tell who holds a file.
func Holder(file *os.File) (pid int, err error) {
	return 0, fmt.Errorf("ask who holds %s: %w", file.Name(), errors.ErrUnsupported)
}

// Inherited says whether a child process that is given the file keeps the lock of Try for as long as it lives.
const Inherited = false
