package multilang

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// DefaultMaxLine is the longest line that a LineReader takes unless told otherwise: 256 MiB. A GetRecords answer of
// 10 MiB makes a line of about 14 MB.
const DefaultMaxLine = 256 << 20

// ErrLineTooLong is the error, wrapped, of a line longer than the reader's limit.
var ErrLineTooLong = errors.New("line too long")

const (
	firstBuffer = 64 << 10
	minimumRead = 16 << 10
	// maxEmptyReads is how often a reader may return nothing at all without an error.
	maxEmptyReads = 100
)

// LineReader reads lines of any length up to a limit into one buffer, which it uses again for each line and which grows
// by half at a time. At no time does it hold more than two and a half times the longest line (and 64 KiB at least).
type LineReader struct {
	r          io.Reader
	max        int
	buf        []byte
	start, end int // what was read and not yet returned
	gone       int // bytes of the line before start that were used early
	err        error
	cut        bool // the last line had no end
}

// NewLineReader returns a reader of the lines of r, each of at most limit bytes; DefaultMaxLine where limit is 0 or less.
func NewLineReader(r io.Reader, limit int) *LineReader {
	if limit <= 0 {
		limit = DefaultMaxLine
	}
	return &LineReader{r: r, max: limit}
}

// ReadLine returns the next line without its line end, "\n" or "\r\n"; the last line needs none. The bytes are valid
// until the next call. At the end it returns [io.EOF]; what r returns besides is returned as it is, after the lines that
// came before it. A line over the limit is an error that wraps ErrLineTooLong, and stays one.
func (l *LineReader) ReadLine() ([]byte, error) { return l.readLine(nil) }

// readLine calls early, unless that is nil, with what has come of the line so far, before it waits for more. Early returns how many of
// these bytes are done with: the line is returned without them. An end of input behind such bytes ends a line like any other.
func (l *LineReader) readLine(early func(part []byte) int) ([]byte, error) {
	empty := 0
	l.gone = 0
	for searched := l.start; ; {
		if n := bytes.IndexByte(l.buf[searched:l.end], '\n'); n >= 0 {
			end := searched + n
			return l.line(end, end+1)
		}
		if l.err != nil {
			return l.last()
		}
		if early != nil && l.end > l.start {
			done := early(l.buf[l.start:l.end])
			l.start += done
			l.gone += done
		}
		if l.gone+l.end-l.start > l.max+1 {
			return l.tooLong()
		}
		unfinished := l.end - l.start
		l.makeRoom()
		searched = l.start + unfinished
		n, err := l.r.Read(l.buf[l.end:])
		l.end += n
		l.err = err
		if empty++; n > 0 {
			empty = 0
		} else if empty == maxEmptyReads && err == nil {
			l.err = io.ErrNoProgress
		}
	}
}

// line returns what lies before end and goes on at next.
func (l *LineReader) line(end, next int) ([]byte, error) {
	line := bytes.TrimSuffix(l.buf[l.start:end], []byte{'\r'})
	if l.gone+len(line) > l.max {
		return l.tooLong()
	}
	l.start = next
	return line, nil
}

// last returns what came before the error that ended the input, then that error.
func (l *LineReader) last() ([]byte, error) {
	if l.gone == 0 && l.start == l.end || !errors.Is(l.err, io.EOF) {
		return nil, l.err
	}
	l.cut = true
	return l.line(l.end, l.end)
}

// Cut reports whether the line that ReadLine returned last had no line end: the writer may have died in its midst.
func (l *LineReader) Cut() bool { return l.cut }

func (l *LineReader) tooLong() ([]byte, error) {
	l.err = fmt.Errorf("multilang: %w: over the limit of %d bytes", ErrLineTooLong, l.max)
	l.start, l.end = 0, 0
	return nil, l.err
}

// makeRoom sees to it that there is room behind what is left: it moves that to the front of the buffer where there is not, and makes the
// buffer larger if that does not give enough.
func (l *LineReader) makeRoom() {
	left := l.buf[l.start:l.end]
	if len(left) > 0 && len(l.buf)-l.end >= minimumRead {
		return
	}
	if len(l.buf)-len(left) < minimumRead {
		l.buf = make([]byte, max(firstBuffer, min(len(l.buf)+len(l.buf)/2, l.max+2*minimumRead)))
	}
	l.end = copy(l.buf, left)
	l.start = 0
}
