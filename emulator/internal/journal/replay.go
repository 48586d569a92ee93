package journal

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// replay reads a folder.
type replay struct {
	journal *Journal
	report  *Report
	mended  bool
	damaged []string
}

// choose returns the files to read: the last snapshot, and the journals from its number on. What a snapshot has taken the place of is
// removed; a kill can have come before that.
func (r *replay) choose(found []folderFile) ([]folderFile, error) {
	var snapshot folderFile
	for _, one := range found {
		if one.kind == kindSnapshot {
			snapshot = one
		}
	}
	if err := removeBefore(r.journal.dir, snapshot.number); err != nil {
		return nil, err
	}
	var files []folderFile
	next := uint64(1)
	if snapshot.kind != "" {
		files = append(files, snapshot)
		next = snapshot.number
	}
	for _, one := range found {
		if one.kind != kindJournal || one.number < next {
			continue
		}
		if err := r.expect(one.number, next); err != nil {
			return nil, err
		}
		files = append(files, one)
		next = one.number + 1
	}
	if snapshot.kind != "" && len(files) == 1 { // it was begun when its journal was there
		return files, r.expect(0, next)
	}
	return files, nil
}

// expect finds a journal's file damaged that is not there.
func (r *replay) expect(number, wanted uint64) error {
	if number == wanted {
		return nil
	}
	return r.damage(fileName(kindJournal, wanted), 0, errors.New("the file is missing"))
}

// damage makes an error of what is wrong, or says it when mending.
func (r *replay) damage(name string, offset int64, err error) error {
	found := &DamageError{File: filepath.Join(r.journal.dir, name), Offset: offset, Entries: r.report.Entries, Err: err}
	if !r.journal.options.Repair {
		return found
	}
	r.mended = true
	r.say("%s is damaged at byte %d: %v; %d entries before it are kept", found.File, offset, err, r.report.Entries)
	return nil
}

func (r *replay) say(format string, a ...any) {
	r.report.Cut = append(r.report.Cut, fmt.Sprintf(format, a...))
}

// file replays a file and returns where its sound part ends. Of the last one that may be before the file's own end.
func (r *replay) file(one folderFile, last bool) (int64, error) {
	path := filepath.Join(r.journal.dir, one.name)
	file, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer func() { _ = file.Close() }() // it is only read
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	reading := &fileReplay{replay: r, one: one, file: file, size: info.Size()}
	from := int64(0)
	for {
		end, err := reading.frames(from)
		if err == nil {
			return end, nil
		}
		if errors.Is(err, errFormat) { // nothing to mend
			return 0, fmt.Errorf("%s %w", path, err)
		}
		if last {
			if cut, err := reading.isTail(end, err); cut || err != nil {
				return end, err
			}
		}
		if from, err = reading.skip(end, err); from == 0 || err != nil {
			return end, err
		}
	}
}

// skip finds the next entry after one that cannot be read, when damage is to be left out; 0 where there is none.
func (f *fileReplay) skip(at int64, because error) (int64, error) {
	if err := f.damage(f.one.name, at, because); err != nil {
		return 0, err
	}
	if !slices.Contains(f.damaged, f.one.name) {
		f.damaged = append(f.damaged, f.one.name)
	}
	next, found, err := findFrame(f.file, at+1, f.size)
	switch {
	case err != nil:
		return 0, err
	case !found:
		f.say("%d bytes to the end of %s are left out", f.size-at, f.file.Name())
		return 0, nil
	default:
		f.say("%d bytes from byte %d of %s on are left out; what lies behind is kept", next-at, at, f.file.Name())
		return next, nil
	}
}

// fileReplay reads one file.
type fileReplay struct {
	*replay
	one  folderFile
	file *os.File
	size int64
	done bool // a snapshot's end was there
}

// frames replays entries from an offset to the end of the file, or to what cannot be read.
func (f *fileReplay) frames(from int64) (int64, error) {
	if _, err := f.file.Seek(from, io.SeekStart); err != nil {
		return from, err
	}
	reader := NewReader(f.file, f.size)
	reader.offset = from
	for {
		at := reader.Offset()
		entry, err := reader.Next()
		if errors.Is(err, io.EOF) {
			if f.one.kind == kindSnapshot && !f.done {
				f.done = true
				return at, errors.New("the end of the snapshot is missing")
			}
			if at == 0 && f.size == 0 {
				return at, errTorn
			}
			return at, nil
		}
		if err == nil {
			err = f.entry(entry, at)
		}
		if err != nil {
			return at, err
		}
	}
}

func (f *fileReplay) entry(entry []byte, at int64) error {
	tag, content := entry[0], entry[1:]
	if tag != tagFile {
		keeper := f.journal.keepers[tag]
		if keeper == nil || at == 0 {
			return fmt.Errorf("an entry of the unknown kind %d", tag)
		}
		f.report.Entries++
		return keeper.Replay(content, f.mended)
	}
	return f.aboutItself(string(content), at)
}

// aboutItself looks at what a file says of itself.
func (f *fileReplay) aboutItself(text string, at int64) error {
	version := formatOf(text)
	switch {
	case at == 0 && version != 0 && version != format:
		return fmt.Errorf("%w: it has format %d, and this version writes format %d; start the version that wrote it, or choose another folder", errFormat, version, format)
	case at == 0 && text == string(fileEntry(f.one.kind, f.one.number)):
	case at > 0 && f.one.kind == kindSnapshot && text == snapshotEnd:
		f.done = true
	default:
		return fmt.Errorf("it says that it is %.60q", text)
	}
	return nil
}

// isTail says whether what cannot be read is how the last file ends when the process, or the machine, ended while it was written, and reports it.
// A failure of the power can leave sectors of an entry unwritten, which then are zeros; a bit that flipped in one that was whole is damage.
func (f *fileReplay) isTail(at int64, because error) (bool, error) {
	unsound := errors.Is(because, errHead) || errors.Is(because, errContent)
	switch {
	case errors.Is(because, errTorn):
	case !unsound:
		return false, nil
	default:
		if zeros, err := zeroSector(f.file, at, f.size); !zeros || err != nil {
			return false, err
		}
		if _, sound, err := findFrame(f.file, at+1, f.size); sound || err != nil {
			return false, err
		}
	}
	never := ", which were never acknowledged,"
	if unsound && !f.journal.options.Sync {
		never = ", which had not reached the disk,"
	}
	f.say("%s ended within an entry: %d bytes from byte %d on%s are cut off; %d entries are there", f.file.Name(), f.size-at, at, never, f.report.Entries)
	return true, nil
}
