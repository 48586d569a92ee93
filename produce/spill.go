package produce

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"sync"

	"clickstream/producer"
)

// spill counts the records that were not stored, remembers the first and writes all of them to a file, one JSON line each, if there is
// one to write to: produce --input takes it back. The file is made when there is something to write. What is given up at the end, no more than the
// producer's buffer, is written in the order of the input.
type spill struct {
	path string // "" writes nothing

	mu    sync.Mutex
	n     int64
	first int64 // the first one's line in the input, 0 when it has none
	file  *os.File
	out   *bufio.Writer
	late  []lateRecord
	err   error
}

// lateRecord is a line of the file that others of the input may have to precede.
type lateRecord struct {
	line int64
	text []byte
}

// add takes a record that was not stored. Line is where it stands in the input, 0 when it does not come from lines. Late is that records are
// being given up, which happens in any order.
func (s *spill) add(r producer.Record, line int64, late bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.n++; s.n == 1 || line < s.first {
		s.first = line
	}
	switch {
	case s.path == "" || s.err != nil:
	case late && line > 0:
		s.late = append(s.late, lateRecord{line, bytes.Clone(oneLine(r.Data))}) // the data is the producer's
	default:
		s.write(oneLine(r.Data))
	}
}

// write writes a line, with the lock.
func (s *spill) write(line []byte) {
	if s.file == nil {
		if s.file, s.err = os.OpenFile(s.path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600); s.err != nil {
			return
		}
		s.out = bufio.NewWriter(s.file)
	}
	if _, s.err = s.out.Write(line); s.err == nil {
		s.err = s.out.WriteByte('\n')
	}
}

// oneLine returns a JSON text without line ends, so that it is one line among others.
func oneLine(data []byte) []byte {
	if !bytes.ContainsAny(data, "\r\n") {
		return data
	}
	var line bytes.Buffer
	if err := json.Compact(&line, data); err != nil {
		return data // not JSON: no source of ours gives that
	}
	return line.Bytes()
}

// close ends the file and returns what was wrong with it.
func (s *spill) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	slices.SortFunc(s.late, func(a, b lateRecord) int { return cmp.Compare(a.line, b.line) })
	for _, record := range s.late {
		if s.err == nil {
			s.write(record.text)
		}
	}
	if s.file != nil {
		if err := s.out.Flush(); s.err == nil {
			s.err = err
		}
		if err := s.file.Sync(); s.err == nil {
			s.err = err
		}
		if err := s.file.Close(); s.err == nil {
			s.err = err
		}
	}
	if s.err != nil {
		return fmt.Errorf("write the records that were not stored to %s: %w", s.path, s.err)
	}
	return nil
}

// text says what was not stored, without showing what is in it; "" when everything was.
func (s *spill) text(input string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.n == 0 {
		return ""
	}
	text := count(s.n, "record") + " not stored"
	if s.first > 0 {
		text += fmt.Sprintf("; the first is line %d of %s", s.first, input)
	}
	if s.path != "" && s.err == nil {
		text += fmt.Sprintf("; all of them are in %s, which --input takes", s.path)
	}
	return text
}
