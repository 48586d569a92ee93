package click

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Format is what the lines of an input are.
type Format int

// The formats of an input's lines.
const (
	Detect    Format = iota // by the first line that shows what it is
	JSONLines               // one JSON object a line
	AccessLog               // the combined log format of a web server
)

// ParseFormat reads a format's name as people type it: auto (or nothing), jsonl or combined.
func ParseFormat(name string) (Format, error) {
	switch name {
	case "", "auto":
		return Detect, nil
	case "jsonl", "json":
		return JSONLines, nil
	case "combined":
		return AccessLog, nil
	default:
		return Detect, fmt.Errorf("unknown input format %q: it is auto, jsonl or combined", name)
	}
}

// Line is one click of an input.
type Line struct {
	Number   int64  // of the line, from 1
	Resource string // decides the partition key
	Data     []byte // what is to be sent; it stays as it is when the next line is read
}

// LineError is a line that is no click. The reader goes on behind it.
type LineError struct {
	Number int64
	Err    error
}

// Error names the line by its number and says what is wrong, without showing the line.
func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Number, e.Err) }

// Unwrap returns what is wrong with the line.
func (e *LineError) Unwrap() error { return e.Err }

// MaxLine is the longest line that a Reader takes, in bytes: a record of Kinesis is at most 10 MiB, an access log line a little
// more than its click. A longer line is a LineError, and no more than that is kept of it.
const MaxLine = 16 << 20

// ErrTooLong is the error of a line longer than MaxLine.
var ErrTooLong = fmt.Errorf("the line is longer than %d bytes", MaxLine)

var errUnknownFormat = errors.New("the line is neither a JSON object nor a line of a combined access log")

const (
	readSize  = 256 << 10 // of the read buffer
	arenaSize = 64 << 10  // of the pieces that hold the lines' data
)

// Reader reads clicks from lines. A line ends in \n or \r\n, the last one may end without. JSON lines are given as they stand, byte
// for byte without the line end; an access log line is given as the JSON of its click. A line of white space only is passed
// over: it counts as a line, but is neither a click nor bad. A byte order mark at the very beginning is the file's, not
// the first line's, and dropped. A Reader is not for several goroutines at once.
type Reader struct {
	in     *bufio.Reader
	format Format
	number int64
	arena  []byte
	long   []byte // a line that did not fit in the read buffer
}

// NewReader returns a reader of clicks from r. With Detect the first line that looks like an object or like the beginning of an
// access log line decides for all, lines before it that look like neither are bad.
func NewReader(r io.Reader, format Format) *Reader {
	return &Reader{in: bufio.NewReaderSize(r, readSize), format: format}
}

// Buffered reports whether the next line, or a part of it, has already been read, so that Next likely returns without waiting.
func (r *Reader) Buffered() bool { return r.in.Buffered() > 0 }

// Number returns how many lines have been read.
func (r *Reader) Number() int64 { return r.number }

// Next returns the next click. The error is [io.EOF] at the end of the input, a *LineError for a line that is no click, after which
// the next call goes on, or what reading failed with.
func (r *Reader) Next() (Line, error) {
	for {
		line, err := r.line()
		if err != nil {
			if errors.Is(err, ErrTooLong) {
				return Line{}, &LineError{r.number, ErrTooLong}
			}
			return Line{}, err
		}
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		click := Line{Number: r.number}
		if err := r.parse(line, &click); err != nil {
			return Line{}, &LineError{r.number, err}
		}
		return click, nil
	}
}

// line returns the next line without its end. It is good until the next call.
func (r *Reader) line() ([]byte, error) {
	line, err := r.in.ReadSlice('\n')
	if err == bufio.ErrBufferFull { //nolint:errorlint // bufio returns it unwrapped, and this is asked for every line
		line, err = r.longLine(line)
	}
	if err != nil && (err != io.EOF || len(line) == 0) { //nolint:errorlint // as above
		return nil, err
	}
	r.number++
	if len(line) > MaxLine {
		return nil, ErrTooLong
	}
	if n := len(line); n > 0 && line[n-1] == '\n' {
		line = bytes.TrimSuffix(line[:n-1], []byte("\r"))
	}
	if r.number == 1 {
		line = bytes.TrimPrefix(line, []byte("\xEF\xBB\xBF"))
	}
	return line, nil
}

// longLine gathers a line longer than the read buffer. Of one that is too long it keeps just enough to tell.
func (r *Reader) longLine(start []byte) ([]byte, error) {
	r.long = append(r.long[:0], start...)
	for {
		part, err := r.in.ReadSlice('\n')
		if len(r.long) <= MaxLine {
			r.long = append(r.long, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return r.long, err
		}
	}
}

// parse fills in the click's resource and data.
func (r *Reader) parse(line []byte, to *Line) error {
	if r.format == Detect {
		if r.format = guess(line); r.format == Detect {
			return errUnknownFormat
		}
	}
	if r.format == JSONLines {
		resource, err := ParseJSON(line)
		if err != nil {
			return err
		}
		to.Resource, to.Data = resource, r.keep(line)
		return nil
	}
	click, err := ParseAccessLog(line)
	if err != nil {
		return err
	}
	r.room(2*len(line) + 32)
	start := len(r.arena)
	r.arena = click.AppendJSON(r.arena)
	to.Resource, to.Data = click.Resource, r.arena[start:len(r.arena):len(r.arena)]
	return nil
}

// guess returns the format that a line shows, Detect when it shows none.
func guess(line []byte) Format {
	if bytes.TrimLeft(line, " \t")[0] == '{' {
		return JSONLines
	}
	if _, err := skipPreamble(line); err == nil {
		return AccessLog
	}
	return Detect
}

// keep copies a line to where it can stay.
func (r *Reader) keep(line []byte) []byte {
	r.room(len(line))
	start := len(r.arena)
	r.arena = append(r.arena, line...)
	return r.arena[start:len(r.arena):len(r.arena)]
}

// room makes a new piece of memory when n more bytes would not fit in this one. The old piece lives as long as its lines.
func (r *Reader) room(n int) {
	if cap(r.arena)-len(r.arena) < n {
		r.arena = make([]byte, 0, max(arenaSize, n))
	}
}
