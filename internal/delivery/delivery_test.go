package delivery_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"clickstream/internal/delivery"
)

const sequence = "49680469734578211411426558216745703636935867210540253186"

func TestPositionsOrderByNumber(t *testing.T) {
	ordered := []delivery.Position{{}, {Sequence: "0"}, {Sequence: "9"}, {Sequence: "9", Sub: 2}, {Sequence: "9", Sub: 10}, {Sequence: "10"}, {Sequence: sequence}}
	for i, p := range ordered {
		for j, q := range ordered {
			want := 0
			if i != j {
				want = 1 - 2*b2i(i < j)
			}
			if got := p.Compare(q); got != want {
				t.Errorf("%s compared with %s is %d, want %d", p, q, got, want)
			}
		}
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestKeysGoThereAndBack(t *testing.T) {
	for _, p := range []delivery.Position{{}, {Sequence: sequence}, {Sequence: sequence, Sub: 3}} {
		key := delivery.ClaimKey("my/app", "shardId-000000000001", p)
		if delivery.IsData(key) {
			t.Errorf("%s passes for a data object", key)
		}
		application, shardID, back, err := delivery.ParseClaimKey(key)
		if err != nil || application != "my/app" || shardID != "shardId-000000000001" || back != p {
			t.Errorf("%s came back as %q %q %s %v", key, application, shardID, back, err)
		}
		if p.IsStart() {
			continue
		}
		key = delivery.ErrorKey("app", "shardId-000000000001", p)
		if _, _, back, err = delivery.ParseErrorKey(key); err != nil || back != p || delivery.IsData(key) {
			t.Errorf("%s came back as %s %v", key, back, err)
		}
	}
	if got, want := delivery.ClaimKey("a", "s", delivery.Position{Sequence: "7"}), "_claims/a/s/7.0"; got != want {
		t.Errorf("claim key %s, want %s", got, want)
	}
	if got, want := delivery.ErrorKey("a", "s", delivery.Position{Sequence: "7"}), "_errors/a/s/7"; got != want {
		t.Errorf("error key %s, want %s", got, want)
	}
}

func TestTemplate(t *testing.T) {
	arrival := time.Date(2026, 11, 2, 23, 4, 59, 0, time.FixedZone("", -2*3600))
	fields := delivery.KeyFields{
		Application: "app", Stream: "clicks", ShardID: "shardId-000000000000", Arrival: arrival,
		First: delivery.Position{Sequence: "100"}, End: delivery.Position{Sequence: "120", Sub: 4},
	}
	inside := fields
	inside.First.Sub = 2
	for _, test := range []struct {
		text   string
		fields delivery.KeyFields
		want   string
	}{
		{"", fields, "shardId-000000000000/100-120"},
		{"", inside, "shardId-000000000000/100.2-120"},
		{
			"{application}/{stream}/year={year}/month={month}/day={day}/{hour}{minute}/{shardId}/{first}-{last}.jsonl", fields,
			"app/clicks/year=2026/month=11/day=03/0104/shardId-000000000000/100-120.jsonl",
		},
	} {
		template, err := delivery.ParseTemplate(test.text)
		if err != nil {
			t.Fatal(err)
		}
		if got := template.Key(test.fields); got != test.want {
			t.Errorf("%q gives %s, want %s", test.text, got, test.want)
		}
		if got, want := template.Separates(), strings.Contains(test.text, "{app"); got != want {
			t.Errorf("%q separates applications: %v", test.text, got)
		}
	}
}

func TestTemplateRefused(t *testing.T) {
	for text, reason := range map[string]string{
		"{shardId}/{first}":                     "{last} once",
		"{first}-{last}":                        "{shardId} once",
		"{shardId}/{first}-{last}-{last}":       "{last} once",
		"{shardId}/{first}{last}":               "{first} apart",
		"{shardId}1/{first}-{last}":             "keep {shardId} apart",
		"{shardId}/{first}-{last}{year}":        "{last} apart",
		"{shardID}/{first}-{last}":              "begins with none of",
		"{shardId}/{first}-{last":               "begins with none of",
		"{shardId}/{first}-{last}}":             "only letters",
		"/{shardId}/{first}-{last}":             "usable",
		"{shardId}/../{first}-{last}":           "usable",
		"a b/{shardId}/{first}-{last}":          "only letters",
		"_claims/{shardId}/{first}-{last}":      "clickstream's own",
		"_errors/{shardId}/{first}-{last}":      "clickstream's own",
		"_clickstream/{shardId}/{first}-{last}": "clickstream's own",
		strings.Repeat("a", 600):                "longer than",
	} {
		if _, err := delivery.ParseTemplate(text); err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("%q: %v, want %q", text, err, reason)
		}
	}
}

func TestMetadataGoesThereAndBack(t *testing.T) {
	want := delivery.ObjectMetadata{
		Key: "s/1-2", ShardID: "s", First: delivery.Position{Sequence: "1"}, End: delivery.Position{Sequence: "2", Sub: 3}, Records: 4, Rejected: 1,
		Digest: delivery.NewDigest(delivery.FormatRaw).Sum(), Format: delivery.FormatRaw, Compression: delivery.CompressionZstd,
	}
	got, err := delivery.ParseMetadata(want.ToMap())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for name := range want.ToMap() {
		values := want.ToMap()
		delete(values, name)
		if _, err := delivery.ParseMetadata(values); err == nil {
			t.Errorf("metadata without %s is accepted", name)
		}
	}
}

func TestClaimIsChecked(t *testing.T) {
	good := delivery.Claim{First: delivery.Position{Sequence: "1"}, End: delivery.Position{Sequence: "2"}, Key: "s/1-2", Format: "jsonl", Compression: "none"}
	encoded, err := good.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"first":"1.0","end":"2.0","key":"s/1-2","format":"jsonl","compression":"none"}` + "\n"; string(encoded) != want {
		t.Errorf("claim %s, want %s", encoded, want)
	}
	for name, spoil := range map[string]func(*delivery.Claim){
		"first is start":      func(c *delivery.Claim) { c.First = delivery.Position{} },
		"end before first":    func(c *delivery.Claim) { c.First.Sequence = "3" },
		"key among claims":    func(c *delivery.Claim) { c.Key = delivery.ClaimPrefix + "x" },
		"no key":              func(c *delivery.Claim) { c.Key = "" },
		"unknown format":      func(c *delivery.Claim) { c.Format = "csv" },
		"unknown compression": func(c *delivery.Claim) { c.Compression = "bzip2" },
	} {
		bad := good
		spoil(&bad)
		if _, err := bad.Encode(); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestOwner(t *testing.T) {
	want := delivery.Owner{Application: "a", Stream: "s"}
	got, err := delivery.ParseOwner(delivery.OwnerKey, want.Encode())
	if err != nil || got != want {
		t.Errorf("owner came back as %v, %v", got, err)
	}
	for _, text := range []string{"", "{}", `{"application":"a"}`} {
		if _, err := delivery.ParseOwner(delivery.OwnerKey, []byte(text)); err == nil {
			t.Errorf("owner %q is accepted", text)
		}
	}
}
