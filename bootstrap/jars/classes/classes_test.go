package classes_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"clickstream/bootstrap/jars/classes"
)

// classFile makes a class file. It refers to the uses as superclass, in a descriptor and in the type of an array; it holds strings.
func classFile(name string, uses []string, literals ...string) []byte {
	var pool bytes.Buffer
	count := uint16(1)
	text := func(s string) uint16 {
		pool.WriteByte(1)
		_ = binary.Write(&pool, binary.BigEndian, uint16(len(s)))
		pool.WriteString(s)
		count++
		return count - 1
	}
	constant := func(tag byte, values ...uint16) uint16 {
		pool.WriteByte(tag)
		_ = binary.Write(&pool, binary.BigEndian, values)
		count++
		return count - 1
	}
	this := constant(7, text(name))
	pool.Write([]byte{5, 0, 0, 0, 0, 0, 0, 0, 9}) // a long takes two places
	count += 2
	super := this
	var descriptors []uint16
	for i, use := range uses {
		switch i % 3 {
		case 0:
			super = constant(7, text(use))
		case 1:
			constant(12, text("method"), text("(I[L"+use+";)V"))
		case 2:
			descriptors = append(descriptors, text("[[L"+use+";"))
		}
	}
	for _, literal := range literals {
		constant(8, text(literal))
	}
	var out bytes.Buffer
	write := func(values ...any) {
		for _, value := range values {
			_ = binary.Write(&out, binary.BigEndian, value)
		}
	}
	write(uint32(0xCAFEBABE), uint32(52), count, pool.Bytes(), uint16(1), this, super, uint16(0), uint16(len(descriptors)))
	for _, descriptor := range descriptors {
		write(uint16(0), uint16(1), descriptor, uint16(1), uint16(1), uint32(3), []byte("xyz")) // with an attribute
	}
	write(uint16(0), uint16(0))
	return out.Bytes()
}

// jar writes a jar of these files and reads it.
func jar(t *testing.T, files map[string][]byte) *classes.Jar {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.jar")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	archive := zip.NewWriter(file)
	for name, content := range files {
		entry, err := archive.Create(name)
		if err == nil {
			_, err = entry.Write(content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(archive.Close(), file.Close()); err != nil {
		t.Fatal(err)
	}
	read, err := classes.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	return read
}

func class(name string, uses ...string) map[string][]byte {
	return map[string][]byte{name + ".class": classFile(name, uses)}
}

func TestNeeded(t *testing.T) {
	t.Parallel()
	jars := []*classes.Jar{
		jar(t, map[string][]byte{"a/Main.class": classFile("a/Main", []string{"b/Super", "c/Parameter", "d/Field"}, "e.Named", "no class", "a.b")}),
		jar(t, class("b/Super", "b/Super")),
		jar(t, class("c/Parameter", "f/Far")),
		jar(t, class("d/Field")),
		jar(t, class("e/Named")),
		jar(t, class("f/Far")),
		jar(t, map[string][]byte{"META-INF/services/a.Main": []byte("g.Provider"), "g/Provider.class": classFile("g/Provider", []string{"a/Main"})}),
		jar(t, class("h/Unused", "a/Main")),
		jar(t, map[string][]byte{"META-INF/versions/9/module-info.class": []byte("none"), "META-INF/versions/9/i/New.class": classFile("i/New", nil)}),
	}
	all := func(int, int) bool { return true }
	for name, test := range map[string]struct {
		rules classes.Rules
		want  string
	}{
		"all references":       {classes.Rules{Follow: all, Loose: func(int) bool { return true }}, "0 1 2 3 4 5 6"},
		"only what is linked":  {classes.Rules{Follow: all, Loose: func(int) bool { return false }}, "0 1 2 3 5"},
		"some count for none":  {classes.Rules{Follow: func(from, _ int) bool { return from != 2 }, Loose: func(int) bool { return false }}, "0 1 2 3"},
		"some are not counted": {classes.Rules{Follow: func(_, to int) bool { return to != 1 }, Loose: func(i int) bool { return i == 4 }}, "0 2 3 4 5"},
	} {
		var got []string
		for i, needed := range classes.Needed(jars, test.rules) {
			if needed {
				got = append(got, fmt.Sprint(i))
			}
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("%s: needed are %v, want %s", name, got, test.want)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	whole := classFile("a/Main", []string{"b/Super", "c/Parameter", "d/Field"}, "text")
	for name, content := range map[string][]byte{
		"no class": []byte("PK"), "cut": whole[:len(whole)/2], "cut in a field": whole[:len(whole)-12],
		"unknown constant": slices.Concat(whole[:10], []byte{99}, whole[11:]),
	} {
		path := filepath.Join(t.TempDir(), "a.jar")
		var file bytes.Buffer
		archive := zip.NewWriter(&file)
		entry, err := archive.Create("a/Main.class")
		if err == nil {
			_, err = entry.Write(content)
		}
		if err := errors.Join(err, archive.Close(), os.WriteFile(path, file.Bytes(), 0o600)); err != nil {
			t.Fatal(err)
		}
		if _, err := classes.Read(path); err == nil || !strings.Contains(err.Error(), "a/Main.class in "+path) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if _, err := classes.Read(filepath.Join(t.TempDir(), "none.jar")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no jar: %v", err)
	}
}
