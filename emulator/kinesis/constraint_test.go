package kinesis

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"clickstream/emulator/internal/wire"
)

// violation is a bad value at one place of a request, and what the service has to say of it. Of messages that show a value too long
// to be foretold, only the end is known.
type violation struct {
	what, body      string
	code, end       string
	whole           bool // end is the whole message
	capitalMessages bool // the message's name has a capital
}

// TestEveryConstraint sends, for each member of each operation's input, values that are too long, too short, of a wrong pattern or
// type, out of range or missing.
func TestEveryConstraint(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("some 1,600 requests, of up to 10 MiB, are left out with -short")
	}
	service, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	served := service.Wire()
	count := 0
	for _, input := range inputShapes {
		if _, ok := served.Operations[input.operation]; !ok {
			t.Errorf("the table has %s, which nobody serves", input.operation)
		}
		for _, one := range violations(input.shape) {
			count++
			if diff := one.compare(served, input.operation); diff != "" {
				t.Errorf("%s, %s: %s\nwas sent %.300s", input.operation, one.what, diff, one.body)
			}
		}
	}
	const least = 1500
	if count < least {
		t.Errorf("only %d bad values", count)
	}
}

func (v *violation) compare(served *wire.Service, operation string) string {
	request := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(v.body))
	request.Header.Set("X-Amz-Target", "Kinesis_20131202."+operation)
	request.Header.Set("Content-Type", "application/x-amz-json-1.1")
	recorder := httptest.NewRecorder()
	served.ServeHTTP(recorder, request)
	var got map[string]string
	if err := json.Unmarshal(recorder.Body.Bytes(), &got); err != nil {
		return fmt.Sprintf("%v in %.300s", err, recorder.Body)
	}
	name := "message"
	if v.capitalMessages {
		name = "Message"
	}
	message := got[name]
	if recorder.Code != http.StatusBadRequest || got["__type"] != v.code || !strings.HasSuffix(message, v.end) || v.whole && message != v.end {
		return fmt.Sprintf("status %d %s\n got %.600s\nwant %.600s", recorder.Code, got["__type"], message, v.end)
	}
	return ""
}

// builder makes a whole request around a value at one place; absent leaves the place out.
type builder func(value any) any

type absent struct{}

func violations(input *shape) []violation {
	var all []violation
	for _, one := range input.members {
		build := func(value any) any {
			request, _ := example(input).(map[string]any)
			return with(request, one.name, value)
		}
		all = append(all, ofMember(one, lower(one.name), build)...)
	}
	return all
}

func with(request map[string]any, name string, value any) map[string]any {
	request = maps.Clone(request)
	request[name] = value
	if _, ok := value.(absent); ok {
		delete(request, name)
	}
	return request
}

func lower(name string) string { return strings.ToLower(name[:1]) + name[1:] }

func ofMember(m shapeMember, path string, build builder) []violation {
	all := ofValue(m.shape, path, build)
	if m.required {
		all = append(all, invalid("missing "+path, build(absent{}), path, "null", "Member must not be null"))
	}
	return all
}

// ofValue makes the violations of a value and of all below it.
func ofValue(s *shape, path string, build builder) []violation {
	all := append(ofType(s, path, build), ofBounds(s, path, build)...)
	switch s.kind {
	case kindStructure:
		for _, one := range s.members {
			all = append(all, ofMember(one, path+"."+lower(one.name), func(value any) any {
				structure, _ := example(s).(map[string]any)
				return build(with(structure, one.name, value))
			})...)
		}
	case kindList:
		in := func(value any) any { return build([]any{value}) }
		if s.element.kind == kindStructure {
			all = append(all, ofValue(s.element, path+".1.member", in)...)
		} else {
			all = append(all, ofPart(s.element, path, "Member", in)...)
			all = append(all, ofType(s.element, path, in)...)
		}
	case kindMap:
		all = append(all, ofPart(s.key, path, "Map keys", func(value any) any { return build(map[string]any{fmt.Sprint(value): "x"}) })...)
		all = append(all, ofPart(s.element, path, "Map value", func(value any) any { return build(map[string]any{"x": value}) })...)
		all = append(all, ofType(s.element, path, func(value any) any { return build(map[string]any{"x": value}) })...)
	default: // nothing is below the rest
	}
	return all
}

