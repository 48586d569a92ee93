package consume

import (
	"context"
	"strings"
	"testing"

	"clickstream/internal/delivery"
	"clickstream/internal/exit"
)

func testRules(t *testing.T, application, template string) *rules {
	t.Helper()
	parsed, err := delivery.ParseTemplate(template)
	if err != nil {
		t.Fatal(err)
	}
	return &rules{application: application, stream: "clicks", template: parsed}
}

func TestBucketBelongsToOneApplication(t *testing.T) {
	store := &memoryStore{}
	log, text := testLog()
	for _, test := range []struct {
		application, stream, template string
		first                         bool
		want                          string
	}{
		{"mine", "clicks", "", true, ""},
		{"mine", "clicks", "", false, ""},
		{"mine", "sales", "", false, "application mine keeps stream clicks in this bucket"},
		{"mine", "sales", "{application}/{stream}/{shardId}/{first}-{last}", false, "application mine keeps stream clicks in this bucket"},
		{"yours", "clicks", "", false, "belongs to application mine and stream clicks"},
		{"yours", "sales", "{stream}/{shardId}/{first}-{last}", false, "belongs to application mine and stream clicks"},
		{"yours", "clicks", "{application}/{shardId}/{first}-{last}", false, ""},
		{"yours", "sales", "{application}/{stream}/{shardId}/{first}-{last}", false, "application yours keeps stream clicks in this bucket"},
		{"mine", "clicks", "{application}/{shardId}/{first}-{last}", false, ""},
	} {
		rules := testRules(t, test.application, test.template)
		rules.stream = test.stream
		first, err := own(t.Context(), store, rules, log)
		if first != test.first || (err == nil) != (test.want == "") {
			t.Errorf("%+v: %v, %v", test, first, err)
		}
		if err != nil && (exit.Code(err) != exit.Usage || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%+v: %v, code %d", test, err, exit.Code(err))
		}
	}
	if strings.Contains(text.String(), "If-None-Match") {
		t.Errorf("a store with conditions is called one without: %s", text)
	}
}

// replacing is a store that does not know conditions.
type replacing struct{ memoryStore }

func (s *replacing) Create(ctx context.Context, o StoredObject) error {
	s.mu.Lock()
	delete(s.objects, o.Key)
	s.mu.Unlock()
	return s.memoryStore.Create(ctx, o)
}

func TestStoreWithoutConditionsIsSaid(t *testing.T) {
	for _, start := range []string{"first", "second"} {
		store := &replacing{}
		log, text := testLog()
		if start == "second" {
			if err := store.Create(t.Context(), StoredObject{Key: delivery.OwnerKey, Body: delivery.Owner{Application: "mine", Stream: "clicks"}.Encode()}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := own(t.Context(), store, testRules(t, "mine", ""), log); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(text.String(), "at least one object") {
			t.Errorf("%s start: nothing is said: %s", start, text)
		}
		if _, err := own(t.Context(), store, testRules(t, "yours", ""), log); err == nil {
			t.Errorf("%s start: somebody else's bucket is taken", start)
		}
	}
}

func TestMarkerInRuins(t *testing.T) {
	store := &memoryStore{}
	log, _ := testLog()
	if err := store.Create(t.Context(), StoredObject{Key: delivery.OwnerKey, Body: []byte("?")}); err != nil {
		t.Fatal(err)
	}
	if _, err := own(t.Context(), store, testRules(t, "mine", ""), log); exit.Code(err) != exit.Usage {
		t.Errorf("%v, code %d", err, exit.Code(err))
	}
}
