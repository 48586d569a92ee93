package produce

import (
	"context"
	"errors"
	"fmt"
	"io"

	"clickstream/internal/click"
	"clickstream/producer"
)

// inputSource gives the clicks of lines. The partition key alone decides the shard. Bad lines, and lines whose record the stream does not
// take, go to refuse.
type inputSource struct {
	lines  *click.Reader
	left   int64 // records to give; less than 0 is without end
	refuse func(error)
}

// run ends when ctx does, unless it waits in a read: nothing ends a read from a terminal or a pipe in which nothing comes. Behind such
// a read the outlet is closed.
func (s *inputSource) run(ctx context.Context, to *outlet) error {
	for s.left != 0 && ctx.Err() == nil {
		line, err := s.lines.Next()
		if err == nil {
			err = s.put(line, to)
		}
		bad, isBad := errors.AsType[*click.LineError](err)
		switch {
		case isBad:
			s.refuse(bad)
			to.pass(bad.Number)
		case errors.Is(err, io.EOF):
			to.finish()
			return nil
		case errors.Is(err, errStopped):
			return nil
		case err != nil:
			return fmt.Errorf("read the input after line %d: %w", s.lines.Number(), err)
		default:
			s.left--
		}
	}
	if s.left == 0 {
		to.finish()
	}
	return nil
}

// put gives a line's record to the outlet.
func (s *inputSource) put(line click.Line, to *outlet) error {
	err := to.put(producer.Record{PartitionKey: partitionKey(line.Resource), Data: line.Data}, line.Number)
	if _, bad := errors.AsType[*producer.RecordError](err); bad {
		return &click.LineError{Number: line.Number, Err: err}
	}
	return err
}
