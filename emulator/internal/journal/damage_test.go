package journal_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"clickstream/emulator/internal/journal"
)

// prepared makes a folder with a snapshot and a journal behind it, whose files it names, and says what they hold.
func prepared(t *testing.T) (dir, snapshot, last string, held map[int]string) {
	t.Helper()
	dir = t.TempDir()
	j, n := mustOpen(t, dir, journal.Options{})
	fill(t, j, n, 0, 10)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	j, _ = mustOpen(t, dir, journal.Options{CompactAt: 1}) // begins a snapshot at once
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	j, n = mustOpen(t, dir, journal.Options{})
	fill(t, j, n, 10, 20)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	journals := glob(t, dir, "journal-*")
	return dir, glob(t, dir, "snapshot-*")[0], journals[len(journals)-1], n.held
}

func glob(t *testing.T, dir, pattern string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestDamage(t *testing.T) {
	t.Parallel()
	flip := func(at func(b []byte) int) func([]byte) []byte {
		return func(b []byte) []byte {
			b[at(b)] ^= 1
			return b
		}
	}
	note := func(text string) func([]byte) int { return func(b []byte) int { return bytes.Index(b, []byte(text)) } }
	length := func(text string) func([]byte) int {
		return func(b []byte) int { return bytes.Index(b, []byte(text)) - 17 }
	}
	for _, test := range []struct {
		name     string
		snapshot bool
		change   func([]byte) []byte // nil removes the file
		message  string              // of the error; "" is none
		lost     []int
	}{
		{"the end of an entry is missing", false, func(b []byte) []byte { return b[:len(b)-1] }, "", []int{19}},
		{"all of an entry but its head is missing", false, func(b []byte) []byte { return b[:bytes.Index(b, []byte("n19=note 19"))] }, "", []int{19}},
		{"half a head is there", false, func(b []byte) []byte { return b[:bytes.Index(b, []byte("n19=note 19"))-8] }, "", []int{19}},
		{"zeros follow", false, func(b []byte) []byte { return append(b, make([]byte, 5000)...) }, "", nil},
		{"it is empty", false, func([]byte) []byte { return nil }, "", []int{10, 11, 12, 13, 14, 15, 16, 17, 18, 19}},
		{"noise follows", false, func(b []byte) []byte { return append(b, "what is this and why is it here"...) }, "the head of an entry", nil},
		{"a bit in the middle", false, flip(note("note 14")), "an entry does not have the checksum", []int{14}},
		{"a bit in the last entry", false, flip(note("note 19")), "an entry does not have the checksum", []int{19}},
		{"a bit in a length", false, flip(length("14=note 14")), "the head of an entry", []int{14}},
		{"a bit in the file's name for itself", false, flip(note("clickstream")), "an entry does not have the checksum", nil},
		{"the journal is missing", false, nil, "the file is missing", []int{10, 11, 12, 13, 14, 15, 16, 17, 18, 19}},
		{"a bit in the snapshot", true, flip(note("note 4")), "an entry does not have the checksum", []int{4}},
		{"the snapshot's end is missing", true, func(b []byte) []byte { return b[:len(b)-20] }, "the end of the snapshot is missing", nil},
		{"half of the snapshot's end", true, func(b []byte) []byte { return b[:len(b)-1] }, "it ends within an entry", nil},
		{"an empty snapshot", true, func([]byte) []byte { return nil }, "the end of the snapshot is missing", []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir, snapshot, last, want := prepared(t)
			name := last
			if test.snapshot {
				name = snapshot
			}
			damage(t, name, test.change)
			var log said
			j, found, err := open(dir, journal.Options{Logf: log.logf})
			if test.message != "" {
				damaged, ok := errors.AsType[*journal.DamageError](err)
				if !ok || damaged.File != name || !strings.Contains(err.Error(), test.message) || !strings.Contains(err.Error(), "--data-dir-repair") {
					t.Fatalf("%v", err)
				}
				j, found, err = open(dir, journal.Options{Logf: log.logf, Repair: true})
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, at := range test.lost {
				delete(want, at)
			}
			if diff := cmp.Diff(want, found.held); diff != "" {
				t.Error(diff)
			}
			if text := strings.Join(log.lines, "\n"); !strings.Contains(text, name) {
				t.Errorf("not said of %s:\n%s", name, text)
			}
			fill(t, j, found, 20, 22)
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
			again, repaired := mustOpen(t, dir, journal.Options{})
			if diff := cmp.Diff(found.held, repaired.held); diff != "" {
				t.Errorf("next time: %s", diff)
			}
			if err := again.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestOtherVersion refuses what another version wrote, with --data-dir-repair too, which would throw away all of it.
func TestOtherVersion(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	table := crc32.MakeTable(crc32.Castagnoli)
	entry := []byte("\x00clickstream emulator journal 1 format 1")
	head := binary.LittleEndian.AppendUint64(nil, uint64(len(entry)))
	head = binary.LittleEndian.AppendUint32(head, crc32.Checksum(entry, table))
	head = binary.LittleEndian.AppendUint32(head, crc32.Checksum(head, table))
	if err := os.WriteFile(filepath.Join(dir, "journal-000000000001"), append(head, entry...), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, repair := range []bool{false, true} {
		_, _, err := open(dir, journal.Options{Repair: repair})
		if err == nil || !strings.Contains(err.Error(), "journal-000000000001 was written by another version: it has format 1") {
			t.Errorf("%v", err)
		}
		if _, damaged := errors.AsType[*journal.DamageError](err); damaged {
			t.Errorf("called damaged: %v", err)
		}
	}
}

// TestRepairPutsAside keeps all of a damaged file, its end too.
func TestRepairPutsAside(t *testing.T) {
	t.Parallel()
	dir, _, last, _ := prepared(t)
	damage(t, last, func(b []byte) []byte {
		b[bytes.Index(b, []byte("note 19"))] ^= 1
		return b
	})
	before, err := os.ReadFile(last)
	if err != nil {
		t.Fatal(err)
	}
	j, _ := mustOpen(t, dir, journal.Options{Repair: true})
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	aside, err := os.ReadFile(filepath.Join(dir, "damaged-"+filepath.Base(last)))
	if err != nil || !bytes.Equal(aside, before) {
		t.Errorf("%d bytes of %d, %v", len(aside), len(before), err)
	}
}

// TestUnwrittenSectors is what a failure of the power leaves: sectors of the last entries that are zeros.
func TestUnwrittenSectors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		from    int // sector of the file
		to      int // sector that was written again; 0 is the end
		behind  bool
		message string // of the error; "" is none
	}{
		{"the end", 4, 0, false, ""},
		{"the middle of the last entry", 4, 6, false, ""},
		{"the head of the last entry", 1, 3, false, ""},
		{"an entry before another", 4, 6, true, "an entry does not have the checksum"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			const sector = 512
			dir := t.TempDir()
			j, n := mustOpen(t, dir, journal.Options{})
			first := strings.Repeat("a", sector-len("clickstream emulator journal 1 format 2")-2*17-8) // the next head is in the second sector
			if err := errors.Join(n.put(j, 1, first), n.put(j, 2, strings.Repeat("b", 10*sector))); err != nil {
				t.Fatal(err)
			}
			if test.behind {
				fill(t, j, n, 3, 4)
			}
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
			damage(t, glob(t, dir, "journal-*")[0], func(b []byte) []byte {
				to := len(b)
				if test.to > 0 {
					to = test.to * sector
				}
				clear(b[test.from*sector : to])
				return b
			})
			var log said
			again, found, err := open(dir, journal.Options{Logf: log.logf})
			if test.message != "" {
				if err == nil || !strings.Contains(err.Error(), test.message) {
					t.Errorf("%v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(map[int]string{1: first}, found.held); diff != "" {
				t.Error(diff)
			}
			if len(log.lines) != 1 || !strings.Contains(log.lines[0], "which had not reached the disk, are cut off; 1 entries are there") {
				t.Errorf("said %q", log.lines)
			}
			if err := again.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func damage(t *testing.T, name string, change func([]byte) []byte) {
	t.Helper()
	if change == nil {
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
		return
	}
	b, err := os.ReadFile(name)
	if err == nil {
		err = os.WriteFile(name, change(b), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}
