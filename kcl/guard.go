package kcl

import (
	"fmt"
	"os"
)

// GuardStdout moves standard output aside for the protocol alone. Afterwards [os.Stdout] and the process's own standard
// output (file descriptor 1, on Windows the standard handle) lead to standard error, so that a stray print, be it Go's,
// C's or a child process's, lands in the daemon's log and not between its messages. What is printed through a copy of
// [os.Stdout] that somebody made before goes there too.
//
// The returned file is for [Run]; child processes do not inherit it. restore undoes it all and closes the file.
func GuardStdout() (out *os.File, restore func(), err error) {
	before := os.Stdout //nolint:forbidigo // this is what keeps everybody else away from it
	out, undo, err := moveStdout()
	if err != nil {
		return nil, nil, fmt.Errorf("kcl: moving standard output aside: %w", err)
	}
	os.Stdout = os.Stderr //nolint:forbidigo // see above
	return out, func() {
		undo()
		os.Stdout = before //nolint:forbidigo // see above
		_ = out.Close()
	}, nil
}
