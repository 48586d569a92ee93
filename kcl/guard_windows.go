package kcl

import (
	"os"
	"syscall"
)

// moveStdout changes the standard handle, which the C runtime and new child processes look up. The process's first
// handle itself is what the returned file writes to.
func moveStdout() (wire *os.File, undo func(), err error) {
	process, err := syscall.GetCurrentProcess()
	if err != nil {
		return nil, nil, err
	}
	before := syscall.Stdout
	var handle syscall.Handle
	err = syscall.DuplicateHandle(process, before, process, &handle, 0, false, syscall.DUPLICATE_SAME_ACCESS)
	if err != nil {
		return nil, nil, err
	}
	if err := setStdout(syscall.Stderr); err != nil {
		_ = syscall.CloseHandle(handle)
		return nil, nil, err
	}
	return os.NewFile(uintptr(handle), "daemon"), func() { _ = setStdout(before) }, nil
}

func setStdout(handle syscall.Handle) error {
	const stdOutputHandle = ^uintptr(10) // STD_OUTPUT_HANDLE is -11
	ok, _, err := syscall.NewLazyDLL("kernel32.dll").NewProc("SetStdHandle").Call(stdOutputHandle, uintptr(handle))
	if ok == 0 {
		return err
	}
	syscall.Stdout = handle
	return nil
}
