package multilang

import (
	"bytes"
	"io"
	"math"
	"runtime"
	"sync/atomic"
)

// Receiver reads the messages of a daemon. It decodes records while they come in, so that it never holds a whole line of them (it does
// hold one that is not as the daemons write it).
type Receiver struct {
	lines    *LineReader
	line     int
	reuse    bool
	lent     atomic.Pointer[DaemonMessage] // somebody holds the records of this message
	returned chan struct{}                 // gets a value when lent becomes nil

	parser daemonParser
	begun  bool // the parser has got the beginning of the line that is being read
	wait   int  // early has nothing to do before so many bytes have come
}

// NewReceiver returns a receiver of the messages in r, whose lines have at most limit bytes, DefaultMaxLine where limit is 0 or less.
//
// With reuse the records of a message are decoded into the memory of those before: a program that keeps none makes next to no garbage.
func NewReceiver(r io.Reader, limit int, reuse bool) *Receiver {
	return &Receiver{lines: NewLineReader(r, limit), reuse: reuse, returned: make(chan struct{}, 1)}
}

// Release says that the records of a message are done with. With reuse their data, sequence numbers and partition keys are not to
// be looked at any more. Another goroutine than that of Receive may call it, also without need: the next message may have been
// received in the meantime, and keeps its records. A nil message stands for whichever there is.
func (r *Receiver) Release(m *DaemonMessage) {
	if m == nil {
		m = r.lent.Load()
	}
	if m == nil || !r.lent.CompareAndSwap(m, nil) {
		return
	}
	select {
	case r.returned <- struct{}{}:
	default:
	}
}

// Line is how many lines were read, empty ones too: behind Receive the number of the line of its message or error.
func (r *Receiver) Line() int { return r.line }

// Cut reports whether the line that Receive read last had no line end: the daemon may have died in its midst.
func (r *Receiver) Cut() bool { return r.lines.Cut() }

// Receive returns the next message, decoded as by ParseDaemonMessage; empty lines are skipped. At the end of input it returns [io.EOF].
// An error of reading is a *ReadError; every other is about what was read.
//
// While the last message's records are not released, only replies to checkpoints are to be expected: reading a line of more than 32 KiB
// waits for Release then, lest two lines or their records are in memory.
func (r *Receiver) Receive() (*DaemonMessage, error) {
	for {
		r.begun, r.wait = false, 0
		line, err := r.lines.readLine(r.early)
		if err != nil {
			return nil, &ReadError{err}
		}
		if r.line++; len(line) == 0 && !r.begun {
			continue
		}
		for !r.begun && r.lent.Load() != nil {
			if len(line) <= longestReply {
				return ParseDaemonMessage(line)
			}
			<-r.returned
		}
		if len(line) > longLine {
			runtime.GC()
		}
		return r.decode(line)
	}
}

// longestReply is how long a line may be to be read while records are lent.
const longestReply = 32 << 10

// longLine is the length from which on it pays to collect garbage before a line is decoded whole. Such lines are few: the records of
// those before, and the buffers that were too small, would come to several times the longest one before the collector starts of itself.
const longLine = 8 << 20

// longestTail is more than what follows a record's data.
const longestTail = 4 << 10

// ReadError says that the input ended or failed.
type ReadError struct{ Err error }

// Error returns the cause.
func (e *ReadError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *ReadError) Unwrap() error { return e.Err }

// decode decodes the line, or what early has left of it.
func (r *Receiver) decode(rest []byte) (*DaemonMessage, error) {
	p := &r.parser
	defer r.forget()
	if !r.begun {
		r.begin()
		p.b, p.i = rest, 0
		if err := p.object(p.member); err != nil {
			return nil, err
		}
		return p.finish()
	}
	p.b, p.i = rest, 0
	if len(p.message.Records) > 0 || !p.take(']') {
		if err := p.elements(p.record); err != nil {
			return nil, err
		}
	} else {
		p.depth--
	}
	if err := p.pairs(p.member); err != nil {
		return nil, err
	}
	return p.finish()
}

// begin makes the parser ready for a message.
func (r *Receiver) begin() {
	p := &r.parser
	p.scanner, p.message, p.keys = scanner{}, new(DaemonMessage), keyCache{}
	p.data.reuse, p.strings.reuse = r.reuse, r.reuse
	if r.reuse {
		data, strings := p.data.reset(), p.strings.reset()
		if data || strings {
			clear(p.records) // what is in no chunk hangs on it
		}
	}
}

// forget lets go of what is the caller's.
func (r *Receiver) forget() {
	p := &r.parser
	switch records := p.message.Records; {
	case !r.reuse:
		p.data, p.strings = slab{}, slab{}
	case records != nil:
		p.records = records
	}
	if p.message.Records != nil {
		r.lent.Store(p.message)
	}
	p.scanner, p.message, p.keys = scanner{}, nil, keyCache{}
}

// usualBeginning is how the daemons begin a line of records.
const usualBeginning = `{"action":"` + ActionProcessRecords + `","records":[`

// early decodes the records that part, the beginning of a line or what the call before has left of it, holds whole.
func (r *Receiver) early(part []byte) int {
	if len(part) < r.wait || !r.begun && !r.mayBegin(part) {
		return 0
	}
	p := &r.parser
	start := 0
	if !r.begun {
		r.beginEarly()
		start = len(usualBeginning)
	}
	for p.b, p.i = part, start; ; start = p.i {
		records := len(p.message.Records)
		if p.usualRecord(p.nextRecord()) && p.literal(",") {
			continue
		}
		p.message.Records = p.message.Records[:records]
		p.gone += start
		r.wait = (len(part) - start) * 5 / 4
		if rest := part[p.i:]; len(rest) > longestTail && bytes.IndexByte(rest, '"') >= 0 {
			r.wait = math.MaxInt // the record is there, but not as the daemons write it
		}
		return start
	}
}

// beginEarly makes the parser ready for what follows usualBeginning.
func (r *Receiver) beginEarly() {
	r.begun = true
	r.begin()
	p := &r.parser
	p.depth = 2
	p.message.Action, p.message.Records = ActionProcessRecords, p.records[:0]
	if p.records == nil {
		p.message.Records = []Record{}
	}
}

// mayBegin tells whether part begins a line of records for which there is room.
func (r *Receiver) mayBegin(part []byte) bool {
	for len(part) > longestReply && r.lent.Load() != nil {
		<-r.returned
	}
	return len(part) >= len(usualBeginning) && string(part[:len(usualBeginning)]) == usualBeginning && r.lent.Load() == nil
}
