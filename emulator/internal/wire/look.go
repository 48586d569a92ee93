package wire

import (
	"bytes"
	"io"
	"net/http"
)

// Look is a request as those see it who stand before a service: what it asks for, before it is judged.
type Look struct {
	Operation string
	spoken    protocol
	body      []byte
}

// Look reads a request's operation off the request and its body, as it was sent.
func (s *Service) Look(r *http.Request, body []byte) Look {
	s.once.Do(func() { s.cbor, s.prepare = newCBORCodec() })
	if r.Header.Get("Content-Encoding") != "" {
		if reader, err := unpacked(io.NopCloser(bytes.NewReader(body)), r.Header.Get("Content-Encoding"), DefaultMaxBody); err == nil {
			if plain, err := io.ReadAll(reader); err == nil {
				body = plain
			}
		}
	}
	spoken := s.protocol(r, body)
	return Look{Operation: spoken.operation, spoken: spoken, body: body}
}

// Members returns the members of the request's body; none where it cannot be read, or is a form.
func (l *Look) Members() map[string]any { return l.Read(l.body) }

// Read returns the members of a body in the request's encoding, such as its reply.
func (l *Look) Read(body []byte) map[string]any {
	members, err := l.spoken.members(body)
	if err != nil {
		return nil
	}
	return members
}

// Write is the reverse of Read.
func (l *Look) Write(members map[string]any) ([]byte, error) {
	var b bytes.Buffer
	err := l.spoken.encode(&b, members)
	return b.Bytes(), err
}

// ContentType is that of the replies to the request.
func (l *Look) ContentType() string { return l.spoken.contentType }

// AppendException appends the message by which an event stream that answers the request ends in an error.
func (s *Service) AppendException(b []byte, l *Look, refusal *Error) ([]byte, error) {
	payload, err := l.Write(refusal.body(s.ErrorType))
	return AppendMessage(b, exceptionHeaders(refusal.Code, l.ContentType()), payload), err
}
