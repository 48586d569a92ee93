package produce

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// checkFiles returns an error if one of the files that are written at the end could not be: by then there is nothing else to put their
// contents into. It leaves no file behind.
func checkFiles(spill, summary string) error {
	if spill != "" && spill == summary {
		return fmt.Errorf("--spill and --summary both name %s: give each a file of its own", spill)
	}
	if err := checkSpill(spill); err != nil {
		return err
	}
	return checkSummary(summary)
}

// checkSpill makes the file and removes it. One that is there already may hold records that nobody has sent yet.
func checkSpill(path string) error {
	if path == "" {
		return nil
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	switch {
	case errors.Is(err, fs.ErrExist):
		return fmt.Errorf("the file %s for records that are not stored is already there: send it with --input, or remove it", path)
	case err != nil:
		return unusable(path, "for records that are not stored", "--spill", err)
	}
	return errors.Join(file.Close(), os.Remove(path))
}

// checkSummary makes a file beside it and removes it, as the summary is written beside and renamed.
func checkSummary(path string) error {
	if path == "" {
		return nil
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return unusable(path, "for the summary", "--summary", errors.New("it is a folder"))
	}
	file, err := createBeside(path)
	if err != nil {
		return unusable(path, "for the summary", "--summary", err)
	}
	return errors.Join(file.Close(), os.Remove(file.Name()))
}

func unusable(path, purpose, flag string, err error) error {
	if at, ok := errors.AsType[*fs.PathError](err); ok {
		err = at.Err // without the name of a file that nobody has asked for
	}
	return fmt.Errorf("the file %s %s cannot be written: %w; give %s a file in a folder that is there and that you may write to", path, purpose, err, flag)
}

// createBeside makes a file that is to be renamed to path when it is whole.
func createBeside(path string) (*os.File, error) {
	return os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
}
