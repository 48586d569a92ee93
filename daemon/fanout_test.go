package daemon

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/smithy-go/eventstream"
	"github.com/google/go-cmp/cmp"
	"github.com/sirupsen/logrus"

	"clickstream/internal/exit"
	"clickstream/internal/leases"
	"clickstream/properties"
)

// pusher answers the calls of a fan-out reader by script, one line after the other as in script, and streams events: a line for
// SubscribeToShard goes on with what the subscription brings, parts between bars:
//
//	SubscribeToShard request-must-contain => events 3 4 | 5..9 | to 12 | silence
//
// Numbers are an event's records, "to" an event without records that goes so far, "end" the shard's end, "cut" a torn event, "bad" one
// damaged on its way, "fail NAME" an exception, "wait" a time without events, "silence" events without end of nothing at all; after the
// last part the subscription ends.
type pusher struct {
	t     *testing.T
	lines []string
	began time.Time
	calls []string     // the operations called, with the second of the call
	wrote atomic.Int32 // events that were read to their end
	stop  func()       // ends the reader
}

func (p *pusher) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	p.calls = append(p.calls, fmt.Sprintf("%s %d", operation, int(time.Since(p.began).Seconds())))
	if len(p.lines) == 0 {
		p.t.Errorf("nothing is scripted after %s", strings.Join(p.calls, ", "))
		p.stop()
		return nil, context.Canceled
	}
	want, answer, _ := strings.Cut(p.lines[0], " => ")
	p.lines = p.lines[1:]
	if name, part, _ := strings.Cut(want, " "); name != operation || !strings.Contains(string(body), part) {
		p.t.Errorf("got %s %s, want %s", operation, body, want)
	}
	response := &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Date": {time.Now().UTC().Format(http.TimeFormat)}}}
	switch {
	case answer == "nothing":
		<-r.Context().Done()
		return nil, r.Context().Err()
	case strings.HasPrefix(answer, "events "):
		read, write := io.Pipe()
		stop := context.AfterFunc(r.Context(), func() { _ = write.CloseWithError(r.Context().Err()) })
		go func(ctx context.Context) {
			defer stop()
			_ = write.CloseWithError(p.push(ctx, write, strings.Split(strings.TrimPrefix(answer, "events "), " | ")))
		}(r.Context())
		response.Body = read
	case strings.HasPrefix(answer, "{"):
		response.Body = io.NopCloser(strings.NewReader(answer))
	default:
		response.StatusCode, response.Body = http.StatusBadRequest, io.NopCloser(strings.NewReader(`{"__type":"`+answer+`"}`))
	}
	return response, nil
}

// push writes a subscription's parts, and returns how it ends.
func (p *pusher) push(ctx context.Context, w io.Writer, parts []string) error {
	if _, err := w.Write(frame(p.t, "{}", ":message-type", "event", ":event-type", "initial-response")); err != nil {
		return err
	}
	for _, part := range parts {
		word, argument, _ := strings.Cut(part, " ")
		var bytes []byte
		switch word {
		case "wait":
			pause, err := time.ParseDuration(argument)
			if err != nil || !sleep(ctx.Done(), pause) {
				return ctx.Err()
			}
			continue
		case "silence":
			<-ctx.Done()
			return ctx.Err()
		case "fail":
			bytes = frame(p.t, `{"message":"said so"}`, ":message-type", "exception", ":exception-type", argument)
		case "error":
			bytes = frame(p.t, "", ":message-type", "error", ":error-code", argument, ":error-message", "said so")
		case "cut":
			bytes = frame(p.t, events(argument), ":message-type", "event", ":event-type", "SubscribeToShardEvent")
			_, _ = w.Write(bytes[:len(bytes)/2])
			return io.EOF
		case "bad":
			bytes = frame(p.t, events(argument), ":message-type", "event", ":event-type", "SubscribeToShardEvent")
			bytes[len(bytes)/2] ^= 1
		default:
			bytes = frame(p.t, events(part), ":message-type", "event", ":event-type", "SubscribeToShardEvent")
		}
		if _, err := w.Write(bytes); err != nil {
			return err
		}
		p.wrote.Add(1)
	}
	return io.EOF
}

