//go:build !linux || !amd64

package ahead

func thisCore() int { return anyCore }

func allowedCores() []int { return nil }

func moveTo(int) {}
