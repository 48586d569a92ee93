package delivery

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// DefaultTemplate gives "<shardId>/<first sequence number>-<last sequence number>".
const DefaultTemplate = "{shardId}/{first}-{last}"

// maxKey is the most bytes that S3 takes in a key; maxTemplate leaves room for what the placeholders hold.
const (
	maxKey      = 1024
	maxTemplate = 512
)

// literalSpecials are, besides letters and digits, the characters of a template's text that every S3 store and tool takes as they are.
const literalSpecials = "/!-_.*'()=+,:@"

// KeyFields is what a Template's placeholders stand for.
type KeyFields struct {
	Application, Stream, ShardID string
	First, End                   Position  // of the batch
	Arrival                      time.Time // when Kinesis took in the batch's first record
}

// Template makes object keys. Its text holds placeholders in braces: {application}, {stream}, {shardId}, {first} and {last} (sequence
// numbers; first has ".<sub>" behind it where the batch begins inside a KPL aggregate), and {year}, {month}, {day}, {hour}, {minute} of
// the UTC time at which the first record arrived. For example "year={year}/month={month}/{shardId}/{first}-{last}".
type Template struct {
	parts []part
}

// part is a placeholder's name, or else text.
type part struct {
	placeholder, text string
}

// fill returns what the placeholder stands for, and false if there is none of that name.
func (f *KeyFields) fill(placeholder string) (string, bool) {
	arrival := f.Arrival.UTC()
	switch placeholder {
	case "application":
		return url.PathEscape(f.Application), true
	case "stream":
		return url.PathEscape(f.Stream), true
	case "shardId":
		return url.PathEscape(f.ShardID), true
	case "first":
		return f.First.short(), true
	case "last":
		return f.End.Sequence, true
	case "year":
		return arrival.Format("2006"), true
	case "month":
		return arrival.Format("01"), true
	case "day":
		return arrival.Format("02"), true
	case "hour":
		return arrival.Format("15"), true
	case "minute":
		return arrival.Format("04"), true
	}
	return "", false
}

// ParseTemplate reads and checks a template; "" stands for DefaultTemplate. It must hold {shardId}, {first} and {last}, once each and not
// side by side with digits or other placeholders, or two batches could get the same key; and its keys must not fall among the claims,
// the errors or the markers. The error is the end of a sentence that begins with the setting's name.
func ParseTemplate(text string) (*Template, error) {
	if text == "" {
		text = DefaultTemplate
	}
	t, err := splitTemplate(text)
	if err == nil {
		err = t.check(text)
	}
	if err != nil {
		return nil, err
	}
	return t, nil
}

// Placeholders lists what a template may hold, for help texts.
func Placeholders() []string {
	return []string{
		"{application}", "{stream}", "{shardId}", "{first}", "{last}", "{year}", "{month}", "{day}", "{hour}", "{minute}",
	}
}

func splitTemplate(text string) (*Template, error) {
	if len(text) > maxTemplate {
		return nil, fmt.Errorf("is longer than %d bytes", maxTemplate)
	}
	t := &Template{}
	for rest := text; rest != ""; {
		literal, after, found := strings.Cut(rest, "{")
		if bad := strings.IndexFunc(literal, notLiteral); bad >= 0 {
			return nil, fmt.Errorf("has %q, but only letters, digits and %s may stand outside braces", literal[bad:], literalSpecials)
		}
		if literal != "" {
			t.parts = append(t.parts, part{text: literal})
		}
		if !found {
			break
		}
		name, behind, closed := strings.Cut(after, "}")
		if _, known := (&KeyFields{}).fill(name); !known || !closed {
			return nil, fmt.Errorf("has %q, which begins with none of %s", "{"+after, strings.Join(Placeholders(), " "))
		}
		t.parts = append(t.parts, part{placeholder: name})
		rest = behind
	}
	return t, nil
}

func notLiteral(r rune) bool {
	letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	return !letter && !strings.ContainsRune(literalSpecials, r)
}

func (t *Template) check(text string) error {
	for _, name := range []string{"shardId", "first", "last"} {
		if strings.Count(text, "{"+name+"}") != 1 {
			return fmt.Errorf("must hold {%s} once", name)
		}
		i := slices.Index(t.parts, part{placeholder: name})
		if i > 0 && !separates(t.parts[i-1].text, len(t.parts[i-1].text)-1) || i+1 < len(t.parts) && !separates(t.parts[i+1].text, 0) {
			return fmt.Errorf("must keep {%s} apart from digits and other placeholders, by a slash or a dash", name)
		}
	}
	for segment := range strings.SplitSeq(text, "/") {
		if segment == "" || segment == "." || segment == ".." {
			return fmt.Errorf("has %q between slashes, which is no usable part of a key", segment)
		}
	}
	if !IsData(text) {
		return fmt.Errorf("must not begin with %s, %s or %s, which are clickstream's own", ClaimPrefix, ErrorPrefix, OwnerPrefix)
	}
	return nil
}

// separates reports whether the byte of a literal that touches a placeholder keeps it apart: any but a digit.
func separates(literal string, i int) bool {
	return literal != "" && (literal[i] < '0' || literal[i] > '9')
}

// Key fills in the template.
func (t *Template) Key(f KeyFields) string {
	var b strings.Builder
	for _, p := range t.parts {
		b.WriteString(p.text)
		value, _ := f.fill(p.placeholder)
		b.WriteString(value)
	}
	return b.String()
}

// Separates reports whether keys hold the application, so that several may share a bucket. The stream alone would not do: two
// applications may read the same one.
func (t *Template) Separates() bool {
	return slices.Contains(t.parts, part{placeholder: "application"})
}
