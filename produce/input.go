package produce

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"clickstream/internal/click"
)

// linger is how long a batch waits for more lines before it is sent with those it has, so that the lines of a slow pipe
// (tail -f) are not held back.
const linger = 250 * time.Millisecond

// Limits of what is read ahead of the batches.
const (
	chunkRecords = 256
	chunkBytes   = 256 << 10
)

// inputSource gives the clicks of lines. The partition key alone decides the shard.
type inputSource struct {
	chunks  chan []record
	pending []record
	left    int64 // records to give; less than 0 is without end
	err     error // the reader's, to be read when chunks is closed
}

// newInputSource starts to read lines. Bad lines, and lines whose record is larger than maxRecord bytes, go to refuse.
//
// The goroutine that reads ends when ctx does, or the input. It cannot be waited for: nothing ends a read from a terminal or a pipe
// in which nothing comes. Behind such a read it touches nothing any more.
func newInputSource(ctx context.Context, in io.Reader, format click.Format, maxRecord int, left int64, refuse func(error)) *inputSource {
	s := &inputSource{chunks: make(chan []record), left: left}
	lines := &lineReader{lines: click.NewReader(in, format), maxRecord: maxRecord, refuse: refuse}
	go func() {
		defer close(s.chunks)
		for s.err == nil && ctx.Err() == nil {
			var chunk []record
			chunk, s.err = lines.chunk(ctx)
			if len(chunk) == 0 {
				continue
			}
			select {
			case s.chunks <- chunk:
			case <-ctx.Done():
			}
		}
	}()
	return s
}

// lineReader makes records of lines.
type lineReader struct {
	lines     *click.Reader
	maxRecord int
	refuse    func(error)
}

// chunk reads lines as long as there are some that need no waiting, but at least one.
func (l *lineReader) chunk(ctx context.Context) ([]record, error) {
	var chunk []record
	bytes := 0
	for len(chunk) < chunkRecords && bytes < chunkBytes {
		line, err := l.lines.Next()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		r := record{data: line.Data, key: partitionKey(line.Resource)}
		if size := r.size(); err == nil && size > l.maxRecord {
			err = &click.LineError{
				Number: line.Number, Err: fmt.Errorf("the record has %d bytes with its partition key, the stream takes %d", size, l.maxRecord),
			}
		}
		if bad, ok := errors.AsType[*click.LineError](err); ok {
			l.refuse(bad)
		} else if err != nil {
			return chunk, l.end(err)
		} else {
			chunk = append(chunk, r)
			bytes += r.size()
		}
		if !l.lines.Buffered() {
			break
		}
	}
	return chunk, nil
}

// end returns [io.EOF] at the input's end, else what went wrong and where.
func (l *lineReader) end(err error) error {
	if errors.Is(err, io.EOF) {
		return io.EOF
	}
	return fmt.Errorf("read the input after line %d: %w", l.lines.Number(), err)
}

func (s *inputSource) fill(ctx context.Context, b *batch) error {
	var late <-chan time.Time
	for s.left != 0 && !b.full() {
		if len(s.pending) == 0 {
			if late == nil && len(b.records) > 0 {
				timer := time.NewTimer(linger)
				defer timer.Stop()
				late = timer.C
			}
			if more, err := s.receive(ctx, late); !more {
				return err
			}
		}
		r := s.pending[0]
		if !b.fits(&r) {
			return nil
		}
		b.add(r)
		s.pending = s.pending[1:]
		s.left--
	}
	if s.left == 0 {
		return io.EOF
	}
	return nil
}

// receive gets the next lines, unless it is late by then or the context ends.
func (s *inputSource) receive(ctx context.Context, late <-chan time.Time) (bool, error) {
	select {
	case chunk, open := <-s.chunks:
		if !open {
			if s.err == nil {
				return false, context.Canceled // the reader has seen its context end before this one has
			}
			return false, s.err
		}
		s.pending = chunk
		return true, nil
	case <-late:
		return false, nil
	case <-ctx.Done():
		return false, ctx.Err()
	}
}
