//go:build !linux

package kcl_test

// platformProgram is what a child does that needs another system.
func platformProgram(string) error { return nil }
