package faults_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"clickstream/emulator/internal/faults"
)

func TestParse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		line string
		want faults.Fault
	}{
		{"kinesis:PutRecords rate=0.1 throttle records=0.5", faults.Fault{Service: "kinesis", Operation: "PutRecords", Rate: 0.1, Kind: faults.Throttle, Records: 0.5}},
		{" Kinesis:* resource=clicks first=3  error=InternalFailure", faults.Fault{Service: "kinesis", Resource: "clicks", First: 3, Kind: faults.Error, Code: "InternalFailure"}},
		{"dynamodb:UpdateItem after=5 every=10 drop-after", faults.Fault{Service: "dynamodb", Operation: "UpdateItem", After: 5, Every: 10, Kind: faults.DropAfter}},
		{"kinesis:GetRecords every=9 advance=6m", faults.Fault{Service: "kinesis", Operation: "GetRecords", Every: 9, Kind: faults.Advance, Advance: 6 * time.Minute}},
		{"s3 delay=200ms", faults.Fault{Service: "s3", Kind: faults.Delay, Delay: 200 * time.Millisecond}},
		{
			"kinesis:SubscribeToShard shard=shardId-000000000001 stall events=3",
			faults.Fault{Service: "kinesis", Operation: "SubscribeToShard", Shard: "shardId-000000000001", Kind: faults.Stall, Events: 3},
		},
		{"* error status=503 message=not now, later=maybe", faults.Fault{Kind: faults.Error, Status: 503, Message: "not now, later=maybe"}},
		{"* duplicate", faults.Fault{Kind: faults.Duplicate}},
		{"* drop-before", faults.Fault{Kind: faults.DropBefore}},
	}
	for _, test := range tests {
		got, err := faults.Parse(test.line)
		if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", test.line, err, diff)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct{ line, message string }{
		{"", "it names no service"},
		{"kinesis:PutRecords", "one word of error=CODE, throttle"},
		{"kinetic throttle", `the service "kinetic" is none of`},
		{"*:PutRecords throttle", "an operation needs its service"},
		{"kinesis throttle stall", "stall stands beside throttle"},
		{"kinesis explode", `the kind "explode" is none of`},
		{"kinesis throttle rate=2", "rate and records are between 0 and 1"},
		{"kinesis throttle rate=NaN", "rate and records are between 0 and 1"},
		{"kinesis throttle rate=0", "rate=0 cannot be read, or would do nothing"},
		{"kinesis throttle rate=", "rate= has no value"},
		{"kinesis throttle first=-1", "first=-1 cannot be read"},
		{"kinesis throttle first=two", "first=two cannot be read"},
		{"kinesis throttle often=2", "often is not known"},
		{"kinesis delay", "delay, and no other kind, needs a time"},
		{"kinesis advance", "advance, and no other kind, needs a time"},
		{"kinesis advance=-1s", "advance, and no other kind, needs a time"},
		{"kinesis advance=1h delay=1s", "delay stands beside advance"},
		{"kinesis delay=-1s", "delay, and no other kind, needs a time"},
		{"kinesis error status=200", "the status 200 is not between"},
		{"kinesis throttle status=500", "code, status and message belong to error"},
		{"dynamodb throttle records=0.5", "records belongs to throttle of kinesis:PutRecords"},
		{"s3 stall events=2", "events belongs to error, drop-after and stall"},
	}
	for _, test := range tests {
		if _, err := faults.Parse(test.line); err == nil || !strings.Contains(err.Error(), test.message) {
			t.Errorf("%q: %v, want %q", test.line, err, test.message)
		}
	}
}

func TestReadNamesTheLine(t *testing.T) {
	t.Parallel()
	rules, err := faults.Read(strings.NewReader("# of a bad day\n\ns3 throttle\n"), "bad.day")
	if err != nil || len(rules) != 1 {
		t.Errorf("%v, %v", rules, err)
	}
	_, err = faults.Read(strings.NewReader("s3 throttle\n\ns3 throttled\n"), "bad.day")
	if err == nil || !strings.HasPrefix(err.Error(), `bad.day:3: "s3 throttled" is no fault: `) {
		t.Error(err)
	}
}

