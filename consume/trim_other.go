//go:build !linux

package consume

func trim() {}
