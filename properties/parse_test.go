package properties_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"clickstream/properties"
)

// Each result is what java.util.Properties.load of OpenJDK 17 makes of the same bytes.
func TestParseReadsWhatJavaReads(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		want []properties.Entry
	}{
		"equals":                      {"a=b", entries("a", "b", 1)},
		"colon":                       {"a:b\n", entries("a", "b", 1)},
		"space":                       {"a b\n", entries("a", "b", 1)},
		"spaces around equals":        {" \t\f a \t=\f  b c  \n", entries("a", "b c  ", 1)},
		"second separator is value":   {"a = = b", entries("a", "= b", 1)},
		"colon after equals is value": {"a=:b", entries("a", ":b", 1)},
		"key only":                    {"a", entries("a", "", 1)},
		"empty key":                   {"= b", entries("", "b", 1)},
		"comments and blank lines":    {"# c\n  ! d\n\n \t\na=b # no comment\n", entries("a", "b # no comment", 5)},
		"comment does not continue":   {"# c \\\na=b", entries("a", "b", 2)},
		"CRLF":                        {"a=b\r\nc=d\r\n", entries("a", "b", 1, "c", "d", 2)},
		"CR":                          {"a=b\rc=d", entries("a", "b", 1, "c", "d", 2)},
		"continued value":             {"a=b,\\\n   c", entries("a", "b,c", 1)},
		"continued value, CRLF":       {"a=b,\\\r\n   c\r\nd=e", entries("a", "b,c", 1, "d", "e", 3)},
		"continued key":               {"a\\\n  b=c", entries("ab", "c", 1)},
		"continued by a blank line":   {"a=b\\\n\nc=d", entries("a", "b", 1, "c", "d", 3)},
		"continued by a hash":         {"a=b\\\n#c", entries("a", "b#c", 1)},
		"comment after a lone slash":  {"\\\n#c\na=b", entries("a", "b", 3)},
		"even backslashes end":        {"a=b\\\\\nc=d", entries("a", "b\\", 1, "c", "d", 2)},
		"backslash at end of file":    {"a=b\\", entries("a", "b", 1)},
		"escapes":                     {`a=\t\n\r\f\\\:\=\ \q\#`, entries("a", "\t\n\r\f\\:= q#", 1)},
		"escaped separators in key":   {`a\=\:\ b=c`, entries("a=: b", "c", 1)},
		"unicode escape":              {`a=\u00e9\u20AC`, entries("a", "é€", 1)},
		"surrogate pair":              {`a=\ud83d\ude00`, entries("a", "😀", 1)},
		"octal is not an escape":      {`a=\0101`, entries("a", "0101", 1)},
		"Latin-1":                     {"a=\xe9", entries("a", "é", 1)},
		"UTF-8 is read as Latin-1":    {"a=é", entries("a", "Ã©", 1)},
		"no expansion":                {"a=${b}", entries("a", "${b}", 1)},
		"twice":                       {"a=b\na=c", entries("a", "b", 1, "a", "c", 2)},
		"empty":                       {"", nil},
		"lone backslash":              {"\\", entries("", "", 1)},
		"lone backslash, then a line": {"\\\n\n\na=b", entries("a", "b", 4)},
	} {
		t.Run(name, func(t *testing.T) {
			file, err := properties.Parse(strings.NewReader(test.text), "f")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, file.Entries); diff != "" {
				t.Errorf("entries (-want +got):\n%s", diff)
			}
		})
	}
}

func entries(list ...any) []properties.Entry {
	var all []properties.Entry
	for i := 0; i < len(list); i += 3 {
		all = append(all, properties.Entry{Key: list[i].(string), Value: list[i+1].(string), Line: list[i+2].(int)})
	}
	return all
}

func TestParseNamesTheLine(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		line int
	}{
		"short escape":            {"a=b\n\nc=\\u12\n", 3},
		"not hexadecimal":         {"# c\na=\\u12g4", 2},
		"signed":                  {"a=\\u+123", 1},
		"in a key":                {"a\\uz=b", 1},
		"in a continuation":       {"a=b\nc=\\\n  \\\n \\ux", 2},
		"UTF-8 byte order mark":   {"\ufeffa=b", 1},
		"UTF-16, as Windows does": {"\xff\xfea\x00=\x00b\x00", 1},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := properties.Parse(strings.NewReader(test.text), "dir/f.properties")
			syntax, ok := errors.AsType[*properties.SyntaxError](err)
			if !ok {
				t.Fatalf("error %v, want a *SyntaxError", err)
			}
			if syntax.Line != test.line || !strings.HasPrefix(err.Error(), "dir/f.properties:") {
				t.Errorf("error %q, want line %d", err, test.line)
			}
		})
	}
}

func TestParseRefusesHugeFiles(t *testing.T) {
	_, err := properties.Parse(bytes.NewReader(make([]byte, properties.MaxFileSize+1)), "f")
	if err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("error %v, want one about the size", err)
	}
}

func TestGetReturnsTheLast(t *testing.T) {
	file, err := properties.Parse(strings.NewReader("a=1\nb=2\na=3"), "f")
	if err != nil {
		t.Fatal(err)
	}
	entry, ok := file.Get("a")
	if want := (properties.Entry{Key: "a", Value: "3", Line: 3}); !ok || entry != want {
		t.Errorf("Get(a) = %v, %v, want %v", entry, ok, want)
	}
	if _, ok := file.Get("c"); ok {
		t.Error("Get(c) found something")
	}
}

// FuzzParse checks that no input makes the parser panic, that lines are real lines in rising order, and that whatever was read
// can be written in Java's escapes and read again.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"a=b\n", "a\\\r\n b:c", "\\u00e9 = \\ud83d\\ude00", "#\\\n!\\\r\n\\", "\\\n#\n\\\\=\\", string(properties.Sample())} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := properties.Parse(bytes.NewReader(text), "f")
		if err != nil {
			return
		}
		total := 1 + bytes.Count(text, []byte("\n")) + bytes.Count(text, []byte("\r"))
		last := 0
		var again strings.Builder
		for _, entry := range file.Entries {
			if entry.Line <= last || entry.Line > total {
				t.Fatalf("entry %q on line %d after line %d of %d", entry.Key, entry.Line, last, total)
			}
			last = entry.Line
			again.WriteString(escape(entry.Key) + "=" + escape(entry.Value) + "\n")
		}
		reread, err := properties.Parse(strings.NewReader(again.String()), "f")
		if err != nil {
			t.Fatalf("reading again %q: %v", again.String(), err)
		}
		same := func(a, b properties.Entry) bool { return a.Key == b.Key && a.Value == b.Value }
		if !slices.EqualFunc(file.Entries, reread.Entries, same) {
			t.Errorf("read again: %+v, first %+v", reread.Entries, file.Entries)
		}
	})
}

// escape writes every UTF-16 unit of text as \uXXXX.
func escape(text string) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune(text)) {
		fmt.Fprintf(&b, `\u%04x`, unit)
	}
	return b.String()
}