// ofPart makes the violations of a list's element or a map's key or value, which are violations of the whole.
func ofPart(s *shape, path, what string, build builder) []violation {
	var rules []string
	if s.most.there {
		rules = append(rules, fmt.Sprintf("Member must have length less than or equal to %d", s.most.value))
	}
	if s.least.there {
		rules = append(rules, fmt.Sprintf("Member must have length greater than or equal to %d", s.least.value))
	}
	if s.pattern != "" {
		rules = append(rules, "Member must satisfy regular expression pattern: "+bare(s.pattern))
	}
	if s.enum != nil {
		rules = append(rules, "Member must satisfy enum value set: ["+strings.Join(s.enum, ", ")+"]")
	}
	var all []violation
	for _, bad := range badTexts(s) {
		all = append(all, violation{
			what: what + " of " + path, body: text(build(bad)), code: "ValidationException",
			end: "' at '" + path + "' failed to satisfy constraint: " + what + " must satisfy constraint: [" + strings.Join(rules, ", ") + "]",
		})
	}
	return all
}

// ofBounds makes values of the right type that break the shape's own rules.
func ofBounds(s *shape, path string, build builder) []violation {
	var all []violation
	switch s.kind {
	case kindString:
		for _, bad := range badTexts(s) {
			var rules []string
			if s.pattern != "" && !regexp.MustCompile(`^(`+s.pattern+`)$`).MatchString(bad) {
				rules = append(rules, "Member must satisfy regular expression pattern: "+bare(s.pattern))
			}
			if s.enum != nil {
				rules = append(rules, "Member must satisfy enum value set: ["+strings.Join(s.enum, ", ")+"]")
			}
			if s.least.there && int64(len(bad)) < s.least.value {
				rules = append(rules, fmt.Sprintf("Member must have length greater than or equal to %d", s.least.value))
			}
			if s.most.there && int64(len(bad)) > s.most.value {
				rules = append(rules, fmt.Sprintf("Member must have length less than or equal to %d", s.most.value))
			}
			all = append(all, invalid(fmt.Sprintf("%.20q at %s", bad, path), build(bad), path, "'"+bad+"'", rules...))
		}
	case kindInteger, kindLong:
		if s.least.there {
			n := s.least.value - 1
			all = append(all, invalid("too small "+path, build(n), path, fmt.Sprintf("'%d'", n), fmt.Sprintf("Member must have value greater than or equal to %d", s.least.value)))
		}
		if s.most.there {
			n := s.most.value + 1
			all = append(all, invalid("too large "+path, build(n), path, fmt.Sprintf("'%d'", n), fmt.Sprintf("Member must have value less than or equal to %d", s.most.value)))
		}
	case kindBlob:
		if s.most.there {
			size := strconv.FormatInt(s.most.value+1, 10)
			all = append(all, invalid("too long "+path, build(bytes.Repeat([]byte("x"), int(s.most.value+1))), path,
				"'java.nio.HeapByteBuffer[pos=0 lim="+size+" cap="+size+"]'", fmt.Sprintf("Member must have length less than or equal to %d", s.most.value)))
		}
	case kindList, kindMap:
		all = append(all, ofCounts(s, path, build)...)
	default: // the rest has no rules
	}
	return all
}

func ofCounts(s *shape, path string, build builder) []violation {
	some := func(count int64) any {
		if s.kind == kindMap {
			entries := map[string]any{}
			for i := range count {
				entries["key"+strconv.FormatInt(i, 10)] = "value"
			}
			return entries
		}
		return slices.Repeat([]any{example(s.element)}, int(count))
	}
	var all []violation
	if s.least.there && s.least.value > 0 {
		all = append(all, violation{
			what: "too few of " + path, body: text(build(some(s.least.value - 1))), code: "ValidationException",
			end: fmt.Sprintf(" at '%s' failed to satisfy constraint: Member must have length greater than or equal to %d", path, s.least.value),
		})
	}
	if s.most.there {
		all = append(all, violation{
			what: "too many of " + path, body: text(build(some(s.most.value + 1))), code: "ValidationException",
			end: fmt.Sprintf(" at '%s' failed to satisfy constraint: Member must have length less than or equal to %d", path, s.most.value),
		})
	}
	return all
}

