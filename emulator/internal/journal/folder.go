package journal

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"clickstream/internal/filelock"
)

// The kinds of files in a folder.
const (
	kindJournal    = "journal"
	kindSnapshot   = "snapshot"
	kindUnfinished = "unfinished" // a snapshot that has not got its name yet
)

// tagFile marks entries about the file itself: what it is, at its beginning, and of a snapshot the end.
const (
	tagFile     = 0
	snapshotEnd = "end"
	format      = 2 // of the entries; 1 was never released
)

func fileEntry(kind string, number uint64) []byte {
	return fmt.Appendf(nil, "clickstream emulator %s %d format %d", kind, number, format)
}

// formatOf returns which format a file says that it has, 0 where it does not say that.
func formatOf(entry string) int {
	_, text, _ := strings.Cut(entry, " format ")
	if n, err := strconv.Atoi(text); err == nil && strings.HasPrefix(entry, "clickstream emulator ") {
		return n
	}
	return 0
}

func fileName(kind string, number uint64) string { return fmt.Sprintf("%s-%012d", kind, number) }

type folderFile struct {
	kind   string
	number uint64
	name   string
}

// listFolder returns a folder's journals and snapshots by number. Other files are left alone.
func listFolder(dir string) ([]folderFile, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var found []folderFile
	for _, entry := range entries {
		kind, digits, _ := strings.Cut(entry.Name(), "-")
		number, err := strconv.ParseUint(digits, 10, 64)
		if err == nil && slices.Contains([]string{kindJournal, kindSnapshot, kindUnfinished}, kind) {
			found = append(found, folderFile{kind, number, entry.Name()})
		}
	}
	slices.SortFunc(found, func(a, b folderFile) int {
		return cmp.Or(cmp.Compare(a.number, b.number), strings.Compare(a.kind, b.kind))
	})
	return found, nil
}

// lockFolder keeps other processes out of a folder, which it makes if it is not there. The first byte of the lock's file is what
// is locked, which on Windows nobody else can read; the process id follows it.
func lockFolder(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	err = filelock.Try(file)
	if errors.Is(err, filelock.ErrLocked) {
		holder := make([]byte, 20)
		n, _ := file.ReadAt(holder, 1) // to its end
		err = fmt.Errorf("%s is in use by the emulator of process %s; stop that one or choose another folder", dir, strings.TrimSpace(string(holder[:n])))
	}
	if err == nil {
		err = file.Truncate(0)
	}
	if err == nil {
		_, err = file.WriteAt(fmt.Appendf(nil, " %d\n", os.Getpid()), 0)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// syncFolder makes the names of new files last.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" { // which cannot, and need not
		return nil
	}
	folder, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
