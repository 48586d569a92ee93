package kinesiswire_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/aws/smithy-go/eventstream"
	"github.com/google/go-cmp/cmp"

	"clickstream/internal/kinesiswire"
)

// encode writes messages by the SDK's encoder.
func encode(tb testing.TB, messages ...eventstream.Message) []byte {
	tb.Helper()
	var b bytes.Buffer
	for _, m := range messages {
		if err := eventstream.NewEncoder().Encode(&b, m); err != nil {
			tb.Fatal(err)
		}
	}
	return b.Bytes()
}

func message(payload string, headers ...string) eventstream.Message {
	m := eventstream.Message{Payload: []byte(payload)}
	for i := 0; i < len(headers); i += 2 {
		m.Headers.Set(headers[i], eventstream.StringValue(headers[i+1]))
	}
	return m
}

// event returns an event as SubscribeToShard sends it.
func event(payload string) eventstream.Message {
	return message(payload, ":event-type", "SubscribeToShardEvent", ":content-type", "application/json", ":message-type", "event")
}

func TestFramesOfTheSDK(t *testing.T) {
	t.Parallel()
	odd := event("odd")
	odd.Headers.Set("true", eventstream.BoolValue(true))
	odd.Headers.Set("byte", eventstream.Int8Value(1))
	odd.Headers.Set("short", eventstream.Int16Value(1))
	odd.Headers.Set("int", eventstream.Int32Value(1))
	odd.Headers.Set("long", eventstream.Int64Value(1))
	odd.Headers.Set("bytes", eventstream.BytesValue("x"))
	odd.Headers.Set("time", eventstream.TimestampValue(time.Unix(1, 0)))
	odd.Headers.Set("uuid", eventstream.UUIDValue{1})
	long := strings.Repeat("0123456789", 300_000)
	all := encode(t, message("{}", ":event-type", "initial-response", ":message-type", "event"), odd, event(long), event(""),
		message(`{"message":"gone"}`, ":exception-type", "ResourceNotFoundException", ":message-type", "exception"),
		message("", ":error-code", "500", ":error-message", "oops", ":message-type", "error"))
	type frame struct{ Message, Event, Exception, Code, Text, Payload string }
	want := []frame{
		{Message: "event", Event: "initial-response", Payload: "{}"},
		{Message: "event", Event: "SubscribeToShardEvent", Payload: "odd"},
		{Message: "event", Event: "SubscribeToShardEvent", Payload: long},
		{Message: "event", Event: "SubscribeToShardEvent"},
		{Message: "exception", Exception: "ResourceNotFoundException", Payload: `{"message":"gone"}`},
		{Message: "error", Code: "500", Text: "oops"},
	}
	for name, r := range map[string]io.Reader{"at once": bytes.NewReader(all), "in halves": iotest.HalfReader(bytes.NewReader(all))} {
		frames := kinesiswire.NewFrameReader(r)
		var got []frame
		for {
			f, err := frames.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(name, err)
			}
			got = append(got, frame{
				string(f.MessageType), string(f.EventType), string(f.ExceptionType), string(f.ErrorCode), string(f.ErrorMessage), string(f.Payload),
			})
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(name, diff)
		}
	}
}

// Whatever is cut off, or changed in one bit, is noticed.
func TestDamagedFrames(t *testing.T) {
	t.Parallel()
	whole := encode(t, event(`{"Records":[]}`))
	for n := range whole {
		_, err := kinesiswire.NewFrameReader(bytes.NewReader(whole[:n])).Next()
		if want := map[bool]error{true: io.EOF, false: io.ErrUnexpectedEOF}[n == 0]; !errors.Is(err, want) {
			t.Errorf("cut after %d bytes: %v", n, err)
		}
		damaged := bytes.Clone(whole)
		damaged[n] ^= 1 << (n % 8)
		if _, err := kinesiswire.NewFrameReader(bytes.NewReader(damaged)).Next(); !errors.Is(err, kinesiswire.ErrFrame) {
			t.Errorf("byte %d changed: %v", n, err)
		}
	}
	if _, err := kinesiswire.NewFrameReader(iotest.ErrReader(io.ErrClosedPipe)).Next(); !errors.Is(err, io.ErrClosedPipe) {
		t.Error(err)
	}
}

// FuzzFrames compares with the SDK's decoder.
func FuzzFrames(f *testing.F) {
	f.Add(encode(f, event(`{"Records":[]}`), event("x")))
	f.Add(encode(f, message("", ":error-code", "500", ":message-type", "error")))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		frames, rest := kinesiswire.NewFrameReader(bytes.NewReader(b)), bytes.NewReader(b)
		for {
			got, err := frames.Next()
			want, wantErr := eventstream.NewDecoder().Decode(rest, nil)
			if err != nil {
				if wantErr == nil && !errors.Is(err, kinesiswire.ErrFrame) {
					t.Fatalf("%v, but the SDK reads %v", err, want)
				}
				return
			}
			if wantErr != nil {
				return // the SDK wants header names to be there, and more
			}
			if !bytes.Equal(got.Payload, want.Payload) {
				t.Fatalf("payload %q, the SDK reads %q", got.Payload, want.Payload)
			}
			kind, _ := want.Headers.Get(":message-type").(eventstream.StringValue)
			if string(kind) != string(got.MessageType) {
				t.Fatalf("message type %q, the SDK reads %q", got.MessageType, kind)
			}
		}
	})
}