func frame(t *testing.T, payload string, headers ...string) []byte {
	t.Helper()
	m := eventstream.Message{Payload: []byte(payload)}
	for i := 0; i < len(headers); i += 2 {
		m.Headers.Set(headers[i], eventstream.StringValue(headers[i+1]))
	}
	var b bytes.Buffer
	if err := eventstream.NewEncoder().Encode(&b, m); err != nil {
		t.Error(err)
	}
	return b.Bytes()
}

// events returns the payload of an event: "3 4 5", "to 7" or "end".
func events(text string) string {
	event := map[string]any{"Records": []any{}, "MillisBehindLatest": 0}
	switch word, argument, _ := strings.Cut(text, " "); word {
	case "to":
		event["ContinuationSequenceNumber"] = argument
	case "end":
		event["ContinuationSequenceNumber"] = nil
		event["ChildShards"] = []any{map[string]any{"ShardId": "shard-1", "ParentShards": []string{"shard-0"}}}
	default:
		var records []any
		for sequence := range strings.FieldsSeq(text) {
			records = append(records, map[string]any{
				"Data": []byte(sequence), "PartitionKey": "k", "SequenceNumber": sequence, "ApproximateArrivalTimestamp": 1.5,
			})
			event["ContinuationSequenceNumber"] = sequence
		}
		event["Records"] = records
	}
	payload, _ := json.Marshal(event)
	return string(payload)
}

const (
	describe = `DescribeStreamSummary  => {"StreamDescriptionSummary":{"StreamARN":"arn:aws:kinesis:us-east-1:123456789012:stream/clicks"}}`
	active   = `DescribeStreamConsumer "ConsumerName":"app","StreamARN":"arn:aws:kinesis:us-east-1:123456789012:stream/clicks" => ` + activeAnswer

	activeAnswer = `{"ConsumerDescription":{"ConsumerARN":"arn:aws:kinesis:us-east-1:123456789012:stream/clicks/consumer/app:1","ConsumerStatus":"ACTIVE"}}`
	anything     = "SubscribeToShard  => events "
)

