package scan_test

import (
	"encoding/json"
	"testing"
	"unicode/utf8"

	"clickstream/emulator/dynamodb/internal/scan"
)

// FuzzSkip checks that the scanner takes what encoding/json takes, given UTF-8.
func FuzzSkip(f *testing.F) {
	for _, seed := range []string{
		`{"a":[1,-2.5e+3,true,false,null,"x\"\u00e9"]}`, ` [ ] `, `{}`, `01`, `"`, `"\x"`, `{"a":}`, `[1,]`, `tru`, `nul`, `-`, `1.`, `{"a" 1}`, "\"\x01\"",
		`[[[[]]]]`, ``, `1 2`, "\x00",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s := scan.New(text)
		err := s.Skip()
		if err == nil {
			err = s.End()
		}
		valid := json.Valid(text) && utf8.Valid(text)
		if valid != (err == nil) && !deep(text) {
			t.Fatalf("%q: %v, encoding/json says %v", text, err, valid)
		}
	})
}

// deep tells whether text may nest deeper than the scanner follows.
func deep(text []byte) bool {
	open := 0
	for _, c := range text {
		if c == '[' || c == '{' {
			open++
		}
	}
	return open > 100
}
