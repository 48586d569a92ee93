package attribute_test

import (
	"encoding/json"
	"strings"
	"testing"

	"clickstream/emulator/dynamodb/attribute"
)

func item(tb testing.TB, text string) attribute.Item {
	tb.Helper()
	var made attribute.Item
	if err := json.Unmarshal([]byte(text), &made); err != nil {
		tb.Fatal(err)
	}
	return made
}

const everyKind = `{"s":{"S":"text"},"e":{"S":""},"n":{"N":"-1.5E10"},"b":{"B":"AP8="},"t":{"BOOL":true},"f":{"BOOL":false},"z":{"NULL":true},` +
	`"l":{"L":[{"S":"a"},{"L":[]}]},"m":{"M":{"x":{"M":{}}}},"ss":{"SS":["a","b"]},"ns":{"NS":["1","2"]},"bs":{"BS":["AA=="]}}`

func TestBinaryForm(t *testing.T) {
	t.Parallel()
	want := item(t, everyKind)
	b := want.AppendBinary([]byte("before"))
	got, rest, err := attribute.ReadBinary(append(b[len("before"):], "after"...))
	if err != nil || !got.Equal(want) || string(rest) != "after" {
		t.Errorf("%v, %q, %v", got, rest, err)
	}
	deep := attribute.NewNull() // deeper than a request may bring
	for range 1000 {
		deep = attribute.NewList(deep)
	}
	want = attribute.Item{"deep": deep}
	if got, _, err := attribute.ReadBinary(want.AppendBinary(nil)); err != nil || !got.Equal(want) {
		t.Errorf("a deep value: %v", err)
	}
	if small, large := item(t, `{"k":{"S":"a"}}`).Held(), item(t, `{"k":{"S":"`+strings.Repeat("a", 1000)+`"}}`).Held(); large-small != 999 {
		t.Errorf("%d bytes more for 999", large-small)
	}
}

func FuzzReadBinary(f *testing.F) {
	f.Add(item(f, everyKind).AppendBinary(nil))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		got, rest, err := attribute.ReadBinary(b)
		if err != nil {
			return
		}
		again, left, err := attribute.ReadBinary(append(got.AppendBinary(nil), rest...))
		if err != nil || !again.Equal(got) || string(left) != string(rest) {
			t.Errorf("%v became %v: %v", got, again, err)
		}
	})
}
