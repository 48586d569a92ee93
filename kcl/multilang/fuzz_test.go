package multilang_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"clickstream/kcl/multilang"
)

// FuzzParseDaemonMessage: whatever encoding/json makes of a line, the parser written by hand makes of it too, and what
// was parsed can be written and parsed again.
func FuzzParseDaemonMessage(f *testing.F) {
	f.Add(clicks(2).AppendLine(nil))
	for _, line := range []string{
		`{"action":"initialize","shardId":"shardId-000000000000","sequenceNumber":"TRIM_HORIZON","subSequenceNumber":0}`,
		`{"action":"checkpoint","sequenceNumber":"1","subSequenceNumber":null,"error":"ThrottlingException"}`,
		`{"action":"processRecords","records":[{"data":"AAE=","partitionKey":"\ud83d\ude00\ud800é","x":[1.5e3,{}]},{}],"millisBehindLatest":-0}`,
		`{"action":"processRecords","records":[{"data":"QQ==","partitionKey":"","sequenceNumber":"","approximateArrivalTimestamp":1,"subSequenceNumber":0,"action":"record"}]}`,
		`{"action":"shutdown","reason":"ZOMBIE","reason":null}`,
	} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		got, err := multilang.ParseDaemonMessage(line)
		want, wantErr := reference(line)
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("error %v, encoding/json says %v", err, wantErr)
		}
		if err != nil {
			return
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
		checkRoundTrip(t, got)
		if !bytes.ContainsAny(line, "\r\n") {
			checkReceive(t, line, want)
		}
	})
}

// checkReceive has the line come in pieces, between others, in memory that is used again.
func checkReceive(t *testing.T, line []byte, want *multilang.DaemonMessage) {
	t.Helper()
	before := clicks(3).AppendLine(nil)
	input := append(slices.Concat(before, line, []byte{'\n'}, before, line), '\n')
	for pace, in := range []io.Reader{bytes.NewReader(input), iotest.OneByteReader(bytes.NewReader(input))} {
		r := multilang.NewReceiver(in, 0, true)
		for i := range 4 {
			got, err := r.Receive()
			if err != nil {
				t.Fatalf("reader %d, message %d: %v", pace, i, err)
			}
			if i%2 == 0 {
				r.Release(nil)
				continue
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("reader %d, message %d: %s", pace, i, diff)
			}
			r.Release(nil)
		}
	}
}

// checkRoundTrip compares what the message's action carries; AppendLine writes nothing else.
func checkRoundTrip(t *testing.T, m *multilang.DaemonMessage) {
	t.Helper()
	line := m.AppendLine(nil)
	if !json.Valid(line) || bytes.Count(line, []byte{'\n'}) != 1 {
		t.Fatalf("written: %q", line)
	}
	again, err := multilang.ParseDaemonMessage(line)
	if err != nil {
		t.Fatal(err)
	}
	if m.Action != multilang.ActionProcessRecords {
		return
	}
	if len(m.Records)+len(again.Records) > 0 {
		if diff := cmp.Diff(m.Records, again.Records); diff != "" {
			t.Fatal(diff)
		}
	}
}

// reference decodes a line with encoding/json, but with field names as they stand (encoding/json ignores case) and
// every one of several fields of one name checked.
func reference(line []byte) (*multilang.DaemonMessage, error) {
	var m multilang.DaemonMessage
	err := eachField(line, func(key string, value json.RawMessage) error {
		switch key {
		case "action":
			return text(value, &m.Action)
		case "shardId":
			return text(value, &m.ShardID)
		case "sequenceNumber":
			return replace(value, &m.SequenceNumber)
		case "subSequenceNumber":
			return replace(value, &m.SubSequenceNumber)
		case "millisBehindLatest":
			return replace(value, &m.MillisBehindLatest)
		case "error":
			return text(value, &m.Error)
		case "reason":
			return text(value, &m.Reason)
		case "records":
			return referenceRecords(value, &m.Records)
		}
		return nil
	})
	if err == nil && m.Action == "" {
		err = errors.New("no action")
	}
	return &m, err
}

func referenceRecords(value json.RawMessage, records *[]multilang.Record) error {
	*records = nil
	var elements []json.RawMessage
	if err := json.Unmarshal(value, &elements); err != nil || elements == nil {
		return err
	}
	*records = []multilang.Record{}
	for _, element := range elements {
		var r multilang.Record
		err := eachField(element, func(key string, value json.RawMessage) (err error) {
			var n *int64
			switch key {
			case "data":
				if value[0] == '[' { // encoding/json takes an array of numbers for bytes; the protocol has base64 only
					return errors.New("data is an array")
				}
				return replace(value, &r.Data)
			case "partitionKey":
				return text(value, &r.PartitionKey)
			case "sequenceNumber":
				return text(value, &r.SequenceNumber)
			case "approximateArrivalTimestamp":
				err = replace(value, &n)
				r.ApproximateArrivalTimestamp = time.Time{}
				if n != nil {
					r.ApproximateArrivalTimestamp = time.UnixMilli(*n)
				}
			case "subSequenceNumber":
				err = replace(value, &n)
				r.SubSequenceNumber = 0
				if n != nil {
					r.SubSequenceNumber = *n
				}
			}
			return err
		})
		if err != nil {
			return err
		}
		*records = append(*records, r)
	}
	return nil
}

func eachField(object []byte, f func(key string, value json.RawMessage) error) error {
	if !json.Valid(object) {
		return errors.New("not JSON")
	}
	d := json.NewDecoder(bytes.NewReader(object))
	if opening, err := d.Token(); err != nil || opening != json.Delim('{') {
		return errors.New("not an object")
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return err
		}
		if err := f(key.(string), value); err != nil {
			return err
		}
	}
	return nil
}

// replace is Unmarshal into a fresh variable.
func replace[T any](value json.RawMessage, into *T) error {
	var fresh T
	err := json.Unmarshal(value, &fresh)
	*into = fresh
	return err
}

func text(value json.RawMessage, into *string) error {
	var s *string
	err := json.Unmarshal(value, &s)
	*into = ""
	if s != nil {
		*into = *s
	}
	return err
}
