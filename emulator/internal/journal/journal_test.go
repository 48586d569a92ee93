package journal_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"clickstream/emulator/internal/journal"
)

// notes keeps texts by number; a number without text is gone.
type notes struct {
	mu   sync.Mutex // a snapshot is taken beside what goes on
	held map[int]string
}

const tag = 'n'

func (n *notes) Replay(entry []byte, _ bool) error {
	number, text, ok := strings.Cut(string(entry), "=")
	at, err := strconv.Atoi(number)
	if !ok || err != nil {
		return errors.New("no note")
	}
	if n.held[at] = text; text == "" {
		delete(n.held, at)
	}
	return nil
}

func (n *notes) Snapshot(write func(pieces ...[]byte) error) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, at := range slices.Sorted(maps.Keys(n.held)) {
		if err := write(fmt.Appendf(nil, "%d=", at), []byte(n.held[at])); err != nil {
			return err
		}
	}
	return nil
}

// said collects what a journal says.
type said struct{ lines []string }

func (s *said) logf(format string, a ...any) { s.lines = append(s.lines, fmt.Sprintf(format, a...)) }

func open(dir string, options journal.Options) (*journal.Journal, *notes, error) {
	n := &notes{held: map[int]string{}}
	j, _, err := journal.Open(dir, options, map[byte]journal.Keeper{tag: n})
	return j, n, err
}

func mustOpen(t *testing.T, dir string, options journal.Options) (*journal.Journal, *notes) {
	t.Helper()
	j, n, err := open(dir, options)
	if err != nil {
		t.Fatal(err)
	}
	return j, n
}

func (n *notes) put(j *journal.Journal, at int, text string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := j.Part(tag).Append(fmt.Appendf(nil, "%d=", at), []byte(text)); err != nil {
		return err
	}
	return n.Replay(fmt.Appendf(nil, "%d=%s", at, text), false)
}

func fill(t *testing.T, j *journal.Journal, n *notes, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		if err := n.put(j, i, fmt.Sprintf("note %d", i)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWhatWasAppendedIsReplayed(t *testing.T) {
	t.Parallel()
	for _, options := range []journal.Options{{}, {Sync: true}, {CompactAt: 200}} {
		dir := filepath.Join(t.TempDir(), "not", "there")
		j, n := mustOpen(t, dir, options)
		fill(t, j, n, 0, 50)
		large := strings.Repeat("large", 200_000)
		if err := errors.Join(n.put(j, 3, large), n.put(j, 4, ""), n.put(j, 5, "changed"), j.Close()); err != nil {
			t.Fatal(err)
		}
		if err := n.put(j, 6, "late"); !errors.Is(err, journal.ErrUnkept) {
			t.Errorf("after Close: %v", err)
		}
		again, found := mustOpen(t, dir, options)
		if diff := cmp.Diff(n.held, found.held); diff != "" {
			t.Errorf("compact at %d: %s", options.CompactAt, diff)
		}
		if err := again.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestOneAtATime(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j, _ := mustOpen(t, dir, journal.Options{})
	if _, _, err := open(dir, journal.Options{}); err == nil || !strings.Contains(err.Error(), "in use by the emulator of process "+strconv.Itoa(os.Getpid())) {
		t.Errorf("a second one: %v", err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	again, _ := mustOpen(t, dir, journal.Options{})
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

// TestSnapshotsFreeTheDisk has the folder stay within a small multiple of what it holds, and become small when that is deleted.
func TestSnapshotsFreeTheDisk(t *testing.T) {
	t.Parallel()
	var live atomic.Int64
	dir := t.TempDir()
	options := journal.Options{CompactAt: 10_000, Live: live.Load}
	text := strings.Repeat("x", 1000)
	for range 20 { // a snapshot is finished when the journal is closed, at the latest
		j, n := mustOpen(t, dir, options)
		for i := range 30 {
			if err := n.put(j, i%10, text); err != nil {
				t.Fatal(err)
			}
			live.Store(int64(len(n.held) * len(text)))
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if size := sizeOf(t, dir); size > 100_000 {
		t.Errorf("%d bytes for 10,000", size)
	}
	j, n := mustOpen(t, dir, options)
	live.Store(0)
	for i := range 10 {
		if err := n.put(j, i, ""); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if size := sizeOf(t, dir); size > 2000 {
		t.Errorf("%d bytes for nothing", size)
	}
}

func sizeOf(t *testing.T, dir string) int64 {
	t.Helper()
	size := int64(0)
	for _, name := range glob(t, dir, "*-*") {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		size += info.Size()
	}
	return size
}

// disk is one that can be full.
type disk struct {
	journal.File
	room *int // bytes that can be written; less than 0 is no limit
}

var errFull = errors.New("no space left on device")

func (d disk) WriteAt(b []byte, offset int64) (int, error) {
	if *d.room >= 0 && len(b) > *d.room {
		n, _ := d.File.WriteAt(b[:*d.room], offset)
		*d.room = 0
		return n, errFull
	}
	if *d.room >= 0 {
		*d.room -= len(b)
	}
	return d.File.WriteAt(b, offset)
}

func TestFullDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	room := -1
	var log said
	options := journal.Options{Logf: log.logf, OpenFile: func(path string) (journal.File, error) {
		file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
		return disk{file, &room}, err
	}}
	j, n := mustOpen(t, dir, options)
	fill(t, j, n, 0, 3)
	for _, room = range []int{0, 5, 16, 20} { // nothing, some, all of a head, and some of what follows
		if err := n.put(j, 7, "does not fit"); !errors.Is(err, journal.ErrUnkept) || strings.Contains(err.Error(), dir) {
			t.Fatalf("room for %d bytes: %v", room, err)
		}
	}
	room = -1
	fill(t, j, n, 3, 6)
	want := []string{
		"cannot write to " + dir + ": no space left on device; changes are refused until that is possible again", dir + " can be written to again",
	}
	if diff := cmp.Diff(want, log.lines); diff != "" {
		t.Error(diff)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	again, found := mustOpen(t, dir, journal.Options{})
	if diff := cmp.Diff(n.held, found.held); diff != "" {
		t.Error(diff)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

func FuzzReader(f *testing.F) {
	dir := f.TempDir()
	j, _, err := open(dir, journal.Options{})
	if err == nil {
		err = errors.Join(j.Part(tag).Append([]byte("1=one")), j.Part(tag).Append([]byte("2="), bytes.Repeat([]byte("two"), 100)), j.Close())
	}
	if err != nil {
		f.Fatal(err)
	}
	sound, err := os.ReadFile(filepath.Join(dir, "journal-000000000001"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sound)
	f.Add(sound[:len(sound)-3])
	f.Add(append(slices.Clone(sound), make([]byte, 40)...))
	f.Fuzz(func(t *testing.T, file []byte) {
		reader := journal.NewReader(bytes.NewReader(file), int64(len(file)))
		total := 0
		for {
			at := reader.Offset()
			entry, err := reader.Next()
			if err != nil {
				if errors.Is(err, io.EOF) != (reader.Offset() == int64(len(file))) || reader.Offset() != at {
					t.Fatalf("at %d of %d: %v", reader.Offset(), len(file), err)
				}
				break
			}
			if total += len(entry); len(entry) == 0 || total > len(file) || reader.Offset() <= at {
				t.Fatalf("%d bytes at %d", len(entry), at)
			}
		}
	})
}
