package wire_test

import (
	"bytes"
	"testing"

	"github.com/aws/smithy-go/eventstream"
	"github.com/google/go-cmp/cmp"

	"clickstream/emulator/internal/wire"
)

// FuzzMessage reads messages back by the SDK's decoder, which checks lengths and both checksums.
func FuzzMessage(f *testing.F) {
	f.Add(":event-type", "initial-response", []byte("{}"), 2)
	f.Add("", "", []byte{}, 0)
	f.Add("n", "v", bytes.Repeat([]byte("x"), 1<<16), 1)
	f.Fuzz(func(t *testing.T, name, value string, payload []byte, count int) {
		if len(name) > 254 || len(value) > 1<<15-1 { // what the format cannot hold, or a decoder need not take
			return
		}
		var headers []wire.MessageHeader
		var want eventstream.Headers
		for i := range min(max(count, 0), 3) {
			unique := name + string(rune('0'+i))
			headers = append(headers, wire.MessageHeader{Name: unique, Value: value})
			want = append(want, eventstream.Header{Name: unique, Value: eventstream.StringValue(value)})
		}
		stream := wire.AppendMessage([]byte("before"), headers, payload)
		stream = wire.AppendMessage(stream, headers, payload)
		reader := bytes.NewReader(bytes.TrimPrefix(stream, []byte("before")))
		for range 2 {
			got, err := eventstream.NewDecoder().Decode(reader, nil)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Payload, payload) || !cmp.Equal(got.Headers, want) {
				t.Errorf("read %v with %d bytes, want %v with %d", got.Headers, len(got.Payload), want, len(payload))
			}
		}
		if reader.Len() > 0 {
			t.Errorf("%d bytes are left over", reader.Len())
		}
	})
}
