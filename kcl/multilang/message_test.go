package multilang_test

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"clickstream/kcl/multilang"
)

const number = "49680469734578211411426558216745703636935867210540253186"

// TestDaemonMessages compares both directions with lines in the shape that the Java daemon was seen to write.
func TestDaemonMessages(t *testing.T) {
	t.Parallel()
	tests := []struct {
		line    string
		message multilang.DaemonMessage
	}{
		{
			`{"action":"initialize","shardId":"shardId-000000000000","sequenceNumber":"TRIM_HORIZON","subSequenceNumber":0}`,
			multilang.DaemonMessage{
				Action: "initialize", ShardID: "shardId-000000000000",
				SequenceNumber: new("TRIM_HORIZON"), SubSequenceNumber: new(int64(0)),
			},
		},
		{
			`{"action":"processRecords","records":[` +
				`{"data":"eyJyZXNvdXJjZSI6InJlc291cmNlLTAifQ==","partitionKey":"resource-0","sequenceNumber":"` + number +
				`","approximateArrivalTimestamp":1795378421916,"subSequenceNumber":0,"action":"record"},` +
				`{"data":"","partitionKey":"resource-0","sequenceNumber":"` + number +
				`","approximateArrivalTimestamp":0,"subSequenceNumber":17,"action":"record"},` +
				`{"data":null,"partitionKey":"ключ \"1\" \\ \t\u0001/","sequenceNumber":"1","approximateArrivalTimestamp":null,` +
				`"subSequenceNumber":0,"action":"record"}],"millisBehindLatest":1234}`,
			multilang.DaemonMessage{
				Action: "processRecords", MillisBehindLatest: new(int64(1234)),
				Records: []multilang.Record{
					{
						Data: []byte(`{"resource":"resource-0"}`), PartitionKey: "resource-0", SequenceNumber: number,
						ApproximateArrivalTimestamp: time.UnixMilli(1795378421916),
					},
					{
						Data: []byte{}, PartitionKey: "resource-0", SequenceNumber: number, SubSequenceNumber: 17,
						ApproximateArrivalTimestamp: time.UnixMilli(0),
					},
					{PartitionKey: "ключ \"1\" \\ \t\u0001/", SequenceNumber: "1"},
				},
			},
		},
		{
			`{"action":"processRecords","records":[],"millisBehindLatest":null}`,
			multilang.DaemonMessage{Action: "processRecords", Records: []multilang.Record{}},
		},
		{
			`{"action":"checkpoint","sequenceNumber":"` + number + `","subSequenceNumber":null,"error":null}`,
			multilang.DaemonMessage{Action: "checkpoint", SequenceNumber: new(number)},
		},
		{
			`{"action":"checkpoint","sequenceNumber":null,"subSequenceNumber":null,"error":"InvalidStateException"}`,
			multilang.DaemonMessage{Action: "checkpoint", Error: "InvalidStateException"},
		},
		{`{"action":"leaseLost"}`, multilang.DaemonMessage{Action: "leaseLost"}},
		{`{"action":"shardEnded"}`, multilang.DaemonMessage{Action: "shardEnded"}},
		{`{"action":"shutdownRequested"}`, multilang.DaemonMessage{Action: "shutdownRequested"}},
		{`{"action":"shutdown","reason":"ZOMBIE"}`, multilang.DaemonMessage{Action: "shutdown", Reason: "ZOMBIE"}},
	}
	for _, test := range tests {
		if got := string(test.message.AppendLine(nil)); got != test.line+"\n" {
			t.Errorf("AppendLine:\n%s", cmp.Diff(test.line+"\n", got))
		}
		got, err := multilang.ParseDaemonMessage([]byte(test.line))
		if err != nil {
			t.Errorf("%s: %v", test.line, err)
			continue
		}
		if diff := cmp.Diff(&test.message, got); diff != "" {
			t.Errorf("%s:\n%s", test.line, diff)
		}
	}
}

