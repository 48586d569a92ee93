package doctest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Match compares what was printed with what a page says: line by line, the width of columns aside. A line with only … in the page stands for
// any number of lines, … within a line for any text, and a string of varies for any word.
func Match(page, printed string, varies []string) error {
	want, got := outputLines(page), outputLines(printed)
	if matchLines(want, got, varies) {
		return nil
	}
	for i, line := range want {
		if line != "…" && !slices.ContainsFunc(got, func(other string) bool { return lineMatches(line, other, varies) }) {
			return fmt.Errorf("line %d of the output, %q, was not printed. What was:\n%s", i+1, line, printed)
		}
	}
	return fmt.Errorf("the output has other lines, or another order, than the page says. What was printed:\n%s", printed)
}

func outputLines(text string) []string {
	lines := strings.Split(strings.ReplaceAll(text, "\r", "\n"), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " \t")
	}
	return slices.DeleteFunc(lines, func(line string) bool { return line == "" })
}

func matchLines(want, got, varies []string) bool {
	switch {
	case len(want) == 0:
		return len(got) == 0
	case want[0] == "…":
		return matchLines(want[1:], got, varies) || len(got) > 0 && matchLines(want, got[1:], varies)
	default:
		return len(got) > 0 && lineMatches(want[0], got[0], varies) && matchLines(want[1:], got[1:], varies)
	}
}

func lineMatches(want, got string, varies []string) bool {
	pattern := regexp.QuoteMeta(oneBlank(want))
	pattern = strings.ReplaceAll(pattern, "…", ".*")
	for _, word := range varies {
		pattern = strings.ReplaceAll(pattern, regexp.QuoteMeta(word), `\S+`)
	}
	return regexp.MustCompile(`^` + pattern + `$`).MatchString(oneBlank(got))
}

// oneBlank has one blank where there are several: columns move with the width of what varies.
func oneBlank(line string) string { return strings.Join(strings.Fields(line), " ") }

// varying returns the words of a mark varies: separated by a comma and a blank, as a comma alone may be part of a number.
func varying(mark string) []string {
	if mark == "" {
		return nil
	}
	words := strings.Split(mark, ", ")
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) }) // 117 must not spoil 74,117
	return words
}
