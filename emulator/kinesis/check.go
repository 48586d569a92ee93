package kinesis

import "regexp"

var arnPattern = regexp.MustCompile(`^arn:aws.*:kinesis:.*:\d{12}:stream/\S+$`)

// orDefault returns a number, or what stands for it when it is absent.
func orDefault(value *int64, absent int) int {
	if value == nil {
		return absent
	}
	return int(*value)
}
