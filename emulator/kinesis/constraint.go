package kinesis

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"clickstream/emulator/internal/wire"
)

//go:generate go run ./internal/constraints

// shape says what the API model asks of a value. The table of them, constraints.go, is made from the public model.
type shape struct {
	name        string
	kind        kind
	least, most bound // of a number, or of the length of a text, blob, list or map
	pattern     string
	enum        []string
	members     []shapeMember // of a structure
	key         *shape        // of a map
	element     *shape        // of a list, and of a map's values
}

type bound struct {
	value int64
	there bool
}

type shapeMember struct {
	name     string
	required bool
	shape    *shape
}

// inputShape is the shape of an operation's input.
type inputShape struct {
	operation string
	shape     *shape
}

type kind string

const (
	kindString    kind = "String"
	kindInteger   kind = "Integer"
	kindLong      kind = "Long"
	kindBoolean   kind = "Boolean"
	kindTimestamp kind = "Timestamp"
	kindBlob      kind = "Blob"
	kindList      kind = "List"
	kindMap       kind = "Map"
	kindStructure kind = "Structure"
)

// checker judges requests by the table of constraints.
type checker struct {
	inputs map[string]*shape

	mu       sync.Mutex
	patterns map[string]*regexp.Regexp // those that were needed yet: to compile all would be most of the work of starting
}

func newChecker() *checker {
	c := &checker{inputs: make(map[string]*shape, len(inputShapes)), patterns: map[string]*regexp.Regexp{}}
	for _, input := range inputShapes {
		c.inputs[input.operation] = input.shape
	}
	return c
}

func (c *checker) matches(pattern, text string) bool {
	c.mu.Lock()
	compiled := c.patterns[pattern]
	if compiled == nil {
		compiled = regexp.MustCompile("^(?:" + pattern + ")$")
		c.patterns[pattern] = compiled
	}
	c.mu.Unlock()
	return compiled.MatchString(text)
}

// guard refuses a request whose members are not of the model's types, or not within its constraints.
func (c *checker) guard(operation string, members map[string]any) error {
	input := c.inputs[operation]
	if input == nil {
		return nil
	}
	if err := checkType(input, members); err != nil {
		return err
	}
	prune(input, members)
	var check wire.Check
	c.structure(&check, "", input, members)
	return check.Err()
}

// prune takes out what the model does not know.
func prune(s *shape, value any) {
	switch value := value.(type) {
	case map[string]any:
		maps.DeleteFunc(value, func(name string, _ any) bool { return s.kind == kindStructure && s.member(name) == nil })
		for name, below := range value {
			if s.kind == kindStructure {
				prune(s.member(name), below)
			}
		}
	case []any:
		for _, below := range value {
			prune(s.element, below)
		}
	}
}

// member returns the shape of a structure's member; nil if there is none.
func (s *shape) member(name string) *shape {
	for _, one := range s.members {
		if one.name == name {
			return one.shape
		}
	}
	return nil
}

// structure checks a structure's members; prefix is the path to them, with a dot at its end.
func (c *checker) structure(check *wire.Check, prefix string, s *shape, members map[string]any) {
	for _, one := range s.members {
		path := prefix + strings.ToLower(one.name[:1]) + one.name[1:]
		value := members[one.name]
		if value == nil {
			check.Required(path, !one.required)
			continue
		}
		c.value(check, path, one.shape, value)
	}
}

func (c *checker) value(check *wire.Check, path string, s *shape, value any) {
	for _, broken := range c.broken(s, value) {
		check.Failf(path, shown(s, value), "%s", broken)
	}
	switch value := value.(type) {
	case map[string]any:
		if s.kind == kindStructure {
			c.structure(check, path+".", s, value)
			return
		}
		keys := slices.Collect(maps.Keys(value))
		all(c, check, path, "Map keys", s.key, keys, shown(s, value))
		all(c, check, path, "Map value", s.element, slices.Collect(maps.Values(value)), shown(s, value))
	case []any:
		if s.element.kind != kindStructure {
			all(c, check, path, "Member", s.element, value, shown(s, value))
			return
		}
		for i, element := range value {
			below := path + "." + strconv.Itoa(i+1) + ".member"
			if members, ok := element.(map[string]any); ok {
				c.structure(check, below+".", s.element, members)
			} else {
				check.Required(below, false)
			}
		}
	}
}

