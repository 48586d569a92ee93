package classes

import (
	"strings"
	"testing"
)

// FuzzParse wants an error or names; what javac writes is in the other tests.
func FuzzParse(f *testing.F) {
	f.Add([]byte("\xca\xfe\xba\xbe\x00\x00\x00\x34\x00\x03\x01\x00\x03a/B\x07\x00\x01\x00\x01\x00\x02\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00"))
	f.Add([]byte("\xca\xfe\xba\xbe\x00\x00\x00\x34\x00\x03\x05"))
	f.Fuzz(func(t *testing.T, data []byte) {
		found, err := parse(data)
		if err != nil {
			return
		}
		for _, name := range found.classes {
			if strings.Contains(name, "/") {
				t.Errorf("a class is called %q", name)
			}
		}
	})
}