// follow runs a fan-out reader against a script until it has brought all of want, records by their numbers.
func follow(t *testing.T, start position, settings *properties.Config, want string, lines ...string) *pusher {
	t.Helper()
	service := &pusher{t: t, lines: lines, began: time.Now()}
	r := service.reader(start, settings)
	ctx, cancel := context.WithCancel(t.Context())
	service.stop = cancel
	done := make(chan error)
	go func() { done <- r.read(ctx) }()
	var got []string
	for b := range r.batches {
		if len(b.line) > 0 {
			var line struct {
				Records []struct{ SequenceNumber string }
			}
			if err := json.Unmarshal(b.line, &line); err != nil {
				t.Error(err)
			}
			for _, record := range line.Records {
				got = append(got, record.SequenceNumber)
			}
		}
		if b.ended {
			got = append(got, "end of shard, then "+strings.Join(b.childIDs(), " "))
		}
		if strings.Join(got, " ") == want {
			synctest.Wait()
			if len(service.lines) == 0 {
				cancel()
			}
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
		t.Error(diff)
	}
	return service
}

func (p *pusher) reader(start position, settings *properties.Config) *reader {
	client := kinesis.New(kinesis.Options{
		Region: "us-east-1", Credentials: aws.AnonymousCredentials{}, HTTPClient: p, Retryer: aws.NopRetryer{},
	})
	log := logrus.New()
	log.SetOutput(p.t.Output())
	stream := &stream{client: client, name: aws.String("clicks"), initial: leases.Latest}
	at := &place{stream: stream, shardID: "shard-0", start: start, latest: &latestStart{}}
	consumer := newConsumer(stream, settings, func(string, ...any) {})
	return &reader{
		place: at, source: &fanOut{place: at, consumer: consumer, log: logrus.NewEntry(log)}, log: logrus.NewEntry(log),
		lines: testLines(start), batches: make(chan batch), free: make(chan []byte, 1),
	}
}

func TestFanOut(t *testing.T) {
	trimHorizon := position{sequence: leases.TrimHorizon}
	app := &properties.Config{ApplicationName: "app"}
	for name, test := range map[string]struct {
		start    position
		settings *properties.Config
		want     string
		calls    string // with their seconds, when they matter
		lines    []string
	}{
		"to the end of the shard": {trimHorizon, app, "3 4 5 end of shard, then shard-1", "", []string{
			describe, active, `SubscribeToShard {"ConsumerARN":"arn:aws:kinesis:us-east-1:123456789012:stream/clicks/consumer/app:1","ShardId":"shard-0","StartingPosition":{"Type":"TRIM_HORIZON"}} => events 3 4 | 5 | end`,
		}},
		"the checkpoint's record is not given again": {position{sequence: "4"}, app, "5 end of shard, then shard-1", "", []string{
			describe, active, `SubscribeToShard "StartingPosition":{"SequenceNumber":"4","Type":"AT_SEQUENCE_NUMBER"} => events 4 5 | end`,
		}},
		"renewed every five minutes": {
			trimHorizon, app, "3 4 5", "DescribeStreamSummary 0, DescribeStreamConsumer 0, SubscribeToShard 0, SubscribeToShard 300, SubscribeToShard 600", []string{
				describe, active, anything + "3 | to 7" + strings.Repeat(" | wait 30s | to 8", 10),
				`SubscribeToShard "SequenceNumber":"8","Type":"AFTER_SEQUENCE_NUMBER" => events ` + strings.Repeat("wait 20s | 4 | ", 1) + strings.Repeat("wait 20s | to 9 | ", 13) + "wait 20s",
				`SubscribeToShard "SequenceNumber":"9","Type":"AFTER_SEQUENCE_NUMBER" => events 5 | silence`,
			},
		},
		"silence": {
			trimHorizon, app, "3 4", "DescribeStreamSummary 0, DescribeStreamConsumer 0, SubscribeToShard 0, SubscribeToShard 35, SubscribeToShard 70", []string{
				describe, active, anything + "3 | silence", "SubscribeToShard  => nothing", `SubscribeToShard "3","Type":"AFTER_SEQUENCE_NUMBER" => events 4 | silence`,
			},
		},
		"heartbeats are no silence": {
			trimHorizon, app, "3 4", "DescribeStreamSummary 0, DescribeStreamConsumer 0, SubscribeToShard 0", []string{
				describe, active, anything + "3" + strings.Repeat(" | wait 34s | to 3", 5) + " | 4 | silence",
			},
		},
		"no subscription follows another at once": {
			trimHorizon, app, "3", "DescribeStreamSummary 0, DescribeStreamConsumer 0, SubscribeToShard 0, SubscribeToShard 1, SubscribeToShard 2", []string{
				describe, active, anything + "to 1", anything + "to 2", anything + "3 | silence",
			},
		},
		"torn and damaged events come again": {trimHorizon, app, "3 4 5 6", "", []string{
			describe, active, anything + "3 | cut 4", `SubscribeToShard "3","Type":"AFTER_SEQUENCE_NUMBER" => events 4 5 | bad 6`,
			`SubscribeToShard "5","Type":"AFTER_SEQUENCE_NUMBER" => events 6 | silence`,
		}},
		"another subscription is in the way": {trimHorizon, app, "3 4 5", "", []string{
			describe, active, "SubscribeToShard  => ResourceInUseException", anything + "3 | fail ResourceInUseException",
			"SubscribeToShard  => LimitExceededException", `SubscribeToShard "3" => events 4 | error InternalFailure`,
			`SubscribeToShard "4" => events 5 | silence`,
		}},
		"the consumer is new": {
			trimHorizon, app, "3", "DescribeStreamSummary 0, DescribeStreamConsumer 0, RegisterStreamConsumer 0, DescribeStreamConsumer 1, DescribeStreamConsumer 2, SubscribeToShard 2", []string{
				describe, `DescribeStreamConsumer  => ResourceNotFoundException`,
				`RegisterStreamConsumer "ConsumerName":"app","StreamARN":"arn:aws:kinesis:us-east-1:123456789012:stream/clicks" => {"Consumer":{"ConsumerARN":"arn:aws:kinesis:us-east-1:123456789012:stream/clicks/consumer/app:1","ConsumerStatus":"CREATING"}}`,
				`DescribeStreamConsumer  => {"ConsumerDescription":{"ConsumerStatus":"CREATING"}}`, active, anything + "3 | silence",
			},
		},
		"the consumer is registered by somebody else": {trimHorizon, app, "3", "", []string{
			describe, `DescribeStreamConsumer  => ResourceNotFoundException`, `RegisterStreamConsumer  => ResourceInUseException`, active, anything + "3 | silence",
		}},
		"there are too many consumers for a while": {trimHorizon, app, "3", "", []string{
			describe, `DescribeStreamConsumer  => ResourceNotFoundException`, `RegisterStreamConsumer  => LimitExceededException`, describe, active, anything + "3 | silence",
		}},
		"the consumer is deregistered and being deleted": {trimHorizon, app, "3 4 5", "", []string{
			describe, active, anything + "3 | fail ResourceNotFoundException", "ListShards  => " + shardList("shard-0"), describe,
			`DescribeStreamConsumer  => {"ConsumerDescription":{"ConsumerARN":"arn:aws:kinesis:us-east-1:123456789012:stream/clicks/consumer/app:1","ConsumerStatus":"DELETING"}}`,
			`DescribeStreamConsumer  => ResourceNotFoundException`, `RegisterStreamConsumer  => {"Consumer":{"ConsumerARN":"arn:aws:kinesis:us-east-1:123456789012:stream/clicks/consumer/app:2"}}`,
			`DescribeStreamConsumer  => {"ConsumerDescription":{"ConsumerARN":"arn:aws:kinesis:us-east-1:123456789012:stream/clicks/consumer/app:2","ConsumerStatus":"ACTIVE"}}`,
			`SubscribeToShard "ConsumerARN":"arn:aws:kinesis:us-east-1:123456789012:stream/clicks/consumer/app:2","ShardId":"shard-0","StartingPosition":{"SequenceNumber":"3","Type":"AFTER_SEQUENCE_NUMBER"} => events 4`,
			"SubscribeToShard  => ResourceNotFoundException", "ListShards  => " + shardList("shard-0"), describe, active, `SubscribeToShard "4" => events 5 | silence`,
		}},
		"the shard is trimmed away": {trimHorizon, app, "end of shard, then shard-1 shard-2", "", []string{
			describe, active, "SubscribeToShard  => ResourceNotFoundException", "ListShards  => " + shardList("shard-1<shard-0 shard-2<shard-0"),
		}},
		"names of the settings": {trimHorizon, &properties.Config{ApplicationName: "app", ConsumerName: "mine"}, "3", "", []string{
			describe, `DescribeStreamConsumer "ConsumerName":"mine" => ` + activeAnswer, anything + "3 | silence",
		}},
		"ARN of the settings": {trimHorizon, &properties.Config{ApplicationName: "app", ConsumerArn: "arn:aws:kinesis:us-east-1:123456789012:stream/clicks/consumer/mine:1"}, "3", "", []string{
			`DescribeStreamConsumer {"ConsumerARN":"arn:aws:kinesis:us-east-1:123456789012:stream/clicks/consumer/mine:1"} => ` + activeAnswer, anything + "3 | silence",
		}},
		"where LATEST was, when nothing came": {position{sequence: leases.Latest}, app, "3 4", "", []string{
			describe, active, `SubscribeToShard {"Type":"LATEST"} => ServiceUnavailable`, `SubscribeToShard {"Type":"LATEST"} => events cut 1`,
			`SubscribeToShard "Type":"AT_TIMESTAMP" => events 3 | cut 4`, `SubscribeToShard "3","Type":"AFTER_SEQUENCE_NUMBER" => events 4 | silence`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				service := follow(t, test.start, test.settings, test.want, test.lines...)
				if test.calls != "" {
					if diff := cmp.Diff(test.calls, strings.Join(service.calls, ", ")); diff != "" {
						t.Error(diff)
					}
				}
			})
		})
	}
}

