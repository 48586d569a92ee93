package wire

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Checker is an input that knows which values the service takes.
type Checker interface{ Check(c *Check) }

// Check collects an input's violations and words them as the services do:
//
//	1 validation error detected: Value ” at 'streamName' failed to satisfy constraint: Member must have length greater
//	than or equal to 1
//
// Paths are given as the services write them: members begin with a small letter, lists count from 1 ("records.1.member.data").
type Check struct{ violations []string }

// Failf adds a violation by value, or nil where there is none.
func (c *Check) Failf(path string, value any, constraint string, args ...any) {
	shown := "null"
	if value != nil {
		shown = fmt.Sprintf("'%v'", value)
	}
	c.violations = append(c.violations,
		fmt.Sprintf("Value %s at '%s' failed to satisfy constraint: ", shown, path)+fmt.Sprintf(constraint, args...))
}

// Required adds a violation unless the member is there.
func (c *Check) Required(path string, there bool) {
	if !there {
		c.Failf(path, nil, "Member must not be null")
	}
}

// Length checks a text's length in characters.
func (c *Check) Length(path, value string, least, most int) {
	switch n := len([]rune(value)); {
	case n < least:
		c.Failf(path, value, "Member must have length greater than or equal to %d", least)
	case n > most:
		c.Failf(path, value, "Member must have length less than or equal to %d", most)
	}
}

// Range checks a number.
func (c *Check) Range(path string, value, least, most int64) {
	switch {
	case value < least:
		c.Failf(path, value, "Member must have value greater than or equal to %d", least)
	case value > most:
		c.Failf(path, value, "Member must have value less than or equal to %d", most)
	}
}

// Match checks a text against a pattern, which must span it whole; the message shows the pattern without its anchors.
func (c *Check) Match(path, value string, pattern *regexp.Regexp) {
	if !pattern.MatchString(value) {
		shown := strings.TrimSuffix(strings.TrimPrefix(pattern.String(), "^"), "$")
		c.Failf(path, value, "%s", "Member must satisfy regular expression pattern: "+shown)
	}
}

// Enum checks that a text is one of the allowed ones.
func (c *Check) Enum(path, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		c.Failf(path, value, "Member must satisfy enum value set: [%s]", strings.Join(allowed, ", "))
	}
}

// Err returns the ValidationException, or nil when nothing was wrong. The services name at most ten violations.
func (c *Check) Err() error {
	if len(c.violations) == 0 {
		return nil
	}
	const most = 10
	shown := c.violations[:min(len(c.violations), most)]
	plural := "s"
	if len(shown) == 1 {
		plural = ""
	}
	return Errorf("ValidationException", "%d validation error%s detected: %s", len(shown), plural, strings.Join(shown, "; "))
}
