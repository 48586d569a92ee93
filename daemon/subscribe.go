package daemon

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"clickstream/internal/kinesiswire"
)

// silencePatience is how long a subscription may bring nothing (KCL: 35 s). Without records there is an event every five seconds or so.
const silencePatience = 35 * time.Second

// errSilent says that a subscription has brought nothing for silencePatience.
var errSilent = fmt.Errorf("no event for %s", silencePatience)

// subscription is one call of SubscribeToShard, whose answer lasts up to five minutes. Nothing of it is read ahead: while nobody asks for
// an event, the connection's flow control holds the service back.
type subscription struct {
	ctx     context.Context
	cancel  context.CancelCauseFunc
	silence *time.Timer
	body    io.ReadCloser
	frames  *kinesiswire.FrameReader
}

// subscribe calls SubscribeToShard. The subscription is good until ctx is done, and must be closed.
func subscribe(ctx context.Context, client *kinesis.Client, in *kinesis.SubscribeToShardInput) (*subscription, middleware.Metadata, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	s := &subscription{ctx: ctx, cancel: cancel, silence: time.AfterFunc(silencePatience, func() { cancel(errSilent) })}
	defer s.silence.Stop()
	out, err := client.SubscribeToShard(ctx, in, func(o *kinesis.Options) { o.Protocol = &eventProtocol{o.Protocol, s} })
	if err != nil {
		err = s.cause(err)
		s.close()
		return nil, middleware.Metadata{}, err
	}
	s.frames = kinesiswire.NewFrameReader(s.body)
	return s, out.ResultMetadata, nil
}

// next returns the JSON of the next SubscribeToShardEvent, good until the next call, and [io.EOF] at the subscription's end.
func (s *subscription) next() ([]byte, error) {
	s.silence.Reset(silencePatience)
	defer s.silence.Stop()
	for {
		frame, err := s.frames.Next()
		if err != nil {
			return nil, s.cause(err)
		}
		switch string(frame.MessageType) {
		case "event":
			if string(frame.EventType) == "SubscribeToShardEvent" {
				return frame.Payload, nil
			}
			// The initial response, which says nothing, or what is not known yet.
		case "exception":
			return nil, exceptionOf(string(frame.ExceptionType), frame.Payload)
		case "error":
			return nil, &smithy.GenericAPIError{Code: string(frame.ErrorCode), Message: string(frame.ErrorMessage)}
		}
	}
}

// cause returns errSilent for an error that came of it.
func (s *subscription) cause(err error) error {
	if cause := context.Cause(s.ctx); errors.Is(cause, errSilent) {
		return cause
	}
	return err
}

func (s *subscription) close() {
	s.cancel(nil)
	if s.body != nil {
		_ = s.body.Close()
	}
}

// exceptionOf returns an error that came within the event stream as the SDK would return it from a call.
func exceptionOf(name string, payload []byte) error {
	var body struct{ Message string }
	_ = json.Unmarshal(payload, &body) // what cannot be read is no message
	switch name {
	case "ResourceNotFoundException":
		return &types.ResourceNotFoundException{Message: &body.Message}
	case "ResourceInUseException":
		return &types.ResourceInUseException{Message: &body.Message}
	default:
		return &smithy.GenericAPIError{Code: name, Message: body.Message}
	}
}

// eventProtocol takes the body of SubscribeToShard's answer for a subscription, and leaves all else to the SDK's own protocol: the request
// and errors. The SDK is left with an event stream that has ended. Of an event of 10,000 records of 63 bytes the SDK's decoder makes 90,000
// objects, and takes three times as long as frames and parseAnswer, which make next to none (BenchmarkEventSDK and BenchmarkEvent).
type eventProtocol struct {
	smithyhttp.ClientProtocol
	subscription *subscription
}

// DeserializeResponse takes the body of a good answer.
func (p *eventProtocol) DeserializeResponse(
	ctx context.Context, schema *smithy.OperationSchema, types *smithy.TypeRegistry, response *smithyhttp.Response, out smithy.Deserializable,
) error {
	if response.StatusCode != http.StatusOK {
		return p.ClientProtocol.DeserializeResponse(ctx, schema, types, response, out)
	}
	p.subscription.body, response.Body = response.Body, http.NoBody
	return nil
}

// HasInitialEventMessage keeps the SDK from reading the initial response.
func (p *eventProtocol) HasInitialEventMessage() bool { return false }

// DeserializeEventMessage tells the SDK that there are no events.
func (p *eventProtocol) DeserializeEventMessage(*smithy.Schema, *smithy.TypeRegistry, io.Reader) (smithy.Deserializable, error) {
	return nil, io.EOF
}

// parseEvent reads an event's JSON into a. Shapes that parseAnswer does not know go through encoding/json.
func parseEvent(payload []byte, a *answer) error {
	if parseAnswer(payload, a) == nil {
		return nil
	}
	var event struct {
		Records []struct {
			Data                         []byte
			PartitionKey, SequenceNumber string
			ApproximateArrivalTimestamp  float64
		}
		ContinuationSequenceNumber *string
		MillisBehindLatest         *int64
		ChildShards                []types.ChildShard
	}
	if err := json.NewDecoder(bytes.NewReader(payload)).Decode(&event); err != nil {
		return fmt.Errorf("event of SubscribeToShard: %w", err)
	}
	out := kinesis.GetRecordsOutput{MillisBehindLatest: event.MillisBehindLatest, ChildShards: event.ChildShards}
	for i := range event.Records {
		record := &event.Records[i]
		arrival := time.UnixMilli(int64(record.ApproximateArrivalTimestamp * 1000))
		out.Records = append(out.Records, types.Record{
			Data: record.Data, PartitionKey: &record.PartitionKey, SequenceNumber: &record.SequenceNumber, ApproximateArrivalTimestamp: &arrival,
		})
	}
	if err := a.fromSDK(&out); err != nil {
		return err
	}
	if event.ContinuationSequenceNumber != nil {
		a.continuation = *event.ContinuationSequenceNumber
	}
	return nil
}