// While nobody takes batches nothing is read: what was not asked for stays with the service, for as long as that may be.
func TestFanOutDoesNotReadAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := &pusher{t: t, began: time.Now(), lines: []string{
			describe, active, anything + strings.TrimSuffix(strings.Repeat("1 | ", 100), " | "), anything + "2 | silence",
		}}
		r := service.reader(position{sequence: leases.TrimHorizon}, &properties.Config{ApplicationName: "app"})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- r.read(ctx) }()
		for taken := range 100 {
			time.Sleep(time.Hour)
			synctest.Wait()
			if service.wrote.Load() > int32(taken+1) {
				t.Errorf("%d batches were taken, %d events read", taken, service.wrote.Load())
			}
			<-r.batches
		}
		if b := <-r.batches; b.last.sequence != "2" || len(service.calls) != 4 {
			t.Errorf("got %v by the calls %v", b.last, service.calls)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestConsumersThatCannotBe(t *testing.T) {
	for name, test := range map[string]struct {
		settings properties.Config
		lines    []string
	}{
		"the settings name one that is not there": {properties.Config{ConsumerArn: "arn:aws:kinesis:us-east-1:123456789012:stream/clicks/consumer/mine:1"}, []string{`DescribeStreamConsumer  => ResourceNotFoundException`}},
		"its name is refused": {properties.Config{ApplicationName: "a b"}, []string{
			describe, `DescribeStreamConsumer  => ResourceNotFoundException`, `RegisterStreamConsumer  => InvalidArgumentException`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				service := &pusher{t: t, lines: test.lines, stop: func() {}}
				r := service.reader(position{sequence: leases.TrimHorizon}, &test.settings)
				err := r.read(t.Context())
				if !errors.Is(err, errNoConsumer) || !strings.Contains(err.Error(), "fanoutConfig.") {
					t.Error(err)
				}
				s := &shard{id: "shard-0"}
				if code := exit.Code(s.failure(nil, errReaderGone, err, nil)); code != exit.Usage {
					t.Errorf("exit code %d", code)
				}
			})
		})
	}
}

