package wire

import "bytes"

// Operation is one entry of a service's table, made by Op.
type Operation struct {
	// call decodes body, runs the handler and appends the encoded output to reply.
	call func(scope Scope, c codec, body []byte, reply *bytes.Buffer) error
}

// Table holds a service's operations by name.
type Table map[string]Operation

// Nothing is the output of an operation that answers with an empty body.
type Nothing struct{}

// Op makes an operation of a handler. Its input is decoded, then, if it is a Checker, checked; a nil output or a *Nothing is
// answered by an empty body.
func Op[In, Out any](f func(Scope, *In) (*Out, error)) Operation {
	return Operation{call: func(scope Scope, c codec, body []byte, reply *bytes.Buffer) error {
		in := new(In)
		if !c.fastDecode(body, in) {
			*in = *new(In)
			if err := c.decode(body, in); err != nil {
				return malformed(err)
			}
		}
		if checker, ok := any(in).(Checker); ok {
			var check Check
			checker.Check(&check)
			if err := check.Err(); err != nil {
				return err
			}
		}
		out, err := f(scope, in)
		if err != nil {
			return err
		}
		return encodeReply(c, reply, out)
	}}
}

func encodeReply[Out any](c codec, reply *bytes.Buffer, out *Out) error {
	if _, nothing := any(out).(*Nothing); nothing || out == nil {
		return nil
	}
	if b, ok := c.fastEncode(reply.AvailableBuffer(), out); ok {
		reply.Write(b)
		return nil
	}
	return c.encode(reply, out)
}
