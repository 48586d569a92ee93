// Package exit carries a command's exit code from where the outcome is known to main, the only place that exits.
package exit

import (
	"errors"
	"os"
	"sync/atomic"
	"syscall"
)

// The exit codes of clickstream's commands.
const (
	Done    = 0 // all that was asked is done
	Failed  = 1 // something failed that may pass when tried again
	Usage   = 2 // wrong usage, or an error that cannot pass: no such bucket, access denied
	Gap     = 3 // verify found a gap or a double
	Refused = 4 // done, but some input lines were refused
)

// Error is an error that knows the exit code of the command it ends.
type Error struct {
	Code int
	Err  error
}

// Error returns the wrapped error's text.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the wrapped error.
func (e *Error) Unwrap() error { return e.Err }

// With attaches an exit code to err. A nil error stays nil.
func With(code int, err error) error {
	if err == nil {
		return nil
	}
	return &Error{Code: code, Err: err}
}

// Signal is the cause of a context that main cancelled because of a signal.
//
//nolint:errname // it is a signal first: the name reads right where it is matched
type Signal struct {
	Signal os.Signal

	again atomic.Pointer[func()]
}

// OnAgain has the next signal call do, where it would end the process at once: the command has something to keep first. The signal after
// that ends the process.
func (s *Signal) OnAgain(do func()) { s.again.Store(&do) }

// Again calls what OnAgain was given, once, and reports whether there was anything to call. Main calls it for a second signal.
func (s *Signal) Again() bool {
	do := s.again.Swap(nil)
	if do != nil {
		(*do)()
	}
	return do != nil
}

// Error names the signal.
func (s *Signal) Error() string { return "stopped by " + s.Signal.String() }

// Code returns the exit code of a signal by the shell's convention, 128 plus its number: 129 for SIGHUP, 130 for SIGINT, 143 for SIGTERM.
func (s *Signal) Code() int {
	if number, ok := s.Signal.(syscall.Signal); ok {
		return 128 + int(number)
	}
	return Failed
}

// Code returns the exit code that err asks for: 0 for nil, an Error's or a Signal's own, else Failed.
func Code(err error) int {
	if err == nil {
		return Done
	}
	if coded, ok := errors.AsType[*Error](err); ok {
		return coded.Code
	}
	if signal, ok := errors.AsType[*Signal](err); ok {
		return signal.Code()
	}
	return Failed
}
