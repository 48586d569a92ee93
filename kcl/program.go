package kcl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// Main is the whole of a program that the daemon starts: it keeps standard output for the protocol ([GuardStdout]), serves
// the daemon on standard input with [Run], and returns the exit code: 0 when the daemon closed standard input, 1 after an
// error, which it writes to standard error. It never exits itself.
//
//	func main() { os.Exit(kcl.Main(&processor{})) }
//
// SIGINT, SIGTERM and SIGHUP are ignored from then on: they reach the whole process group, and the daemon, which gets them too, says
// by message and by the end of input when it is time to stop. SIGPIPE is, so that a closed pipe is an error like others.
func Main(p Processor) int {
	wire, restore, err := GuardStdout()
	if err != nil {
		return report(os.Stderr, err)
	}
	defer restore()
	// Nobody receives: signals are dropped, and child processes do not inherit that. To stop it at the end would let a signal that was sent
	// before, but not yet delivered, kill the process.
	signal.Notify(make(chan os.Signal, 1), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	if info, err := os.Stdin.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		fmt.Fprintln(os.Stderr, "kcl: this program talks to a MultiLangDaemon, which starts it: put its path into executableName")
	}
	return report(os.Stderr, Run(context.Background(), os.Stdin, wire, p))
}

func report(w io.Writer, err error) int {
	if err == nil {
		return 0
	}
	_, _ = fmt.Fprintln(w, err)
	if panicked, ok := errors.AsType[*PanicError](err); ok {
		_, _ = w.Write(panicked.Stack)
	}
	return 1
}