// all checks the simple parts of a list or map; the violation is that of the whole.
func all[T any](c *checker, check *wire.Check, path, what string, s *shape, parts []T, whole string) {
	for _, part := range parts {
		if any(part) == nil || len(c.broken(s, part)) > 0 {
			check.Failf(path, whole, "%s must satisfy constraint: [%s]", what, strings.Join(wordings(s), ", "))
			return
		}
	}
}

// broken returns the wordings of the constraints that a value does not keep.
func (c *checker) broken(s *shape, value any) []string {
	var broken []string
	if text, ok := value.(string); ok && s.kind == kindString {
		broken = c.brokenText(s, text)
	}
	size, what := measure(s, value)
	if what != "" && s.least.there && size < s.least.value {
		broken = append(broken, fmt.Sprintf("Member must have %s greater than or equal to %d", what, s.least.value))
	}
	if what != "" && s.most.there && size > s.most.value {
		broken = append(broken, fmt.Sprintf("Member must have %s less than or equal to %d", what, s.most.value))
	}
	return broken
}

func (c *checker) brokenText(s *shape, text string) []string {
	var broken []string
	if s.pattern != "" && !c.matches(s.pattern, text) {
		broken = append(broken, patternWording(s))
	}
	if s.enum != nil && !slices.Contains(s.enum, text) {
		broken = append(broken, enumWording(s))
	}
	return broken
}

// wordings returns all constraints of a simple shape.
func wordings(s *shape) []string {
	var all []string
	what := "length"
	if s.kind == kindInteger || s.kind == kindLong {
		what = "value"
	}
	if s.most.there {
		all = append(all, fmt.Sprintf("Member must have %s less than or equal to %d", what, s.most.value))
	}
	if s.least.there {
		all = append(all, fmt.Sprintf("Member must have %s greater than or equal to %d", what, s.least.value))
	}
	if s.pattern != "" {
		all = append(all, patternWording(s))
	}
	if s.enum != nil {
		all = append(all, enumWording(s))
	}
	return all
}

// patternWording shows a pattern as the service does: without anchors, and without brackets around the whole.
func patternWording(s *shape) string {
	pattern := s.pattern
	if bare, ok := strings.CutPrefix(pattern, "^("); ok && strings.HasSuffix(bare, ")$") {
		pattern = strings.TrimSuffix(bare, ")$")
	}
	return "Member must satisfy regular expression pattern: " + strings.TrimPrefix(pattern, "^")
}

func enumWording(s *shape) string {
	return "Member must satisfy enum value set: [" + strings.Join(s.enum, ", ") + "]"
}

// measure returns what bounds are about: a number's value, or a length.
func measure(s *shape, value any) (size int64, what string) {
	switch s.kind {
	case kindInteger, kindLong:
		return integer(value), "value"
	case kindString:
		text, _ := value.(string)
		return int64(utf8.RuneCountInString(text)), "length"
	case kindBlob:
		return int64(blobSize(value)), "length"
	case kindList:
		list, _ := value.([]any)
		return int64(len(list)), "length"
	case kindMap:
		entries, _ := value.(map[string]any)
		return int64(len(entries)), "length"
	default: // nothing has bounds else
		return 0, ""
	}
}

// shown returns a value as it stands in the service's messages, which are made by Java's toString.
func shown(s *shape, value any) string {
	switch s.kind {
	case kindBlob:
		size := strconv.Itoa(blobSize(value))
		return "java.nio.HeapByteBuffer[pos=0 lim=" + size + " cap=" + size + "]"
	case kindList:
		list, _ := value.([]any)
		parts := make([]string, len(list))
		for i, element := range list {
			parts[i] = shown(s.element, element)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case kindMap:
		entries, _ := value.(map[string]any)
		parts := make([]string, 0, len(entries))
		for _, key := range slices.Sorted(maps.Keys(entries)) {
			parts = append(parts, key+"="+shown(s.element, entries[key]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case kindStructure:
		hash := fnv.New32a()
		_, _ = fmt.Fprint(hash, value) // never fails
		return "com.amazonaws.kinesis.v20131202." + s.name + "@" + strconv.FormatUint(uint64(hash.Sum32()), 16)
	default:
		return fmt.Sprint(value)
	}
}

// integer returns a number of either encoding; the service cuts off fractions.
func integer(value any) int64 {
	switch value := value.(type) {
	case json.Number:
		if n, err := value.Int64(); err == nil {
			return n
		}
		f, _ := value.Float64() // it is a number
		return int64(f)
	case uint64:
		return int64(value)
	case int64:
		return value
	case float64:
		return int64(value)
	}
	return 0
}
