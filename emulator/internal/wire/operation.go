package wire

import (
	"bytes"
	"sync"
)

// Operation is one entry of a service's table, made by Op or Stream.
type Operation struct {
	// call decodes body, which guard may refuse before, runs the handler and appends the encoded output to reply.
	call func(caller Caller, c codec, guard guarded, body []byte, reply *bytes.Buffer) error
	// open stands in call's place where events are pushed.
	open func(caller Caller, c codec, guard guarded, body []byte) (Events, error)
}

// Guard judges a request by what was sent, before the operation's input is made of it: absent and empty members can still be told
// apart. Members are as encoding/json makes them of JSON, numbers being [json.Number]; of CBOR they are uint64, int64, float64,
// []byte and [time.Time] too. It takes out what the operation does not know; of JSON, the input is made of what it leaves, so that
// nothing comes in that it has not seen: names in another case, or a member that stands there twice.
type Guard func(operation string, members map[string]any) error

// guarded is a Guard, or nil, and the operation it is to be asked about.
type guarded struct {
	guard     Guard
	operation string
}

// Plain is an input with a hand-written reader that can tell at little cost that nothing is wrong with what it read. Such a request
// is shown to no Guard.
type Plain interface{ Plain() bool }

// Table holds a service's operations by name.
type Table map[string]Operation

// Nothing is the output of an operation that answers with an empty body.
type Nothing struct{}

// Op makes an operation of a handler. Its input is decoded, then, if it is a Checker, checked; a nil output or a *Nothing is
// answered by an empty body.
func Op[In, Out any](f func(Scope, *In) (*Out, error)) Operation {
	return OpBy(func(caller Caller, in *In) (*Out, error) { return f(caller.Scope, in) })
}

// OpBy is Op for handlers that heed whose signature a request bears.
func OpBy[In, Out any](f func(Caller, *In) (*Out, error)) Operation {
	var inputs sync.Pool // of those that can be emptied
	return Operation{call: func(caller Caller, c codec, guard guarded, body []byte, reply *bytes.Buffer) error {
		in, ok := inputs.Get().(*In)
		if !ok {
			in = new(In)
		}
		if emptied, ok := any(in).(Reset); ok {
			defer func() {
				emptied.Reset()
				inputs.Put(in)
			}()
		}
		if err := decodeInput(c, guard, body, in); err != nil {
			return err
		}
		out, err := f(caller, in)
		if err != nil {
			return err
		}
		if _, nothing := any(out).(*Nothing); nothing || out == nil {
			return nil
		}
		err = encodeTo(c, reply, out)
		release(out)
		return err
	}}
}

// Reset is an input whose memory is used again for later requests. Reset leaves nothing of it but that. Nobody may then hold on to it.
type Reset interface{ Reset() }

// Releaser is an output whose memory is used again: Release is called when it has been encoded.
type Releaser interface{ Release() }

func release(out any) {
	if releaser, ok := out.(Releaser); ok {
		releaser.Release()
	}
}

// decodeInput makes an operation's empty input of a body and lets it check itself.
func decodeInput[In any](c codec, guard guarded, body []byte, in *In) error {
	if !c.fastDecode(body, in) || !isPlain(in) {
		*in = *new(In)
		if err := decodeGuarded(c, guard, body, in); err != nil {
			return err
		}
	}
	if checker, ok := any(in).(Checker); ok {
		var check Check
		checker.Check(&check)
		return check.Err()
	}
	return nil
}

// isPlain says whether an input that a hand-written reader made can go without a Guard.
func isPlain(in any) bool {
	plain, ok := in.(Plain)
	return !ok || plain.Plain()
}

func decodeGuarded(c codec, guard guarded, body []byte, in any) error {
	if guard.guard != nil {
		members, err := c.members(body)
		if err != nil {
			return malformed(err)
		}
		if err := guard.guard(guard.operation, members); err != nil {
			return err
		}
		if remaking, ok := c.(remaker); ok {
			if body, err = remaking.remake(members); err != nil {
				return malformed(err)
			}
		}
	}
	if err := c.decode(body, in); err != nil {
		return malformed(err)
	}
	return nil
}

func encodeTo(c codec, b *bytes.Buffer, out any) error {
	if encoded, ok := c.fastEncode(b.AvailableBuffer(), out); ok {
		b.Write(encoded)
		return nil
	}
	return c.encode(b, out)
}
