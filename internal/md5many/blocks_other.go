//go:build !amd64

package md5many

const lanes = 0

func blocks(int, *[4][most]uint32, *[most]*byte, int) {}
