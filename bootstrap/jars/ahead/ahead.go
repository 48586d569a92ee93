// Package ahead digests the daemon's jars while the program still starts. Before main, Go initialises all packages one after the other on one
// core, which takes 3 ms, a quarter of a start of bootstrap with all jars there: most of it goes to the AWS SDK. This package imports nothing
// that package os does not, so that it is among the first, and gives the jars to the other cores meanwhile. Only the program clickstream has
// that done, which imports package start: another program that imports bootstrap begins nothing.
//
// It only begins early what has to be done anyway: what nobody takes from here, or is not the file that is asked for, is for nothing.
package ahead

import (
	"os"
	"slices"
	"sync"
	"sync/atomic"

	"clickstream/bootstrap/jars/blake3"
)

// maxFile bounds what is read on suspicion, in bytes: no jar of the daemon is larger.
const maxFile = 8 << 20

// Digest is that of one file. A goroutine is at work on it, or was.
type Digest struct {
	done chan struct{}
	size int64
	hex  string
	err  error
}

// Wait returns the file's size in bytes and its BLAKE3 in hexadecimal digits.
func (d *Digest) Wait() (size int64, hex string, err error) {
	<-d.done
	return d.size, d.hex, d.err
}

// Work is what one start has begun.
type Work struct {
	crew crew

	mu    sync.Mutex
	taken bool
	rest  []string // paths
	begun map[string]*Digest
}

// started is what was begun before main, until it is taken.
var started atomic.Pointer[Work] //nolint:gochecknoglobals // there is one such time

// Begin begins with the jars that the program's own arguments ask for. It is for package start.
func Begin() bool {
	here := thisCore()
	started.Store(Start(os.Args, func() []int { return cores(here) }))
	return true
}

// Take returns the digests that are made or under way, by the files' paths, and has no more begun. They are given once, as files change. With
// them comes a way to do something on all cores at once, which has to be used, once: it returns when all calls of its function have.
func Take() (begun map[string]*Digest, everywhere func(do func())) {
	if work := started.Swap(nil); work != nil {
		return work.Take()
	}
	return nil, byAnybody
}

// Take is the function Take for this work.
func (w *Work) Take() (begun map[string]*Digest, everywhere func(do func())) {
	w.mu.Lock()
	defer w.mu.Unlock()
	begun = w.begun
	w.taken, w.rest, w.begun = true, nil, nil
	return begun, w.crew.everywhere
}

// Start begins to digest the jars in the folder that the arguments of a bootstrap command name, on all cores but the last. Each worker ends with
// the file that it is at when the work is taken. Other arguments begin nothing, and nor does a machine without cores for it.
func Start(args []string, cores func() []int) *Work {
	w := &Work{begun: make(map[string]*Digest)}
	dir := folder(args)
	if dir == "" {
		cores = func() []int { return nil }
	}
	w.crew.start(cores, func() { w.find(dir) }, w.run)
	return w
}

// folder returns the folder of jars by the arguments of the program; empty where they are not bootstrap's own, since the commands below it read
// no jars, or not at once, and where it is not an absolute path.
func folder(args []string) string {
	if len(args) < 2 || args[1] != "bootstrap" || len(args) > 2 && (args[2] == "" || args[2][0] != '-') {
		return ""
	}
	if slices.Contains(args, "--stop") || slices.Contains(args, "-stop") {
		return "" // which runs no daemon
	}
	dir, named := jarPath(args[2:])
	switch {
	case !named:
		dir, _ = Cache() // none where there is none
	case dir == "" || !os.IsPathSeparator(dir[0]):
		return ""
	}
	return dir
}

// jarPath returns the value of the flag that names the folder.
func jarPath(args []string) (dir string, named bool) {
	for i, arg := range args {
		name, value, given := cut(arg)
		if name != "c" && name != "jar-path" {
			continue
		}
		if !given && i+1 < len(args) {
			value = args[i+1]
		}
		return value, true
	}
	return "", false
}

// cut returns a flag's name and the value behind it; an empty name where it is no flag.
func cut(arg string) (name, value string, given bool) {
	hyphens := 0
	for hyphens < len(arg) && arg[hyphens] == '-' {
		hyphens++
	}
	name = arg[hyphens:]
	if hyphens == 0 {
		return "", "", false
	}
	if at := slices.Index([]byte(name), '='); at >= 0 {
		return name[:at], name[at+1:], true
	}
	return name, "", false
}

// Cache returns the folder for jars in the user's cache directory.
func Cache() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return cache + separator + "clickstream" + separator + "jars", nil
}

const separator = string(os.PathSeparator)

// find looks what is in the folder. What cannot be read is for those who need it to say.
func (w *Work) find(dir string) {
	entries, _ := os.ReadDir(dir) // as far as it can be read
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.taken {
		return
	}
	for _, entry := range entries {
		if entry.Type().IsRegular() && isJar(entry.Name()) {
			w.rest = append(w.rest, dir+separator+entry.Name())
		}
	}
}

func isJar(name string) bool {
	const end = ".jar"
	return len(name) > len(end) && name[len(name)-len(end):] == end
}

// run digests one file after the other.
func (w *Work) run() {
	blake := blake3.New()
	for file, digest := w.next(); digest != nil; file, digest = w.next() {
		digest.size, digest.hex, digest.err = blake.File(file)
		_ = file.Close() // read only
		close(digest.done)
	}
}

// next begins a file; nil where there is none left.
func (w *Work) next() (*blake3.File, *Digest) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.rest) > 0 {
		path := w.rest[0]
		w.rest = w.rest[1:]
		file, err := blake3.Open(path)
		if err != nil {
			continue
		}
		if file.Size() <= maxFile {
			digest := &Digest{done: make(chan struct{})}
			w.begun[path] = digest
			return file, digest
		}
		_ = file.Close() // read only
	}
	return nil, nil
}
