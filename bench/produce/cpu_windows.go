package main

import "syscall"

// cpu returns the CPU seconds that this process has taken.
func cpu() float64 {
	self, err := syscall.GetCurrentProcess()
	if err != nil {
		return 0
	}
	var created, ended, kernel, user syscall.Filetime
	if err := syscall.GetProcessTimes(self, &created, &ended, &kernel, &user); err != nil {
		return 0
	}
	const tick = 1e-7
	seconds := func(t syscall.Filetime) float64 {
		return float64(uint64(t.HighDateTime)<<32|uint64(t.LowDateTime)) * tick
	}
	return seconds(kernel) + seconds(user)
}
