//go:build unix && !(linux && amd64)

package blake3

import "syscall"

func readCached(descriptor int, p []byte) (int, error) { return syscall.Read(descriptor, p) }