// Shapes that the quick parser does not know are read by encoding/json.
func TestUnusualEvents(t *testing.T) {
	quick := `{"Records":[{"Data":"eA==","PartitionKey":"k","SequenceNumber":"7","ApproximateArrivalTimestamp":1.5}],"ContinuationSequenceNumber":"8","MillisBehindLatest":9,"ChildShards":[]}`
	unusual := strings.ReplaceAll(strings.ReplaceAll(quick, `"Data"`, `"D\u0061ta"`), "Behind", `\u0042ehind`)
	var want, got answer
	if err := parseAnswer([]byte(quick), &want); err != nil {
		t.Fatal(err)
	}
	if parseAnswer([]byte(unusual), &got) == nil {
		t.Fatal("this was meant to be unusual")
	}
	if err := parseEvent([]byte(unusual), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(answer{}, wireRecord{}), cmp.Transformer("text", func(b []byte) string { return string(b) }),
		cmp.Comparer(func(a, b []types.ChildShard) bool { return len(a) == len(b) })); diff != "" {
		t.Error(diff)
	}
	for _, broken := range []string{"", "{", "[]", `{"Records":[{"Data":"!"}]}`, `{"Records":[{"Data":"","SequenceNumber":"x"}]}`} {
		if err := parseEvent([]byte(broken), &got); err == nil {
			t.Errorf("%s was read", broken)
		}
	}
}
