package bootstrap

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"
)

// folder makes the folder for the files of one daemon: its settings, its class path, its log configuration. name is what no other daemon on
// this machine has.
func folder(name string) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	sum := sha256.Sum256([]byte(name))
	dir := filepath.Join(cache, "clickstream", "bootstrap", hex.EncodeToString(sum[:6]))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make a folder for the daemon's files; set HOME or XDG_CACHE_HOME to a folder that can be written: %w", err)
	}
	return dir, nil
}

// writeFile puts a file in place whole: a daemon that starts at this moment reads the one before it or this one. One that
// is there already, as most are at every start but the first, is left alone.
func writeFile(dir, name string, text []byte) (path string, err error) {
	path = filepath.Join(dir, name)
	if there, err := os.ReadFile(path); err == nil && bytes.Equal(there, text) {
		return path, nil
	}
	file, err := os.CreateTemp(dir, name+".*")
	if err != nil {
		return "", fmt.Errorf("write the daemon's %s: %w", name, err)
	}
	_, err = file.Write(text)
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return "", errors.Join(fmt.Errorf("write the daemon's %s: %w", name, err), os.Remove(file.Name()))
	}
	return path, nil
}

// withoutSpace returns a path that has no white space in it: path itself, or a link to it in dir.
func withoutSpace(path, dir string) (string, error) {
	if !hasSpace(path) {
		return path, nil
	}
	const why = "the Java daemon splits executableName at white space, and %s has some: "
	if hasSpace(dir) {
		return "", fmt.Errorf(why+"move it, or set XDG_CACHE_HOME to a folder without, where a link to it can be made", path)
	}
	sum := sha256.Sum256([]byte(path))
	name := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return '_'
		}
		return r
	}, filepath.Base(path))
	link := filepath.Join(dir, hex.EncodeToString(sum[:6])+"-"+name)
	if there, err := os.Readlink(link); err == nil && there == path {
		return link, nil
	}
	err := os.Remove(link)
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		err = os.Symlink(path, link)
	}
	if err != nil {
		return "", fmt.Errorf(why+"a link to it could not be made (%w); move it", path, err)
	}
	return link, nil
}
