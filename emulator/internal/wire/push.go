package wire

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
)

// Events is what an operation made by Stream answers: a source of events that lasts as long as the reply does.
type Events interface {
	// Next waits for the next event and returns its type and content, an output struct. io.EOF ends the reply in good order,
	// an *Error ends it by an exception.
	Next(ctx context.Context) (name string, event any, err error)
	// Close says that nobody will call Next any more.
	Close()
}

// Stream makes an operation that pushes events to its client. Its input is decoded and checked as that of Op, and what it
// refuses before the first event is a plain reply.
func Stream[In any](f func(Scope, *In) (Events, error)) Operation {
	return Operation{open: func(caller Caller, c codec, guard guarded, body []byte) (Events, error) {
		in := new(In)
		if err := decodeInput(c, guard, body, in); err != nil {
			return nil, err
		}
		return f(caller.Scope, in)
	}}
}

// push writes events until they end or the client leaves. The first message is the initial response, without which the AWS SDK for
// Java does not begin. It returns an error if one could not be written.
func (s *Service) push(w http.ResponseWriter, r *http.Request, spoken *protocol, events Events, message *bytes.Buffer) error {
	contentType := spoken.contentType
	defer events.Close()
	w.Header().Set("Content-Type", eventStreamType)
	w.Header().Set("X-Amzn-Requestid", RequestID())
	w.WriteHeader(http.StatusOK)
	out := pusher{w: w, flush: http.NewResponseController(w), codec: spoken.codec, message: message}
	err := out.send(eventHeaders("initial-response", contentType), struct{}{})
	for err == nil {
		var name string
		var event any
		if name, event, err = events.Next(r.Context()); err == nil {
			err = out.send(eventHeaders(name, contentType), event)
			release(event)
		}
	}
	if errors.Is(err, io.EOF) || r.Context().Err() != nil || out.broken != nil { // a client that left needs no reason
		return out.broken
	}
	refusal := asError(err)
	_ = out.send(exceptionHeaders(refusal.Code, contentType), refusal.body(s.ErrorType))
	return out.broken
}

// pusher writes messages to a reply.
type pusher struct {
	w       io.Writer
	flush   *http.ResponseController
	codec   codec
	message *bytes.Buffer // reused
	broken  error         // why a message could not be written
}

// send writes one message and sees to it that it leaves at once.
func (p *pusher) send(headers []MessageHeader, payload any) error {
	p.message.Reset()
	beginMessage(p.message, headers)
	if err := encodeTo(p.codec, p.message, payload); err != nil {
		return err
	}
	endMessage(p.message)
	if _, p.broken = p.w.Write(p.message.Bytes()); p.broken == nil {
		p.broken = p.flush.Flush()
	}
	return p.broken
}
