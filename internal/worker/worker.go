// Package worker gives the daemons of this machine, Go's and Java's, names under which they hold leases: stable ones, which no other daemon on
// this machine has at the same time.
package worker

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"clickstream/internal/exit"
	"clickstream/internal/filelock"
	"clickstream/properties"
)

// Identity is a worker id that no other daemon on this machine has, for as long as its file is locked. The lock ends with the process,
// however that ends, so the next daemon has the same id and takes its leases again at once.
type Identity struct {
	ID     string
	Number int // 1, 2, … of the application's on this machine; 0 where the settings name the id

	file   *os.File // locked
	holder *os.File // tells Stop which process this is
}

// maxWorkers bounds the search for a free id.
const maxWorkers = 1000

// Claim returns the worker id of the settings, or this machine's first free one for the application:
// <host>-<digest of the user's lock folder>-<n>. The digest keeps two users of one machine apart.
func Claim(settings *properties.Config) (*Identity, error) {
	folder, err := lockFolder(settings.ApplicationName)
	if err != nil {
		return nil, err
	}
	if id := settings.WorkerID; id != "" {
		w, err := claim(filepath.Join(folder, named(id)), id, 0)
		if errors.Is(err, filelock.ErrLocked) {
			return nil, exit.With(exit.Usage, fmt.Errorf("another daemon of application %s on this machine has the worker id %s; "+
				"stop it, or choose another workerId, or leave workerId out", settings.ApplicationName, id))
		}
		return w, err
	}
	host, err := os.Hostname()
	if err != nil {
		return nil, fmt.Errorf("find the machine's name for the worker id; set workerId instead: %w", err)
	}
	for n := 1; n <= maxWorkers; n++ {
		w, err := claim(filepath.Join(folder, fmt.Sprintf("%d.lock", n)), fmt.Sprintf("%s-%s-%d", host, digest(folder)[:6], n), n)
		if errors.Is(err, filelock.ErrLocked) {
			continue
		}
		return w, err
	}
	return nil, fmt.Errorf("%d daemons of application %s run on this machine", maxWorkers, settings.ApplicationName)
}

// Lock returns the locked file. A process that is given it keeps the lock, where [filelock.Inherited] says so.
func (w *Identity) Lock() *os.File { return w.file }

// Release gives the id up.
func (w *Identity) Release() {
	// The lock's end is last: whoever locks the file then holds the other.
	_ = w.holder.Close()
	_ = w.file.Close()
}

// lockFolder makes the folder of an application's lock files.
func lockFolder(application string) (string, error) {
	folder := folderOf(application)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", fmt.Errorf("make the folder of worker locks; set HOME or XDG_CACHE_HOME to a folder that can be written: %w", err)
	}
	return folder, nil
}

// folderOf names the folder of an application's lock files, in the user's cache folder or, without a home, in the temporary one.
func folderOf(application string) string {
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	return filepath.Join(cache, "clickstream", "workers", digest(application))
}

// named names the lock file of a worker id that the settings name.
func named(id string) string { return "id-" + digest(id) + ".lock" }

// claim locks the file of an id; [filelock.ErrLocked] when another process has.
func claim(path, id string, number int) (*Identity, error) {
	file, err := open(path)
	if err != nil {
		return nil, err
	}
	if err := filelock.Try(file); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	// A second file, since whoever closes any descriptor of it no longer holds it.
	holder, err := open(path + holderSuffix)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	// Where the file system cannot do that, Stop says that it cannot tell which process it is.
	_ = filelock.Hold(holder)
	return &Identity{ID: id, Number: number, file: file, holder: holder}, nil
}

// holderSuffix is what the name of a file that its process holds has behind that of the locked one.
const holderSuffix = ".holder"

func open(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open worker lock: %w", err)
	}
	return file, nil
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}
