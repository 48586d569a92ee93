package kinesis

import (
	"regexp"

	"clickstream/emulator/internal/wire"
)

var (
	namePattern = regexp.MustCompile(`^[a-zA-Z0-9_.-]+$`)
	arnPattern  = regexp.MustCompile(`^arn:aws.*:kinesis:.*:\d{12}:stream/\S+$`)
)

// checkName checks the name of a stream or shard.
func checkName(c *wire.Check, path, name string) {
	c.Length(path, name, 1, 128)
	c.Match(path, name, namePattern)
}

// checkShard checks a shard's name that has to be given.
func checkShard(c *wire.Check, path, name string) {
	if name == "" {
		c.Required(path, false)
		return
	}
	checkName(c, path, name)
}

// checkCount checks a number from 1 on that may be absent.
func checkCount(c *wire.Check, path string, value *int64, most int64) {
	if value != nil {
		c.Range(path, *value, 1, most)
	}
}

// orDefault returns a number, or what stands for it when it is absent.
func orDefault(value *int64, absent int) int {
	if value == nil {
		return absent
	}
	return int(*value)
}
