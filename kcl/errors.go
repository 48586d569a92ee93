package kcl

import (
	"errors"
	"fmt"
)

// What the daemon may answer to a checkpoint. Test with [errors.Is]; the error itself is a [*CheckpointError].
var (
	// ErrThrottling: the lease table refuses writes for the moment. It was tried again for about a minute by then, and
	// may be again later: nothing is lost, the checkpoint is only older than it could be.
	ErrThrottling = errors.New("throttled by the lease table")
	// ErrShutdown: another worker holds the lease now. Store nothing more, answer what comes, and wait for LeaseLost.
	ErrShutdown = errors.New("the lease is lost")
	// ErrInvalidState: the daemon cannot checkpoint here, be it for the lease table or because the moment is wrong.
	// A Checkpointer that is used after its method has returned says this too, without asking the daemon.
	ErrInvalidState = errors.New("no checkpoint is possible in this state")
	// ErrDependency: a service that the daemon needs (DynamoDB above all) fails. The daemon has tried again already.
	ErrDependency = errors.New("a service behind the daemon fails")
	// ErrIllegalArgument: the position is not a sequence number, lies before the last checkpoint or after the last record
	// that was delivered.
	ErrIllegalArgument = errors.New("not a position to checkpoint at")
)

// CheckpointError is the daemon's refusal of a checkpoint.
type CheckpointError struct {
	// Class is the simple name of the Java exception that the daemon sent, such as ThrottlingException.
	Class string
	// Position is where the checkpoint was asked for, in words.
	Position string
}

// Error names the exception, the position and, for exceptions that the KCL documents, what it means.
func (e *CheckpointError) Error() string {
	if meaning := e.meaning(); meaning != nil {
		return fmt.Sprintf("kcl: checkpoint at %s: %s: %v", e.Position, e.Class, meaning)
	}
	return fmt.Sprintf("kcl: checkpoint at %s: %s", e.Position, e.Class)
}

// Is reports whether target is the error that stands for the exception.
func (e *CheckpointError) Is(target error) bool {
	meaning := e.meaning()
	return meaning != nil && target == meaning
}

func (e *CheckpointError) meaning() error {
	switch e.Class {
	case "ThrottlingException":
		return ErrThrottling
	case "ShutdownException":
		return ErrShutdown
	case "InvalidStateException":
		return ErrInvalidState
	case "KinesisClientLibDependencyException":
		return ErrDependency
	case "IllegalArgumentException":
		return ErrIllegalArgument
	}
	return nil
}

// PanicError is what Run returns when a method of the Processor panics.
type PanicError struct {
	// Action is the message that was being answered.
	Action string
	// Value is what panic was called with.
	Value any
	// Stack is the stack of the goroutine, as runtime/debug formats it.
	Stack []byte
}

// Error names the action and the value, without the stack.
func (e *PanicError) Error() string {
	return fmt.Sprintf("kcl: %s: the processor panicked: %v", e.Action, e.Value)
}

// Unwrap returns the panic's value if that is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}