// pattern asks a rule about so many calls; a dot is a call that goes well.
func pattern(t *testing.T, seed uint64, line string, calls int) string {
	t.Helper()
	rule, err := faults.Parse(line)
	if err != nil {
		t.Fatal(err)
	}
	var set faults.Set
	if err := set.Replace(seed, []faults.Fault{rule}); err != nil {
		t.Fatal(err)
	}
	var seen strings.Builder
	for range calls {
		if set.Decide(&faults.Call{Service: "s3", Operation: "PutObject"}).Fault == nil {
			seen.WriteByte('.')
		} else {
			seen.WriteByte('!')
		}
	}
	if count := set.Counts()[0]; count.Matched != calls || count.Fired != strings.Count(seen.String(), "!") {
		t.Errorf("%s: counted %d of %d", line, count.Fired, count.Matched)
	}
	return seen.String()
}

func TestCounts(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"* throttle":                    "!!!!!!!!!!",
		"* throttle first=3":            "!!!.......",
		"* throttle after=8":            "........!!",
		"* throttle every=4":            "...!...!..",
		"* throttle after=2 first=4":    "..!!!!....",
		"s3:PutObject throttle every=5": "....!....!",
		"* throttle after=1 every=3":    "...!..!..!",
	} {
		if got := pattern(t, 1, line, 10); got != want {
			t.Errorf("%s: %s, want %s", line, got, want)
		}
	}
}

func TestChanceIsThatOfTheSeed(t *testing.T) {
	t.Parallel()
	const calls = 2000
	one := pattern(t, 7, "* throttle rate=0.1", calls)
	if again := pattern(t, 7, "* throttle rate=0.1", calls); again != one {
		t.Error("the same seed gave something else")
	}
	if other := pattern(t, 8, "* throttle rate=0.1", calls); other == one {
		t.Error("another seed gave the same")
	}
	if fired := strings.Count(one, "!"); fired < 150 || fired > 250 {
		t.Errorf("%d of %d", fired, calls)
	}
}

func TestRulesInTheirOrder(t *testing.T) {
	t.Parallel()
	var set faults.Set
	rules, err := faults.Read(strings.NewReader("* delay=1s\nkinesis resource=clicks delay=2s\n"+
		"kinesis:GetRecords shard=shardId-000000000001 throttle first=1\nkinesis:GetRecords resource=clicks drop-after\n* stall\n"), "rules")
	if err != nil {
		t.Fatal(err)
	}
	if err := set.Add(rules...); err != nil {
		t.Fatal(err)
	}
	look := func() ([]string, string) { return []string{"", "clicks"}, "shardId-000000000001" }
	var got []string
	for range 2 {
		decision := set.Decide(&faults.Call{Service: "kinesis", Operation: "GetRecords", Look: look})
		got = append(got, decision.Delay.String()+" "+decision.Fault.String())
	}
	decision := set.Decide(&faults.Call{Service: "s3"})
	got = append(got, decision.Delay.String()+" "+decision.Fault.String())
	if diff := cmp.Diff([]string{
		"3s kinesis:GetRecords shard=shardId-000000000001 first=1 throttle", "3s kinesis:GetRecords resource=clicks drop-after", "1s * stall",
	}, got); diff != "" {
		t.Error(diff)
	}
}

// FuzzParse reads what it wrote as the same rule.
func FuzzParse(f *testing.F) {
	for _, line := range []string{
		"kinesis:PutRecords rate=0.1 throttle records=0.5", "s3 delay=200ms", "* error=Aha status=503 message=a b", "kinesis:SubscribeToShard stall events=3 after=1 first=2 every=3", "* advance=1h",
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		rule, err := faults.Parse(line)
		if err != nil {
			return
		}
		again, err := faults.Parse(rule.String())
		if diff := cmp.Diff(rule, again); diff != "" || err != nil {
			t.Errorf("%q became %q: %v\n%s", line, rule.String(), err, diff)
		}
	})
}
