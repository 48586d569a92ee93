package multilang_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"clickstream/kcl/multilang"
)

func TestChildMessages(t *testing.T) {
	t.Parallel()
	tests := []struct {
		line    string
		message multilang.ChildMessage
	}{
		{`{"action":"status","responseFor":"initialize"}`, multilang.ChildMessage{Action: "status", ResponseFor: "initialize"}},
		{`{"action":"checkpoint","sequenceNumber":null}`, multilang.ChildMessage{Action: "checkpoint"}},
		{
			`{"action":"checkpoint","sequenceNumber":"` + number + `"}`,
			multilang.ChildMessage{Action: "checkpoint", SequenceNumber: new(number)},
		},
		{
			`{"action":"checkpoint","sequenceNumber":"` + number + `","subSequenceNumber":3}`,
			multilang.ChildMessage{Action: "checkpoint", SequenceNumber: new(number), SubSequenceNumber: new(int64(3))},
		},
	}
	for _, test := range tests {
		if got := string(test.message.AppendLine(nil)); got != test.line+"\n" {
			t.Errorf("AppendLine:\n%s", cmp.Diff(test.line+"\n", got))
		}
		got, err := multilang.ParseChildMessage([]byte(test.line))
		if err != nil {
			t.Errorf("%s: %v", test.line, err)
			continue
		}
		if diff := cmp.Diff(&test.message, got); diff != "" {
			t.Errorf("%s:\n%s", test.line, diff)
		}
	}
}

// TestParseChildMessageLikeJackson holds what the Java daemon coerces; the number 0 was seen to be taken for "0".
func TestParseChildMessageLikeJackson(t *testing.T) {
	t.Parallel()
	tests := []struct {
		line string
		want multilang.ChildMessage
	}{
		{`{"action":"checkpoint"}`, multilang.ChildMessage{Action: "checkpoint"}},
		{`{"sequenceNumber":0,"action":"checkpoint"}`, multilang.ChildMessage{Action: "checkpoint", SequenceNumber: new("0")}},
		{`{"action":"checkpoint","subSequenceNumber":" 12 "}`, multilang.ChildMessage{Action: "checkpoint", SubSequenceNumber: new(int64(12))}},
		{`{"action":"checkpoint","subSequenceNumber":""}`, multilang.ChildMessage{Action: "checkpoint"}},
		{`{"action":"checkpoint","subSequenceNumber":1.9,"error":null}`, multilang.ChildMessage{Action: "checkpoint", SubSequenceNumber: new(int64(1))}},
		{`{"action":"status","responseFor":true}`, multilang.ChildMessage{Action: "status", ResponseFor: "true"}},
		{`{"action":"status","responseFor":null}`, multilang.ChildMessage{Action: "status"}},
		{`{"action":"status","responseFor":"initialize"} and more`, multilang.ChildMessage{Action: "status", ResponseFor: "initialize"}},
	}
	for _, test := range tests {
		got, err := multilang.ParseChildMessage([]byte(test.line))
		if err != nil {
			t.Errorf("%s: %v", test.line, err)
			continue
		}
		if diff := cmp.Diff(&test.want, got); diff != "" {
			t.Errorf("%s:\n%s", test.line, diff)
		}
	}
}

func TestParseChildMessageRefuses(t *testing.T) {
	t.Parallel()
	lines := []string{
		``,
		`hello junk`,
		`[1]`,
		`null`,
		`{"x":1}`,
		`{}`,
		`{"action":"nope"}`,
		`{"action":null}`,
		`{"action":"initialize"}`,
		`{"action":"status","responseFor":"processRecords","extra":1}`,
		`{"action":"status","responseFor":"processRecords","sequenceNumber":null}`,
		`{"action":"status","responseFor":["processRecords"]}`,
		`{"action":"checkpoint","responseFor":"processRecords"}`,
		`{"action":"checkpoint","sequenceNumber":{}}`,
		`{"action":"checkpoint","subSequenceNumber":"1.5"}`,
		`{"action":"checkpoint","subSequenceNumber":true}`,
		`{"action":"checkpoint","subSequenceNumber":9223372036854775808}`,
		`{"action":"status","responseFor":"processRecords"`,
		`{"Action":"status","responseFor":"processRecords"}`,
	}
	for _, line := range lines {
		if m, err := multilang.ParseChildMessage([]byte(line)); err == nil {
			t.Errorf("%s: no error, message %+v", line, m)
		}
	}
}

func FuzzParseChildMessage(f *testing.F) {
	f.Add(`{"action":"status","responseFor":"initialize"}`)
	f.Add(`{"action":"checkpoint","sequenceNumber":"17","subSequenceNumber":3,"error":null}`)
	f.Add(`{"action":"checkpoint","sequenceNumber":1e3,"subSequenceNumber":"\u0031"}`)
	f.Fuzz(func(t *testing.T, line string) {
		m, err := multilang.ParseChildMessage([]byte(line))
		if err != nil {
			return
		}
		again, err := multilang.ParseChildMessage(m.AppendLine(nil))
		if err != nil {
			t.Fatalf("what was read cannot be read again: %v", err)
		}
		if diff := cmp.Diff(m, again); diff != "" {
			t.Error(diff)
		}
	})
}