// ofType makes values of every wrong type.
func ofType(s *shape, path string, build builder) []violation {
	const number = "class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted to "
	const boolean = "class java.lang.Boolean can not be converted to "
	const list, structure = "Start of list found where not expected", "Start of structure or map found where not expected."
	wrong := map[kind]map[any]string{
		kindString:    {23: number + "an String", true: boolean + "an String", "[]": list, "{}": structure},
		kindInteger:   {"x": "class java.lang.String can not be converted to an Integer", true: boolean + "an Integer", "[]": list, "{}": structure},
		kindLong:      {"x": "class java.lang.String can not be converted to an Long", true: boolean + "an Long", "[]": list, "{}": structure},
		kindBoolean:   {"x": "'X' can not be converted to an Boolean", 23: number + "an Boolean", "[]": list, "{}": structure},
		kindTimestamp: {"x": "class java.lang.String can not be converted to milliseconds since epoch", true: boolean + "milliseconds since epoch", "[]": list, "{}": structure},
		kindBlob: {
			23: number + "a Blob", true: boolean + "a Blob", "[]": list, "{}": structure,
			"23456": "'23456' can not be converted to a Blob: Base64 encoded length is expected a multiple of 4 bytes but found: 5",
			"a:bc":  "'a:bc' can not be converted to a Blob: Invalid Base64 character: ':'",
			"+/+=":  "'+/+=' can not be converted to a Blob: Invalid last non-pad Base64 character dectected",
		},
		kindList:      {"x": "Expected list or null", true: "Expected list or null", 23: "Expected list or null", "{}": structure},
		kindMap:       {"x": "Expected map or null", true: "Expected map or null", 23: "Expected map or null", "[]": list},
		kindStructure: {"x": "Expected null", true: "Expected null", 23: "Expected null", "[]": list},
	}
	var all []violation
	for value, message := range wrong[s.kind] {
		sent := value
		switch value {
		case "[]":
			sent = []any{}
		case "{}":
			sent = map[string]any{}
		}
		all = append(all, violation{
			what: fmt.Sprintf("%v at %s", value, path), body: text(build(sent)), code: "SerializationException", end: message, whole: true, capitalMessages: true,
		})
	}
	return all
}

func invalid(what string, request any, path, shown string, rules ...string) violation {
	plural := "s"
	if len(rules) == 1 {
		plural = ""
	}
	var parts []string
	for _, rule := range rules {
		parts = append(parts, "Value "+shown+" at '"+path+"' failed to satisfy constraint: "+rule)
	}
	return violation{
		what: what, body: text(request), code: "ValidationException", whole: true,
		end: fmt.Sprintf("%d validation error%s detected: %s", len(rules), plural, strings.Join(parts, "; ")),
	}
}

// badTexts returns texts that break one rule or another.
func badTexts(s *shape) []string {
	var bad []string
	if s.enum != nil {
		bad = append(bad, "NONSENSE")
	}
	if s.least.there && s.least.value > 0 {
		bad = append(bad, strings.Repeat("1", int(s.least.value-1)))
	}
	if s.most.there {
		bad = append(bad, strings.Repeat("1", int(s.most.value+1)))
	}
	if s.pattern != "" {
		pattern := regexp.MustCompile(`^(` + s.pattern + `)$`)
		for _, one := range []string{" ", ":"} {
			if !pattern.MatchString(one) {
				return append(bad, strings.Repeat(one, int(max(s.least.value, 1))))
			}
		}
		panic("the test knows no text that is none of " + s.pattern)
	}
	return bad
}

// bare is a pattern as messages show it.
func bare(pattern string) string {
	switch {
	case strings.HasPrefix(pattern, "^(0|"):
		return strings.TrimSuffix(strings.TrimPrefix(pattern, "^("), ")$")
	default:
		return strings.TrimPrefix(pattern, "^")
	}
}

func text(request any) string {
	encoded, err := json.Marshal(request)
	if err != nil {
		panic(err)
	}
	return string(encoded)
}

// example makes a value that keeps all rules, with required members only.
func example(s *shape) any {
	switch s.kind {
	case kindStructure:
		members := map[string]any{}
		for _, one := range s.members {
			if one.required {
				members[one.name] = example(one.shape)
			}
		}
		return members
	case kindList:
		return []any{example(s.element)}
	case kindMap:
		return map[string]any{"key": "value"}
	case kindBlob:
		return []byte("data")
	case kindInteger, kindLong:
		return max(s.least.value, 1)
	case kindBoolean:
		return false
	case kindTimestamp:
		return 1
	default:
		return exampleText(s)
	}
}

func exampleText(s *shape) string {
	if s.enum != nil {
		return s.enum[0]
	}
	for _, text := range exampleTexts() {
		if s.pattern == "" || regexp.MustCompile(`^(`+s.pattern+`)$`).MatchString(text) {
			return text
		}
	}
	panic("the test knows no example of " + s.name)
}

// exampleTexts has a text for every pattern.
func exampleTexts() []string {
	const own = "arn:aws:kinesis:us-east-1:000000000000:"
	return []string{
		"0", "shardId-000000000000", "000000000000", own + "stream/s", own + "channel/c", own + "stream/s/consumer/c:1", "abcdefghij0123456789-abc",
		"arn:aws:iam::000000000000:role/r", "arn:aws:s3:::bucket", "arn:aws:s3tables:us-east-1:000000000000:bucket/bucket",
		"arn:aws:glue:us-east-1:000000000000:schema/registry/schema", "errors/",
	}
}