// TestOtherSpellings reads records that are valid and yet not as Jackson spells them.
func TestOtherSpellings(t *testing.T) {
	t.Parallel()
	want := multilang.Record{
		Data: []byte("click"), PartitionKey: "ключ/1", SequenceNumber: "17", SubSequenceNumber: 2,
		ApproximateArrivalTimestamp: time.UnixMilli(1795378421916),
	}
	records := map[string]string{
		"usual": `{"data":"Y2xpY2s=","partitionKey":"ключ/1","sequenceNumber":"17","approximateArrivalTimestamp":1795378421916,"subSequenceNumber":2,"action":"record"}`,
		"escapes": `{"d\u0061ta":"Y2xp\u00592s=","partitionKey":"\u043a\u043b\u044e\u0447\/1","sequenceNumber":"1\u0037",` +
			`"approximateArrivalTimestamp":1795378421916,"subSequenceNumber":2,"action":"record"}`,
		"order and space": "\t{ \"subSequenceNumber\" : 2 , \"sequenceNumber\":\"17\",\r\"partitionKey\":\"ключ/1\"," +
			`"data":"Y2xpY2s=", "approximateArrivalTimestamp":1795378421916 } `,
		"unknown fields": `{"data":"Y2xpY2s=","explicitHashKey":null,"schema":{"a":[1,-2.5e+3,{}],"b":[]},"partitionKey":"ключ/1",` +
			`"aggregated":true,"sequenceNumber":"17","approximateArrivalTimestamp":1795378421916,"subSequenceNumber":2}`,
		"the last of several": `{"data":null,"data":"Y2xpY2s=","subSequenceNumber":1,"subSequenceNumber":2,"partitionKey":"ключ/1",` +
			`"sequenceNumber":"17","approximateArrivalTimestamp":1795378421916}`,
	}
	for name, record := range records {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			line := `{"records":[` + record + `,` + record + `],"future":[[[]]],"millisBehindLatest":5,"action":"processRecords"}` + "\r\n"
			m, err := multilang.ParseDaemonMessage([]byte(line))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]multilang.Record{want, want}, m.Records); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestBadDaemonMessages(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 10_001) + strings.Repeat("]", 10_001)
	lines := map[string]string{
		"nothing":             ``,
		"no object":           `[1]`,
		"no JSON":             `hello`,
		"no action":           `{"shardId":"shardId-0"}`,
		"two values":          `{"action":"leaseLost"}{}`,
		"cut":                 `{"action":"leaseLost"`,
		"action a number":     `{"action":1}`,
		"records an object":   `{"action":"processRecords","records":{}}`,
		"a record null":       `{"action":"processRecords","records":[null]}`,
		"comma too many":      `{"action":"processRecords","records":[{},]}`,
		"data not base64":     `{"action":"processRecords","records":[{"data":"secret!"}]}`,
		"line end in data":    "{\"action\":\"processRecords\",\"records\":[{\"data\":\"c2Vj\rcmV0\"}]}",
		"fraction":            `{"action":"processRecords","millisBehindLatest":1.5}`,
		"over 64 bits":        `{"action":"processRecords","millisBehindLatest":9223372036854775808}`,
		"leading zero":        `{"action":"processRecords","millisBehindLatest":01}`,
		"number for a string": `{"action":"initialize","sequenceNumber":0}`,
		"too deep":            `{"action":"leaseLost","x":` + deep + `}`,
	}
	for name, line := range lines {
		m, err := multilang.ParseDaemonMessage([]byte(line))
		if err == nil {
			t.Errorf("%s: no error, message %+v", name, m)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error quotes the payload: %v", name, err)
		}
	}
}

// TestRecordsAreTheirOwn makes sure that neither the line nor a neighbour changes a record that was kept.
func TestRecordsAreTheirOwn(t *testing.T) {
	t.Parallel()
	sent := clicks(3000)
	line := sent.AppendLine(nil)
	got, err := multilang.ParseDaemonMessage(line)
	if err != nil {
		t.Fatal(err)
	}
	clear(line)
	for i := range got.Records {
		_ = append(got.Records[i].Data, "overflow"...)
	}
	if diff := cmp.Diff(sent, got); diff != "" {
		t.Error(diff)
	}
}

// TestSmallLinesStaySmall bounds what one record of a short line keeps in memory: a batch may hold thousands of them.
func TestSmallLinesStaySmall(t *testing.T) {
	line := clicks(1).AppendLine(nil)
	const lines = 1000
	kept := make([]*multilang.DaemonMessage, lines)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for i := range kept {
		m, err := multilang.ParseDaemonMessage(line)
		if err != nil {
			t.Fatal(err)
		}
		kept[i] = m
	}
	runtime.ReadMemStats(&after)
	if got := (after.TotalAlloc - before.TotalAlloc) / lines; got > 4*uint64(len(line)) {
		t.Errorf("a line of %d bytes took %d bytes of memory", len(line), got)
	}
	runtime.KeepAlive(kept)
}
