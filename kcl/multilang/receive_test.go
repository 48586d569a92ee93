package multilang_test

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"clickstream/kcl/multilang"
)

// TestReceiver sends messages of all kinds one after the other; nothing of one shows in the next.
func TestReceiver(t *testing.T) {
	t.Parallel()
	large := clicks(3)
	large.Records[1].Data = bytes.Repeat([]byte("large"), 20_000)
	escaped := clicks(2)
	escaped.Records[0].PartitionKey = `a "key"`
	first := "1"
	sent := []*multilang.DaemonMessage{
		clicks(2000),
		{Action: multilang.ActionCheckpoint, SequenceNumber: &first},
		large,
		{Action: multilang.ActionProcessRecords, Records: []multilang.Record{}},
		clicks(1),
		escaped,
		{Action: multilang.ActionProcessRecords, Records: []multilang.Record{{}, {Data: []byte{}}}},
		clicks(3000),
		{Action: multilang.ActionShardEnded},
	}
	sent = append(sent, sent...)
	var input []byte
	for _, m := range sent {
		input = append(m.AppendLine(input), '\n')
	}
	paces := map[string]func(io.Reader) io.Reader{
		"whole":  func(in io.Reader) io.Reader { return in },
		"halves": iotest.HalfReader,
		"bytes":  iotest.OneByteReader,
	}
	for name, pace := range paces {
		for _, reuse := range []bool{false, true} {
			r := multilang.NewReceiver(pace(bytes.NewReader(input)), 0, reuse)
			for i, want := range sent {
				got, err := r.Receive()
				if err != nil {
					t.Fatalf("%s, message %d: %v", name, i, err)
				}
				if !reflect.DeepEqual(want, got) { // much faster than cmp.Diff
					t.Errorf("%s, message %d: %s", name, i, cmp.Diff(want, got))
				}
				r.Release(got)
			}
			if _, err := r.Receive(); !errors.Is(err, io.EOF) {
				t.Errorf("%s: error %v, want io.EOF", name, err)
			}
			if r.Line() != 2*len(sent) {
				t.Errorf("%s: %d lines, want %d", name, r.Line(), 2*len(sent))
			}
		}
	}
}

// TestReceiverLends: what was lent stays as it is while replies come, and is used again after Release.
func TestReceiverLends(t *testing.T) {
	t.Parallel()
	records := clicks(3000)
	reply := (&multilang.DaemonMessage{Action: multilang.ActionCheckpoint}).AppendLine(nil)
	line := records.AppendLine(nil)
	r := multilang.NewReceiver(bytes.NewReader(slices.Concat(line, reply, reply, line)), 0, true)
	lent, err := r.Receive()
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if m, err := r.Receive(); err != nil || m.Action != multilang.ActionCheckpoint {
			t.Fatalf("got %+v, %v", m, err)
		}
	}
	if !reflect.DeepEqual(records, lent) {
		t.Error("the records have changed")
	}
	place := &lent.Records[0].Data[0]
	r.Release(lent)
	again, err := r.Receive()
	if err != nil {
		t.Fatal(err)
	}
	if &again.Records[0].Data[0] != place {
		t.Error("the memory was not used again")
	}
}

// TestReceiverUsesItsMemoryAgain bounds what one more line takes.
func TestReceiverUsesItsMemoryAgain(t *testing.T) {
	line := clicks(10_000).AppendLine(nil)
	in := bytes.NewReader(bytes.Repeat(line, 10))
	r := multilang.NewReceiver(in, 0, true)
	receive := func() {
		m, err := r.Receive()
		if err != nil {
			t.Error(err)
		}
		r.Release(m)
	}
	receive()
	if n := testing.AllocsPerRun(5, receive); n > 10 {
		t.Errorf("%.0f allocations for a line", n)
	}
}

// TestReceiverRefuses: a line of which the beginning was decoded early is refused as a whole one is.
func TestReceiverRefuses(t *testing.T) {
	t.Parallel()
	whole := string(clicks(1000).AppendLine(nil))
	whole = strings.TrimSuffix(whole, "\n")
	for name, line := range map[string]string{
		"cut in a record":         whole[:200_000],
		"cut behind a record":     whole[:strings.LastIndex(whole, `,{"data"`)+1],
		"cut behind the list":     whole[:strings.LastIndex(whole, `]`)+1],
		"no record at the end":    strings.Replace(whole, `}],`, `},],`, 1),
		"a bad record at the end": strings.Replace(whole, `}],`, `},7],`, 1),
		"more behind it":          whole + "}",
	} {
		_, want := multilang.ParseDaemonMessage([]byte(line))
		for _, end := range []string{"", "\n"} {
			r := multilang.NewReceiver(iotest.HalfReader(strings.NewReader(line+end)), 0, true)
			_, err := r.Receive()
			if _, reading := errors.AsType[*multilang.ReadError](err); err == nil || reading || err.Error() != want.Error() {
				t.Errorf("%s: error %v, want %v", name, err, want)
			}
		}
	}
	r := multilang.NewReceiver(strings.NewReader(whole+"\n"), len(whole)-1, true)
	if _, err := r.Receive(); !errors.Is(err, multilang.ErrLineTooLong) {
		t.Errorf("error %v, want %v", err, multilang.ErrLineTooLong)
	}
}

// TestReceiverReleaseOfAnotherMessage: who is done with a message late does not take the records of the next one away.
func TestReceiverReleaseOfAnotherMessage(t *testing.T) {
	t.Parallel()
	first, second := clicks(1), clicks(2)
	end := (&multilang.DaemonMessage{Action: multilang.ActionShardEnded}).AppendLine(nil)
	r := multilang.NewReceiver(bytes.NewReader(slices.Concat(end, first.AppendLine(nil), end, second.AppendLine(nil))), 0, true)
	receive := func() *multilang.DaemonMessage {
		m, err := r.Receive()
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	early, lent := receive(), receive()
	r.Release(early)
	receive()
	if !reflect.DeepEqual(first, lent) {
		t.Errorf("the records have changed: %+v", lent.Records)
	}
	r.Release(lent)
	if again := receive(); !reflect.DeepEqual(second, again) {
		t.Errorf("received %+v", again.Records)
	}
}
