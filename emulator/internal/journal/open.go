package journal

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// DamageError says which file cannot be read, from where on, and what was read before.
type DamageError struct {
	File    string
	Offset  int64
	Entries int // that were read before, of all files
	Err     error
}

// Error names file, place, reason and what can be done.
func (e *DamageError) Error() string {
	return fmt.Sprintf("%s is damaged at byte %d: %v; %d entries before it are sound. Put a good copy in its place, or start with "+
		"--data-dir-repair, which leaves out what is damaged, keeps what lies before and behind it, and says what that is", e.File, e.Offset, e.Err, e.Entries)
}

// Unwrap returns the reason.
func (e *DamageError) Unwrap() error { return e.Err }

// Report says what was found when a folder was opened.
type Report struct {
	Entries int
	Cut     []string // sentences about ends that were cut off and damage that was left out
}

// Open locks a folder, making it if need be, and replays what is in it. Keepers are by tags, which must not be 0.
func Open(dir string, options Options, keepers map[byte]Keeper) (*Journal, *Report, error) {
	options.complete()
	lock, err := lockFolder(dir)
	if err != nil {
		return nil, nil, err
	}
	j := &Journal{dir: dir, options: options, keepers: keepers, lock: lock}
	report, err := j.open()
	if err != nil {
		return nil, nil, errors.Join(err, lock.Close())
	}
	j.mu.Lock()
	j.consider()
	j.mu.Unlock()
	for _, line := range report.Cut {
		j.options.Logf("%s", line)
	}
	return j, report, nil
}

func (j *Journal) tags() []byte { return slices.Sorted(maps.Keys(j.keepers)) }

func (j *Journal) open() (*Report, error) {
	found, err := listFolder(j.dir)
	if err != nil {
		return nil, err
	}
	r := &replay{journal: j, report: &Report{}}
	files, err := r.choose(found)
	if err != nil {
		return nil, err
	}
	for i, one := range files {
		last := i == len(files)-1 && one.kind == kindJournal
		end, err := r.file(one, last)
		if err != nil {
			return nil, err
		}
		switch {
		case one.kind == kindSnapshot:
			j.snapshot = end
		case !last:
			j.older += end
		default:
			j.number, j.offset = one.number, end
		}
	}
	if err := j.setAside(r.damaged); err != nil { // before anything is cut off
		return nil, err
	}
	if err := j.resume(files); err != nil {
		return nil, err
	}
	if r.mended { // what is left is written anew
		return r.report, j.compact()
	}
	return r.report, nil
}

// resume opens the file to append to, or makes the first one.
func (j *Journal) resume(files []folderFile) error {
	var err error
	if j.number == 0 { // there is none, or nothing but a snapshot
		number := uint64(1)
		if len(files) > 0 {
			number = files[len(files)-1].number
		}
		j.number = number
		j.file, j.offset, err = j.create(number)
		return err
	}
	if j.offset == 0 { // not even its beginning was written
		j.file, j.offset, err = j.create(j.number)
		return err
	}
	if j.file, err = j.options.OpenFile(j.path(kindJournal, j.number)); err != nil {
		return err
	}
	return j.file.Truncate(j.offset)
}

// setAside keeps damaged files under another name.
func (j *Journal) setAside(names []string) error {
	for _, name := range names {
		from, to := filepath.Join(j.dir, name), filepath.Join(j.dir, "damaged-"+name)
		if err := copyFile(from, to); err != nil {
			return err
		}
		j.options.Logf("%s is kept as %s", from, to)
	}
	return nil
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }() // it was only read
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}
