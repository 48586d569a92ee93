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
	file   *os.File
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
		file, err := lock(filepath.Join(folder, "id-"+digest(id)+".lock"))
		if errors.Is(err, filelock.ErrLocked) {
			return nil, exit.With(exit.Usage, fmt.Errorf("another daemon of application %s on this machine has the worker id %s; "+
				"stop it, or choose another workerId, or leave workerId out", settings.ApplicationName, id))
		}
		return &Identity{ID: id, file: file}, err
	}
	host, err := os.Hostname()
	if err != nil {
		return nil, fmt.Errorf("find the machine's name for the worker id; set workerId instead: %w", err)
	}
	for n := 1; n <= maxWorkers; n++ {
		file, err := lock(filepath.Join(folder, fmt.Sprintf("%d.lock", n)))
		if errors.Is(err, filelock.ErrLocked) {
			continue
		}
		return &Identity{ID: fmt.Sprintf("%s-%s-%d", host, digest(folder)[:6], n), Number: n, file: file}, err
	}
	return nil, fmt.Errorf("%d daemons of application %s run on this machine", maxWorkers, settings.ApplicationName)
}

// Release gives the id up.
func (w *Identity) Release() {
	// Closing ends the lock.
	_ = w.file.Close()
}

// lockFolder makes the folder of an application's lock files, in the user's cache folder or, without a home, in the temporary one.
func lockFolder(application string) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	folder := filepath.Join(cache, "clickstream", "workers", digest(application))
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", fmt.Errorf("make the folder of worker locks; set HOME or XDG_CACHE_HOME to a folder that can be written: %w", err)
	}
	return folder, nil
}

// lock opens a file and locks it; [filelock.ErrLocked] when another process has.
func lock(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open worker lock: %w", err)
	}
	if err := filelock.Try(file); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}
