package attribute_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"clickstream/emulator/dynamodb/attribute"
	"clickstream/emulator/internal/wire"
)

func TestValueKeepsItsForm(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"S":"a\"\\\n\u00e9\ud83d\ude00<&>"}`: `{"S":"a\"\\\u000aé😀<&>"}`,
		`{"S":""}`:                             `{"S":""}`,
		`{"N":"1.50"}`:                         `{"N":"1.5"}`,
		`{"B":"AP+A"}`:                         `{"B":"AP+A"}`,
		`{"BOOL":false}`:                       `{"BOOL":false}`,
		`{"NULL":true}`:                        `{"NULL":true}`,
		`{"SS":["b","a"]}`:                     `{"SS":["a","b"]}`,
		`{"NS":["10","9.0"]}`:                  `{"NS":["9","10"]}`,
		`{"BS":["Yg==","YQ=="]}`:               `{"BS":["YQ==","Yg=="]}`,
		`{"L":[]}`:                             `{"L":[]}`,
		`{"M":{}}`:                             `{"M":{}}`,
		`{"L":[{"M":{"b":{"N":"1"},"a":{"L":[{"NULL":true}]}}}]}`: `{"L":[{"M":{"a":{"L":[{"NULL":true}]},"b":{"N":"1"}}}]}`,
		` { "S" : "x" , "N" : null } `:                            `{"S":"x"}`,
	} {
		var v attribute.Value
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := string(v.AppendJSON(nil)); got != want {
			t.Errorf("%s became %s, want %s", text, got, want)
		}
	}
}

func TestValueRefuses(t *testing.T) {
	t.Parallel()
	const (
		empty = "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
		many  = "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"
		parts = "One or more parameter values were invalid: "
	)
	deep := strings.Repeat(`{"L":[`, 40) + `{"S":"x"}` + strings.Repeat(`]}`, 40)
	for text, want := range map[string]string{
		`{}`:                   "ValidationException: " + empty,
		`{"X":"y"}`:            "ValidationException: " + empty,
		`{"S":null}`:           "ValidationException: " + empty,
		`{"S":"a","N":"1"}`:    "ValidationException: " + many,
		`{"NULL":false}`:       "ValidationException: " + parts + "Null attribute value types must have the value of true",
		`{"SS":[]}`:            "ValidationException: " + parts + "An string set  may not be empty",
		`{"NS":[]}`:            "ValidationException: " + parts + "An number set  may not be empty",
		`{"BS":[]}`:            "ValidationException: " + parts + "Binary sets should not be empty",
		`{"SS":["b","a","b"]}`: "ValidationException: " + parts + "Input collection [b, a, b] contains duplicates.",
		`{"NS":["1","1.0"]}`:   "ValidationException: " + parts + "Input collection [1, 1] contains duplicates.",
		`{"N":"x"}`:            "ValidationException: The parameter cannot be converted to a numeric value: x",
		`{"L":[{"N":"x"}]}`:    "ValidationException: The parameter cannot be converted to a numeric value: x",
		deep:                   "ValidationException: Nesting Levels have exceeded supported limits",
		`{"N":1}`:              "SerializationException: a value of type N is not given as a string",
		`{"B":"?"}`:            "SerializationException: a value of type B is not given in base64: illegal base64 data at input byte 0",
		`{"BOOL":"true"}`:      "SerializationException: a value of type BOOL is neither true nor false",
		`{"SS":"a"}`:           "SerializationException: a value of type SS is not given as an array",
		`{"L":{}}`:             "SerializationException: a value of type L is not given as an array",
		`{"M":[]}`:             "SerializationException: Start of structure or map not found where expected",
		`"a"`:                  "SerializationException: Unexpected value type in payload",
		"{\"S\":\"\xff\"}":     "SerializationException: the text is not valid JSON in UTF-8",
	} {
		var v attribute.Value
		err := json.Unmarshal([]byte(text), &v)
		if _, ok := errors.AsType[*wire.Error](err); !ok || err.Error() != want {
			t.Errorf("%.80s: %v, want %s", text, err, want)
		}
	}
}

func TestSets(t *testing.T) {
	t.Parallel()
	set := func(texts ...string) attribute.Value {
		elements := make([]attribute.Value, len(texts))
		for i, text := range texts {
			elements[i] = attribute.NewString(text)
		}
		v, err := attribute.NewSet(attribute.StringSet, elements...)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	if got := set("c", "a").Union(set("b", "a")); !got.Equal(set("a", "b", "c")) {
		t.Errorf("union: %s", got.AppendJSON(nil))
	}
	if got := set("c", "a").Without(set("a", "x")); !got.Equal(set("c")) {
		t.Errorf("difference: %s", got.AppendJSON(nil))
	}
	if got := set("a").Without(set("a")); got.Present() {
		t.Errorf("a set without its last element: %s", got.AppendJSON(nil))
	}
	if !set("b", "a").Has(attribute.NewString("b")) || set("a").Has(attribute.NewBinary([]byte("a"))) {
		t.Error("membership")
	}
}

func TestSizes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		`{"S":"é"}`: 2, `{"N":"0"}`: 1, `{"N":"123"}`: 3, `{"N":"-123"}`: 4, `{"N":"1000"}`: 2, `{"B":"AAA="}`: 2,
		`{"BOOL":true}`: 1, `{"NULL":true}`: 1, `{"SS":["a","bc"]}`: 3, `{"L":[{"S":"a"}]}`: 5, `{"M":{"k":{"S":"a"}}}`: 6,
	} {
		var v attribute.Value
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		if got := v.Size(); got != want {
			t.Errorf("%s has %d bytes, want %d", text, got, want)
		}
	}
}

// FuzzValue checks that no text makes the reader panic, that what is read is written as JSON which
// reads as the same value, and that encoding/json agrees that the text was JSON.
func FuzzValue(f *testing.F) {
	for _, seed := range []string{
		`{"S":"a"}`, `{"N":"1e3"}`, `{"B":"YQ=="}`, `{"M":{"a":{"L":[{"NULL":true},{"BOOL":false}]}}}`, `{"SS":["a","b"]}`,
		`{"NS":["1","2"],"S":null}`, `{"S":"\ud800"}`, `{"X":[1,{"a":null}],"S":"x"}`, `{}`, `{"S":`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var v, again attribute.Value
		if err := v.UnmarshalJSON(text); err != nil || !v.Present() {
			return
		}
		written := v.AppendJSON(nil)
		if err := json.Unmarshal(written, &again); err != nil {
			t.Fatalf("%q was written as %q: %v", text, written, err)
		}
		if !v.Equal(again) || v.Size() != again.Size() {
			t.Fatalf("%q became %q and then %q", text, written, again.AppendJSON(nil))
		}
	})
}
