package click_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"clickstream/internal/click"
)

func TestAppendJSON(t *testing.T) {
	for _, test := range []struct {
		name  string
		click click.Click
		want  string
	}{
		{"plain", click.Click{Resource: "resource-1", Referrer: "http://www.amazon.com/"}, `{"resource":"resource-1","referrer":"http://www.amazon.com/"}`},
		{"empty", click.Click{}, `{"resource":"","referrer":""}`},
		{"quotes", click.Click{Resource: `"`, Referrer: `\`}, `{"resource":"\"","referrer":"\\"}`},
		{"no HTML escapes", click.Click{Resource: "/?a=<b>&c", Referrer: "\u2028"}, "{\"resource\":\"/?a=<b>&c\",\"referrer\":\"\u2028\"}"},
		{"control characters", click.Click{Resource: "\b\t\n\f\r", Referrer: "\x00\x1f\x7f"}, `{"resource":"\b\t\n\f\r","referrer":"\u0000\u001f` + "\x7f" + `"}`},
		{"not UTF-8", click.Click{Resource: "a\xffb", Referrer: "größe"}, `{"resource":"a` + "\uFFFD" + `b","referrer":"größe"}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, string(test.click.JSON())); diff != "" {
				t.Errorf("JSON (-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzAppendJSON(f *testing.F) {
	f.Add("resource-1", "http://www.amazon.com/")
	f.Add("\xe2\x82", "\"\\\x00\u2028😀")
	f.Fuzz(func(t *testing.T, resource, referrer string) {
		in := click.Click{Resource: resource, Referrer: referrer}
		var out click.Click
		if err := json.Unmarshal(in.JSON(), &out); err != nil {
			t.Fatalf("%q is no JSON: %v", in.JSON(), err)
		}
		want := click.Click{Resource: click.ToValid(resource), Referrer: click.ToValid(referrer)}
		if out != want {
			t.Errorf("%+q came back as %+q", want, out)
		}
	})
}

func TestToValid(t *testing.T) {
	for in, want := range map[string]string{
		"":                      "",
		"größe":                 "größe",
		"\xe2\x82":              "?", // a truncated character is one
		"\xe2\x82x":             "?x",
		"\xf0\x9f\x98x":         "?x",
		"\xff\xfe":              "??",
		"\xc3(":                 "?(",
		"\xed\xa0\x80":          "???", // a surrogate is no beginning of anything
		"\xc0\xaf":              "??",  // nor is an overlong form
		"\xe0\x80\x80":          "???",
		"\xf4\x90\x80\x80":      "????",
		"\xf0\x8f":              "??",
		"\x80":                  "?",
		"a\xe6\x97\xe6\x97\xa5": "a?日",
	} {
		want = strings.ReplaceAll(want, "?", "\uFFFD")
		if got := click.ToValid(in); got != want {
			t.Errorf("ToValid(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestGeneratorRepeats(t *testing.T) {
	a, b, other := click.NewGenerator(7), click.NewGenerator(7), click.NewGenerator(8)
	same := 0
	for range 1000 {
		one, two, three := a.Next(), b.Next(), other.Next()
		if one.Click != two.Click {
			t.Fatalf("one seed gave %v and %v", one.Click, two.Click)
		}
		if one.Click == three.Click {
			same++
		}
		if one.Key != one.Click.Resource || string(one.JSON) != string(one.Click.JSON()) {
			t.Fatalf("a generated click disagrees with itself: %+v", one)
		}
	}
	if same > 20 {
		t.Errorf("two seeds gave the same click %d times of 1000", same)
	}
}

func TestGeneratorMakesEveryClick(t *testing.T) {
	g := click.NewGenerator(1)
	seen := map[click.Click]int{}
	for range 60_000 {
		seen[g.Next().Click]++
	}
	if seen[click.Click{Resource: "resource-1", Referrer: "http://www.amazon.com/"}] == 0 {
		t.Error("the click of the documentation never came")
	}
	if len(seen) != 600 {
		t.Errorf("%d different clicks, want 600", len(seen))
	}
	for c, n := range seen {
		if n < 40 || n > 180 {
			t.Errorf("%v came %d times, about 100 expected", c, n)
		}
	}
}

func BenchmarkGenerator(b *testing.B) {
	g := click.NewGenerator(1)
	b.ReportAllocs()
	for b.Loop() {
		g.Next()
	}
}
