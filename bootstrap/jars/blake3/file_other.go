//go:build !unix

package blake3

import "os"

func open(path string) (*os.File, error) { return os.Open(path) }
