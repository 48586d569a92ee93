// Package journal keeps the state of the emulated services in a folder: every change is appended to a file before it is acknowledged,
// and when much of what is there has been overtaken, a snapshot of the state takes the place of the old files.
//
//	lock                   held by the process that uses the folder; its process id
//	journal-000000000007   changes, the newest file being appended to
//	snapshot-000000000007  the state before journal 7 and all behind it
//
// What is appended is handed to the operating system in one piece before Append returns: it survives the end of the process, however
// it ends. With Options.Sync it survives the end of the machine too.
//
// Entries are the services' own. They are replayed in order, those of the snapshot first. A snapshot is written while changes go on,
// so an entry may come whose effect is there already: replaying has to be the same whether done once or twice.
package journal

import (
	"errors"
	"hash/crc32"
	"os"
	"path/filepath"
	"sync"
)

// ErrUnkept is all that a client is told when a change could not be written, and therefore was not made. The reason is logged.
var ErrUnkept = errors.New("the change could not be written to the data directory and was not made")

// File is a file that is being written.
type File interface {
	WriteAt(b []byte, offset int64) (int, error)
	Truncate(size int64) error
	Sync() error
	Close() error
}

// Keeper is a service whose state is kept.
type Keeper interface {
	// Replay makes the change of an entry. When mending, entries before it may be missing, of which as much is to be kept as can be.
	// The entry is the Keeper's from then on.
	Replay(entry []byte, mending bool) error
	// Snapshot writes entries that make the present state out of none. The pieces of a call are one entry. Changes go on meanwhile.
	Snapshot(write func(pieces ...[]byte) error) error
}

// Options are the settings of a Journal.
type Options struct {
	Sync      bool                            // whether each change is on the disk before it is acknowledged
	Repair    bool                            // whether what is damaged is left out, rather than being an error
	CompactAt int64                           // bytes of changes below which there is no new snapshot; 0 is 64 MiB
	Live      func() int64                    // optional: about how many bytes the state has, to see that much was deleted
	Logf      func(format string, a ...any)   // optional: where is said what happened
	OpenFile  func(path string) (File, error) // optional: opens a file to write, making it if it is not there
}

const defaultCompactAt = 64 << 20

func (o *Options) complete() {
	if o.CompactAt == 0 {
		o.CompactAt = defaultCompactAt
	}
	if o.Logf == nil {
		o.Logf = func(string, ...any) {}
	}
	if o.Live == nil {
		o.Live = func() int64 { return 0 }
	}
	if o.OpenFile == nil {
		o.OpenFile = func(path string) (File, error) { return os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) }
	}
}

// Journal is an open folder. Its methods may be called at the same time.
type Journal struct {
	dir     string
	options Options
	keepers map[byte]Keeper
	lock    *os.File

	mu       sync.Mutex
	file     File
	number   uint64 // of the file
	offset   int64  // of the next entry
	broken   bool   // the last change could not be written
	scratch  []byte
	closed   bool
	older    int64 // bytes of journals before the present one that a snapshot has not replaced
	snapshot int64 // bytes of the last one
	peak     int64 // of Live since then
	compacts bool  // a snapshot is under way
	retry    int64 // bytes of changes before which no other snapshot is tried, after one that failed

	working sync.WaitGroup
}

// Part is one service's share of a Journal. A nil Part keeps nothing.
type Part struct {
	journal *Journal
	tag     byte
}

// Part returns the share of the Keeper that was given under a tag.
func (j *Journal) Part(tag byte) *Part { return &Part{j, tag} }

// Append writes an entry of some pieces. When it returns nil the entry is kept; otherwise, with ErrUnkept, nothing is, and the change
// must not be made. Entries about the same thing have to come in the order of their changes, so their callers hold a lock.
func (p *Part) Append(pieces ...[]byte) error {
	if p == nil {
		return nil
	}
	return p.journal.append(p.tag, pieces)
}

// frame measures an entry.
func frame(tag byte, pieces [][]byte) (head []byte, size int64) {
	length, sum := uint64(1), crc32.Checksum([]byte{tag}, table())
	for _, piece := range pieces {
		length += uint64(len(piece))
		sum = crc32.Update(sum, table(), piece)
	}
	return append(appendHead(make([]byte, 0, frameHead+1), length, sum), tag), frameHead + int64(length)
}

func (j *Journal) append(tag byte, pieces [][]byte) error {
	head, size := frame(tag, pieces)
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return ErrUnkept
	}
	if err := j.write(head, pieces); err != nil {
		if !j.broken {
			j.options.Logf("cannot write to %s: %v; changes are refused until that is possible again", j.dir, err)
		}
		j.broken = true
		return ErrUnkept
	}
	if j.broken {
		j.options.Logf("%s can be written to again", j.dir)
		j.broken = false
	}
	j.offset += size
	j.consider()
	return nil
}

// write puts an entry behind the others. What a write before it left half done is cut off first.
func (j *Journal) write(head []byte, pieces [][]byte) error {
	if j.broken {
		if err := j.file.Truncate(j.offset); err != nil {
			return err
		}
	}
	const large = 256 << 10 // what is larger is not copied
	at, gathered := j.offset, append(j.scratch[:0], head...)
	flush := func(b []byte) error {
		_, err := j.file.WriteAt(b, at)
		at += int64(len(b))
		return err
	}
	for _, piece := range pieces {
		if len(piece) < large {
			gathered = append(gathered, piece...)
			continue
		}
		if err := errors.Join(flush(gathered), flush(piece)); err != nil {
			return err
		}
		gathered = gathered[:0]
	}
	if cap(gathered) <= 16*large {
		j.scratch = gathered
	}
	if len(gathered) > 0 {
		if err := flush(gathered); err != nil {
			return err
		}
	}
	if j.options.Sync {
		return j.file.Sync()
	}
	return nil
}

// Bytes returns how many bytes the folder's files have.
func (j *Journal) Bytes() int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.snapshot + j.older + j.offset
}

// Close waits for a snapshot that is under way, writes all to the disk and lets go of the folder. Changes are refused from then on. A nil Journal
// has nothing to close.
func (j *Journal) Close() error {
	if j == nil {
		return nil
	}
	j.mu.Lock()
	closed := j.closed
	j.closed = true
	j.mu.Unlock()
	if closed {
		return nil
	}
	j.working.Wait()
	var err error
	if j.broken {
		err = j.file.Truncate(j.offset)
	}
	return errors.Join(err, j.file.Sync(), j.file.Close(), j.lock.Close())
}

func (j *Journal) path(kind string, number uint64) string {
	return filepath.Join(j.dir, fileName(kind, number))
}
