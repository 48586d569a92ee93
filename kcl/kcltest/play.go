package kcltest

import (
	"context"
	"io"
	"strings"

	"clickstream/kcl"
	"clickstream/kcl/multilang"
)

// Play runs p with a script of the daemon's lines and returns the child's lines and what [kcl.Run] returned. After each
// line that is not empty it waits for a line of the child before it goes on, be it a status or a checkpoint (whose reply
// is then the next line of the script); after the last one it closes the child's input.
func Play(ctx context.Context, p kcl.Processor, script string) (lines string, err error) {
	c := startChild(ctx, p)
	reader := multilang.NewLineReader(c.out, 0)
	var said strings.Builder
	for line := range strings.Lines(script) {
		if _, err := io.WriteString(c.in, line); err != nil {
			break // the child has ended: its error says why
		}
		if strings.TrimSpace(line) == "" {
			continue
		}
		answer, err := reader.ReadLine()
		if err != nil {
			break
		}
		said.Write(append(answer, '\n'))
	}
	_ = c.in.Close()
	for {
		answer, err := reader.ReadLine()
		if err != nil {
			return said.String(), c.wait()
		}
		said.Write(append(answer, '\n'))
	}
}
