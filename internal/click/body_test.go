package click_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"clickstream/internal/click"
)

func TestParseBody(t *testing.T) {
	t.Parallel()
	one := click.Line{Number: 1, Resource: "a", Data: []byte(`{"resource":"a"}`)}
	for body, want := range map[string][]click.Line{
		`{"resource":"a"}`:       {one},
		` [ {"resource":"a"} ] `: {one},
		"[{\"resource\":\"a\"},\n{ \"x\":[1], \"resource\":\"b\" }]": {one, {Number: 2, Resource: "b", Data: []byte(`{ "x":[1], "resource":"b" }`)}},
	} {
		got, err := click.ParseBody([]byte(body))
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v, clicks (-want +got):\n%s", body, err, diff)
		}
	}
	for body, want := range map[string]string{
		``:                                 "neither a JSON object nor an array",
		`[]`:                               "neither a JSON object nor an array",
		`"a"`:                              "neither a JSON object nor an array",
		`{"resource":1}`:                   "not a string",
		`[{"resource":"a"},{"x":1}]`:       `click 2: the object has no member "resource"`,
		`[{"resource":"a"},1]`:             "click 2: the line is not a JSON object",
		`[{"resource":"a"}`:                "ends too early",
		`[{"resource":"a"},]`:              "click 2: the JSON is malformed",
		`[{"resource":"a"}]x`:              "after the array",
		`{"resource":"a"}{"resource":"b"}`: "after the object",
		strings.Repeat("[", 5000):          "click 1: the JSON is nested",
	} {
		if got, err := click.ParseBody([]byte(body)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: %d clicks, %v, want an error that says %q", body, len(got), err, want)
		}
	}
}

// FuzzParseBody asks that what is taken is what encoding/json takes, click by click.
func FuzzParseBody(f *testing.F) {
	f.Add([]byte(`[{"resource":"a"},{"resource":"b","x":[{}]}]`))
	f.Add([]byte(` {"resource":"\u00e9"} `))
	f.Fuzz(func(t *testing.T, body []byte) {
		lines, err := click.ParseBody(body)
		if err != nil {
			return
		}
		var all []json.RawMessage
		if json.Unmarshal(body, &all) != nil {
			all = []json.RawMessage{body}
		}
		if len(all) != len(lines) {
			t.Fatalf("%d clicks, encoding/json sees %d in %q", len(lines), len(all), body)
		}
		for i, line := range lines {
			if !json.Valid(line.Data) || strings.TrimSpace(string(all[i])) != strings.TrimSpace(string(line.Data)) {
				t.Errorf("click %d is %q in %q", i, line.Data, body)
			}
		}
	})
}
