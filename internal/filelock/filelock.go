// Package filelock keeps processes apart by the lock of a file, and tells who holds one. The kernel lets go of it when its process ends, however it ends.
package filelock

import "errors"

// ErrLocked says that another process has the lock, or another open file of this one.
var ErrLocked = errors.New("locked by another process")

// ErrNoHolder says that nobody holds the file.
var ErrNoHolder = errors.New("held by no process")
