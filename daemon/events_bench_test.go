package daemon

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/schemas"
	"github.com/aws/smithy-go/eventstream"
	"github.com/aws/smithy-go/transport/http/protocol/awsjson"

	"clickstream/internal/kinesiswire"
)

// bigEvent is an event of 10,000 records, framed.
func bigEvent(b *testing.B) []byte {
	b.Helper()
	var event map[string]any
	if err := json.Unmarshal(tenThousand(), &event); err != nil {
		b.Fatal(err)
	}
	delete(event, "NextShardIterator")
	event["ContinuationSequenceNumber"] = "49680477170917803077852559129055151552553714676387545106"
	payload, err := json.Marshal(event)
	if err != nil {
		b.Fatal(err)
	}
	message := eventstream.Message{Payload: payload}
	message.Headers.Set(eventstream.MessageTypeHeader, eventstream.StringValue(eventstream.EventMessageType))
	message.Headers.Set(eventstream.EventTypeHeader, eventstream.StringValue("SubscribeToShardEvent"))
	message.Headers.Set(eventstream.ContentTypeHeader, eventstream.StringValue("application/x-amz-json-1.1"))
	var out bytes.Buffer
	if err := eventstream.NewEncoder().Encode(&out, message); err != nil {
		b.Fatal(err)
	}
	return out.Bytes()
}

// BenchmarkEventSDK is what BenchmarkEvent saves.
func BenchmarkEventSDK(b *testing.B) {
	event, protocol := bigEvent(b), awsjson.New11(schemas.Kinesis_20131202)
	b.SetBytes(int64(len(event)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := protocol.DeserializeEventMessage(schemas.SubscribeToShardEventStream, kinesis.TypeRegistry, bytes.NewReader(event)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEvent(b *testing.B) {
	event := bigEvent(b)
	source := bytes.NewReader(event)
	frames := kinesiswire.NewFrameReader(source)
	var a answer
	b.SetBytes(int64(len(event)))
	b.ReportAllocs()
	for b.Loop() {
		source.Reset(event)
		frame, err := frames.Next()
		if err != nil {
			b.Fatal(err)
		}
		if err := parseAnswer(frame.Payload, &a); err != nil || len(a.records) != 10_000 {
			b.Fatal(len(a.records), err)
		}
	}
}
