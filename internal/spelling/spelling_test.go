package spelling_test

import (
	"testing"

	"clickstream/internal/spelling"
)

func TestSlips(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"", "abc", 3},
		{"shards", "shards", 0},
		{"shard", "shards", 1},
		{"shrads", "shards", 1},
		{"sharks", "shards", 1},
		{"streamNmaes", "streamName", 2},
		{"bucket", "format", 5},
	} {
		if there, back := spelling.Slips(test.a, test.b), spelling.Slips(test.b, test.a); there != test.want || back != test.want {
			t.Errorf("%q and %q: %d and %d slips, want %d", test.a, test.b, there, back, test.want)
		}
	}
}
