package kinesis

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"clickstream/emulator/internal/wire"
)

// mostTags of one resource.
const mostTags = 50

// Tag is one tag as it is listed.
type Tag struct{ Key, Value string }

// checkTags refuses characters that tags cannot have.
func checkTags(texts ...string) error {
	allowed := func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsSpace(r) || strings.ContainsRune("_.:/=+-%@", r)
	}
	for _, text := range texts {
		if strings.ContainsFunc(text, func(r rune) bool { return !allowed(r) }) {
			return wire.Errorf("InvalidArgumentException",
				"Some tags contain invalid characters. Valid characters: Unicode letters, digits, white space, _ . / = + - %% @.")
		}
	}
	return nil
}

// addTags adds tags to those that a resource has, which are not changed.
func addTags(present, added map[string]string, what string) (map[string]string, error) {
	for key, value := range added {
		if err := checkTags(key, value); err != nil {
			return nil, err
		}
	}
	merged := maps.Clone(present)
	if merged == nil {
		merged = map[string]string{}
	}
	maps.Copy(merged, added)
	if len(merged) > mostTags {
		return nil, wire.Errorf("InvalidArgumentException", "Failed to add tags to %s because a given resource cannot have more than %d tags "+
			"associated with it.", what, mostTags)
	}
	return merged, nil
}

// removeTags takes tags from those that a resource has. Those that it has not are no error.
func removeTags(present map[string]string, keys []string) (map[string]string, error) {
	if err := checkTags(keys...); err != nil {
		return nil, err
	}
	rest := maps.Clone(present)
	maps.DeleteFunc(rest, func(key, _ string) bool { return slices.Contains(keys, key) })
	return rest, nil
}

// listTags returns tags in order of their keys.
func listTags(tags map[string]string) []Tag {
	list := make([]Tag, 0, len(tags))
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, Tag{key, tags[key]})
	}
	return list
}
