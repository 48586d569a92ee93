package fetch

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"clickstream/bootstrap/jars/blake3"
)

// Want is what a file must be.
type Want struct {
	Size   int64  // in bytes; 0: not known
	SHA256 string // in lower-case hexadecimal digits; empty: not known
	BLAKE3 string // the same
}

// Part is a file under way: it grows beside its place, under another name, and gets its own name only when it is whole, what was wanted, and
// on the disk. What a process that ended early leaves is taken up by the next one. A Part is for one goroutine, and one process at a time.
type Part struct {
	path     string
	want     Want
	progress func(delta int64)

	file   *os.File
	hash   hash.Hash
	blake3 *blake3.Digest // nil where none is wanted
	size   int64
	origin origin
}

// origin says where the bytes so far came from: only the same version of the same file may be continued.
type origin struct{ url, validator string }

// ErrWrong says that a file is whole and not what was wanted.
var ErrWrong = errors.New("wrong content")

// OpenPart begins or takes up the file that will be at path. Progress takes the number of bytes that came, or less than zero for bytes that
// were in vain; it may be nil.
func OpenPart(path string, want Want, progress func(delta int64)) (*Part, error) {
	if progress == nil {
		progress = func(int64) {}
	}
	p := &Part{path: path, want: want, progress: progress, hash: sha256.New()}
	if want.BLAKE3 != "" {
		p.blake3 = blake3.New()
	}
	file, err := os.OpenFile(p.name(), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	p.file = file
	if p.size, err = io.Copy(digests{p}, file); err != nil {
		return nil, errors.Join(fmt.Errorf("take up %s: %w", p.name(), err), file.Close())
	}
	p.origin = readOrigin(p.originName())
	progress(p.size)
	return p, nil
}

// name holds what is wanted too, as another lock may want other bytes under the same name.
func (p *Part) name() string {
	dir, base := filepath.Split(p.path)
	return filepath.Join(dir, ".clickstream-"+base+"-"+fmt.Sprintf("%.12s", p.want.SHA256)+".part")
}

func (p *Part) originName() string { return p.name() + ".from" }

func readOrigin(name string) origin {
	text, err := os.ReadFile(name)
	if err != nil {
		return origin{}
	}
	url, validator, ok := strings.Cut(string(text), "\n")
	validator, ended := strings.CutSuffix(validator, "\n")
	if !ok || !ended || strings.ContainsAny(validator, "\r\n") {
		return origin{}
	}
	return origin{url: url, validator: validator}
}

// restart drops all bytes and notes where the next ones come from.
func (p *Part) restart(from origin) error {
	if err := p.file.Truncate(0); err != nil {
		return err
	}
	if _, err := p.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	p.progress(-p.size)
	p.size, p.origin = 0, from
	p.hash.Reset()
	if p.blake3 != nil {
		p.blake3.Reset()
	}
	if from.validator == "" {
		return nil // nobody can take it up
	}
	return os.WriteFile(p.originName(), []byte(from.url+"\n"+from.validator+"\n"), 0o644)
}

// Write appends to the file. More bytes than wanted are an ErrWrong.
func (p *Part) Write(b []byte) (int, error) {
	if p.want.Size > 0 && p.size+int64(len(b)) > p.want.Size {
		return 0, fmt.Errorf("%w: more than %d bytes", ErrWrong, p.want.Size)
	}
	n, err := p.file.Write(b)
	_, _ = digests{p}.Write(b[:n]) // never fails
	p.size += int64(n)
	p.progress(int64(n))
	return n, err
}

// digests takes bytes into the part's digests alone.
type digests struct{ part *Part }

func (d digests) Write(b []byte) (int, error) {
	if d.part.blake3 != nil {
		_, _ = d.part.blake3.Write(b) // never fails
	}
	return d.part.hash.Write(b)
}

// Size returns how many bytes are there.
func (p *Part) Size() int64 { return p.size }

// SHA256 returns the digest of the bytes that are there.
func (p *Part) SHA256() string { return hex.EncodeToString(p.hash.Sum(nil)) }

// verify compares the bytes with what is wanted.
func (p *Part) verify() error {
	if p.want.Size > 0 && p.size != p.want.Size {
		return fmt.Errorf("%w: %d bytes instead of %d", ErrWrong, p.size, p.want.Size)
	}
	if sum := p.SHA256(); p.want.SHA256 != "" && sum != p.want.SHA256 {
		return fmt.Errorf("%w: SHA-256 %s instead of %s", ErrWrong, sum, p.want.SHA256)
	}
	if p.blake3 != nil {
		if digest := p.blake3.Hex(); digest != p.want.BLAKE3 {
			return fmt.Errorf("%w: BLAKE3 %s instead of %s", ErrWrong, digest, p.want.BLAKE3)
		}
	}
	return nil
}

// receive appends what comes, up to the end of the file, and verifies the whole. Bytes are only in vain when the error is ErrWrong.
func (p *Part) receive(b *body) error {
	length := b.response.ContentLength
	if length >= 0 && p.want.Size > 0 && b.offset+length != p.want.Size {
		return fmt.Errorf("%w: %d bytes instead of %d", ErrWrong, b.offset+length, p.want.Size)
	}
	if err := p.take(b); err != nil {
		return err
	}
	if p.size < p.want.Size {
		return fmt.Errorf("%w after %d of %d bytes", io.ErrUnexpectedEOF, p.size, p.want.Size)
	}
	return p.verify()
}

// Fill takes the file from a reader that holds all of it, in place of what is there, and verifies it.
func (p *Part) Fill(r io.Reader) error {
	if err := p.restart(origin{}); err != nil {
		return err
	}
	if err := p.take(r); err != nil {
		return err
	}
	return p.verify()
}

// Commit verifies the file, writes it to the disk and gives it its name, in place of what has it. The folder is for the caller to sync.
// However it ends, the Part is closed.
func (p *Part) Commit() error {
	if err := errors.Join(p.verify(), p.file.Sync(), p.file.Close()); err != nil {
		return err
	}
	if err := removeIfThere(p.originName()); err != nil {
		return err
	}
	return os.Rename(p.name(), p.path) // the last step: whoever is killed before leaves a part, and after it nothing but the file
}

// Whole tells whether the file is known to be what is wanted already, as when a process ended just before it gave the file its name.
func (p *Part) Whole() bool { return p.want.SHA256 != "" && p.verify() == nil }

// Close leaves the file for the next one to take up.
func (p *Part) Close() error {
	if p.size > 0 && p.origin.validator != "" {
		return p.file.Close()
	}
	return errors.Join(p.file.Close(), os.Remove(p.name()), removeIfThere(p.originName()))
}

func removeIfThere(name string) error {
	if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

const (
	// block is what a file is written by, in bytes, where it comes fast enough. The system keeps in one piece what is written at once: the start
	// that follows reads the jars in two thirds of the time that it takes where they were written as they came.
	block = 128 << 10
	// blockTime is how long bytes may wait for others, so that little is lost when the process is killed on a slow line.
	blockTime = time.Second
)

// take appends all that r holds.
func (p *Part) take(r io.Reader) error {
	buffer := make([]byte, block)
	for {
		n, end := fill(buffer[:block-p.size%block], r)
		if n > 0 {
			if _, err := p.Write(buffer[:n]); err != nil {
				return err
			}
		}
		switch {
		case errors.Is(end, io.EOF):
			return nil
		case end != nil:
			return end
		}
	}
}

// fill reads until the buffer is full, or for blockTime.
func fill(buffer []byte, r io.Reader) (n int, err error) {
	for start := time.Now(); n < len(buffer) && err == nil && time.Since(start) < blockTime; {
		var more int
		more, err = r.Read(buffer[n:])
		n += more
	}
	return n, err
}
