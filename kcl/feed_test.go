package kcl_test

import (
	"bytes"
	"strings"
	"testing"

	"clickstream/kcl"
)

// A daemon that dies while it writes leaves a piece of a message behind: the end of input, not a breach of the protocol.
func TestInputThatEndsWithinAMessage(t *testing.T) {
	t.Parallel()
	for input, whole := range map[string]bool{
		initialize + `{"action":"processRec`:        true,
		initialize + `{"action":"processRec` + "\n": false,
	} {
		var out bytes.Buffer
		err := kcl.Run(t.Context(), strings.NewReader(input), &out, funcs{})
		if (err == nil) != whole || out.String() != `{"action":"status","responseFor":"initialize"}`+"\n" {
			t.Errorf("%q: %v, said %s", input, err, &out)
		}
	}
}
