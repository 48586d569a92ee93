package click_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"clickstream/internal/click"
)

func TestParseJSON(t *testing.T) {
	for _, test := range []struct{ line, want string }{
		{`{"resource":"resource-1","referrer":"http://www.amazon.com/"}`, "resource-1"},
		{` { "referrer" : [1,-0.5e+7,{"resource":"inner"},[]] , "resource" : "/a" , "x":null,"y":true,"z":false } `, "/a"},
		{`{"resource":""}`, ""},
		{`{"resource":"first","resource":"last"}`, "last"},
		{`{"resource":1,"resource":"last"}`, "last"},
		{`{"\u0072esource":"/\u00e9\ud83d\ude00\n\/"}`, "/é😀\n/"},
		{`{"resource":"\ud83d"}`, "\uFFFD"},
		{`{"resource":"\ud83dx\ude00"}`, "\uFFFDx\uFFFD"},
		{`{"resource":"\ud83d\ud83d\ude00"}`, "\uFFFD😀"},
		{"{\"resource\":\"a\xffb\"}", "a\uFFFDb"},
	} {
		got, err := click.ParseJSON([]byte(test.line))
		if err != nil || got != test.want {
			t.Errorf("ParseJSON(%s) = %q, %v; want %q", test.line, got, err, test.want)
		}
	}
}

func TestParseJSONRefuses(t *testing.T) {
	for _, test := range []struct{ line, want string }{
		{`[]`, "not a JSON object"},
		{`"resource"`, "not a JSON object"},
		{`{}`, `no member "resource"`},
		{`{"Resource":"x"}`, `no member "resource"`},
		{`{"inner":{"resource":"x"}}`, `no member "resource"`},
		{`{"resource":1}`, "not a string"},
		{`{"resource":null}`, "not a string"},
		{`{"resource":"first","resource":{}}`, "not a string"},
		{`{"resource":"x"`, "ends too early"},
		{`{"resource":"x`, "ends too early"},
		{`{"resource":`, "ends too early"},
		{`{"resource":"x"}}`, "malformed at byte 17, after the object"},
		{`{"resource":"x",}`, "where a member's name"},
		{`{"resource" "x"}`, "where a colon"},
		{`{"resource":"x" "y":1}`, "where a comma"},
		{`{"resource":"\x41"}`, "inside an escape"},
		{`{"resource":"\u12G4"}`, "inside an escape"},
		{"{\"resource\":\"a\tb\"}", "control character"},
		{`{"resource":"x","n":01}`, "where a comma"},
		{`{"resource":"x","n":1.}`, "inside a number"},
		{`{"resource":"x","n":1e}`, "inside a number"},
		{`{"resource":"x","n":nul}`, "where a value"},
		{`{"resource":"x","n":+1}`, "where a value"},
		{`{"resource":"x","n":` + strings.Repeat("[", 5000), "nested more than"},
	} {
		_, err := click.ParseJSON([]byte(test.line))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("ParseJSON(%.60s): %v, want an error that says %q", test.line, err, test.want)
		}
	}
}

// FuzzParseJSON compares with encoding/json, which is the oracle for everything but how deep it goes.
func FuzzParseJSON(f *testing.F) {
	for _, line := range []string{
		`{"resource":"resource-1","referrer":"http://www.amazon.com/"}`, `{"resource":"\ud83d\ude00"}`, `{"a":[1,2,{"b":null}],"resource":"x"}`,
		`{"resource":1}`, `{"\u0072esource":"x"}`, ` {"resource":"x"} `, `{"resource":"x","resource":-1.5e7}`, "{\"resource\":\"\xe2\x82\"}",
	} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		got, err := click.ParseJSON(line)
		if err != nil && strings.Contains(err.Error(), "nested") {
			return
		}
		var members map[string]json.RawMessage
		oracle := json.Unmarshal(line, &members)
		if oracle == nil && members == nil {
			oracle = errors.New("null")
		}
		var want string
		if oracle == nil {
			// The oracle joins ill-formed names: two of them may become one.
			if raw, ok := members["resource"]; !ok || raw[0] != '"' {
				oracle = errors.New("no string resource")
			} else if err := json.Unmarshal(raw, &want); err != nil {
				t.Fatal(err)
			}
		}
		if (err == nil) != (oracle == nil) {
			t.Fatalf("%q: we say %v, encoding/json says %v", line, err, oracle)
		}
		if err == nil && !strings.Contains(want, "\uFFFD") && got != want {
			t.Errorf("%q: resource %q, encoding/json reads %q", line, got, want)
		}
	})
}

func BenchmarkParseJSON(b *testing.B) {
	line := []byte(`{"resource": "/presentations/logstash-monitorama-2013/images/kibana-search.png", "referrer": "http://semicomplete.com/presentations/logstash-monitorama-2013/"}`)
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := click.ParseJSON(line); err != nil {
			b.Fatal(err)
		}
	}
}
