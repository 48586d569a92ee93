//go:build !linux

package process

// Trim does nothing: only Linux tells what of a program lies in memory.
func Trim() {}
