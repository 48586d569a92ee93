package delivery_test

import (
	"testing"
	"time"

	"clickstream/internal/delivery"
)

func TestPatternMatchesItsTemplatesKeys(t *testing.T) {
	fields := delivery.KeyFields{
		Application: "app", Stream: "s.1", ShardID: "shardId-000000000003",
		First: delivery.Position{Sequence: "4968", Sub: 2}, End: delivery.Position{Sequence: "4969"}, Arrival: time.Unix(1_700_000_000, 0),
	}
	for _, text := range []string{
		"", "{application}/{shardId}/{first}-{last}", "{stream}/{shardId}/{first}-{last}", "x.(+)/year={year}/month={month}/{day}{hour}{minute}/{stream}/{shardId}/{first}-{last}.jsonl",
	} {
		template, err := delivery.ParseTemplate(text)
		if err != nil {
			t.Fatal(err)
		}
		key := template.Key(fields)
		if !template.Pattern("app", "s.1").MatchString(key) {
			t.Errorf("the pattern of %q does not match its key %s", text, key)
		}
		if template.Pattern("app", "s.1").MatchString("x" + key + "x") {
			t.Errorf("the pattern of %q matches x%sx", text, key)
		}
		if got := template.Pattern("other", "s.1").MatchString(key); got == template.Separates() {
			t.Errorf("the pattern of %q for another application matches %s: %v", text, key, got)
		}
	}
}
