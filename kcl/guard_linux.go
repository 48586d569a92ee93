package kcl

import "syscall"

// dup2 goes by dup3, because some Linux architectures have nothing else.
func dup2(from, to int) error { return syscall.Dup3(from, to, 0) }
