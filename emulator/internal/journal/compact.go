package journal

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// consider begins a snapshot when the changes since the last have become as large as it, so that all files together stay within a
// small multiple of the state, or when most of the state was deleted. The caller holds the lock.
func (j *Journal) consider() {
	changes := j.older + j.offset
	live := j.options.Live()
	j.peak = max(j.peak, live)
	grown := changes >= max(j.options.CompactAt, j.snapshot)
	shrunk := j.snapshot+changes >= j.options.CompactAt && live < j.peak/2
	if !grown && !shrunk || j.compacts || j.closed || changes < j.retry {
		return
	}
	j.compacts = true
	j.working.Go(func() {
		if err := j.compact(); err != nil {
			j.options.Logf("cannot write a snapshot to %s: %v; the changes stay where they are", j.dir, err)
			j.mu.Lock()
			j.retry = j.older + j.offset + j.options.CompactAt
			j.mu.Unlock()
		}
		j.mu.Lock()
		j.compacts = false
		j.mu.Unlock()
	})
}

// compact writes a snapshot and removes the files that it takes the place of.
func (j *Journal) compact() error {
	j.mu.Lock()
	file := j.file // nobody else changes it, or closes it before this has ended
	j.mu.Unlock()
	if err := file.Sync(); err != nil { // of the most, while changes go on; rotate has but the rest to wait for
		return err
	}
	number, replaced, err := j.rotate()
	if err != nil {
		return err
	}
	size, err := j.writeSnapshot(number)
	if err != nil {
		return errors.Join(err, removeIfThere(j.path(kindUnfinished, number)))
	}
	j.mu.Lock()
	j.older -= replaced
	j.snapshot, j.peak, j.retry = size, j.options.Live(), 0
	j.mu.Unlock()
	return removeBefore(j.dir, number)
}

// rotate begins another file, before which lies what the snapshot will hold.
func (j *Journal) rotate() (number uint64, replaced int64, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.broken {
		return 0, 0, ErrUnkept
	}
	if err := j.file.Sync(); err != nil {
		return 0, 0, err
	}
	number = j.number + 1
	file, size, err := j.create(number)
	if err != nil {
		return 0, 0, errors.Join(err, removeIfThere(j.path(kindJournal, number)))
	}
	old := j.file
	j.older += j.offset
	j.file, j.number, j.offset = file, number, size
	return number, j.older, old.Close()
}

// create makes a journal's file with nothing in it but its name.
func (j *Journal) create(number uint64) (File, int64, error) {
	file, err := j.options.OpenFile(j.path(kindJournal, number))
	if err != nil {
		return nil, 0, err
	}
	first := [][]byte{fileEntry(kindJournal, number)}
	head, size := frame(tagFile, first)
	if err = file.Truncate(0); err == nil {
		_, err = file.WriteAt(append(head, first[0]...), 0)
	}
	if err == nil {
		err = file.Sync()
	}
	if err == nil {
		err = syncFolder(j.dir)
	}
	if err != nil {
		return nil, 0, errors.Join(err, file.Close())
	}
	return file, size, nil
}

// writeSnapshot writes the state of all services under a name that nobody reads, then gives it its own.
func (j *Journal) writeSnapshot(number uint64) (int64, error) {
	unfinished := j.path(kindUnfinished, number)
	file, err := j.options.OpenFile(unfinished)
	if err != nil {
		return 0, err
	}
	out := &sequential{file: file}
	err = j.writeState(out, number)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return 0, err
	}
	if err := os.Rename(unfinished, j.path(kindSnapshot, number)); err != nil {
		return 0, err
	}
	return out.offset, syncFolder(j.dir)
}

func (j *Journal) writeState(out io.Writer, number uint64) error {
	const buffer = 1 << 20
	w := bufio.NewWriterSize(out, buffer)
	write := func(tag byte, pieces [][]byte) error {
		head, _ := frame(tag, pieces)
		_, err := w.Write(head)
		for _, piece := range pieces {
			if err == nil {
				_, err = w.Write(piece)
			}
		}
		return err
	}
	if err := write(tagFile, [][]byte{fileEntry(kindSnapshot, number)}); err != nil {
		return err
	}
	for _, tag := range j.tags() {
		if err := j.keepers[tag].Snapshot(func(pieces ...[]byte) error { return write(tag, pieces) }); err != nil {
			return err
		}
	}
	if err := write(tagFile, [][]byte{[]byte(snapshotEnd)}); err != nil {
		return err
	}
	return w.Flush()
}

// sequential writes a File from its beginning.
type sequential struct {
	file   File
	offset int64
}

// Write appends.
func (s *sequential) Write(b []byte) (int, error) {
	n, err := s.file.WriteAt(b, s.offset)
	s.offset += int64(n)
	return n, err
}

// removeBefore removes the files that a snapshot has taken the place of, and snapshots that were never finished.
func removeBefore(dir string, number uint64) error {
	found, err := listFolder(dir)
	if err != nil {
		return err
	}
	for _, one := range found {
		if one.number < number || one.kind == kindUnfinished {
			if err := removeIfThere(filepath.Join(dir, one.name)); err != nil {
				return err
			}
		}
	}
	return nil
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("cannot remove an old file: %w", err)
	}
	return nil
}
