package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Repository is a Maven repository: a folder, or an address that a Client reaches. Its methods may be called from several goroutines.
type Repository struct {
	name   string
	folder string

	client      *Client
	base        *url.URL // without credentials, without slash at the end
	credentials *url.Userinfo

	mu        sync.Mutex
	down      error     // why nothing more is asked
	failed    int       // files in a row that no attempt brought
	notBefore time.Time // the server asked for silence until then
}

// Folder returns the repository in a folder. The name is for messages.
func Folder(name, path string) *Repository { return &Repository{name: name, folder: path} }

// Remote returns the repository at an http or https address. Credentials in the address go before the given ones, which may be nil; neither
// ever gets into a message.
func Remote(client *Client, name, address string, credentials *url.Userinfo) (*Repository, error) {
	base, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("%s: its address is no URL", name) // the error of Parse shows the address, credentials and all
	}
	if base.Scheme != "http" && base.Scheme != "https" || base.Host == "" {
		return nil, fmt.Errorf("%s: its address is neither an http nor an https URL: %s", name, base.Redacted())
	}
	if base.User != nil {
		credentials, base.User = base.User, nil
	}
	base.RawQuery, base.Fragment = "", ""
	base.Path, base.RawPath = strings.TrimRight(base.Path, "/"), ""
	return &Repository{name: name, client: client, base: base, credentials: credentials}, nil
}

// String names the repository for messages.
func (r *Repository) String() string {
	if r.base != nil {
		return r.name + " (" + r.base.String() + ")"
	}
	return r.name + " (" + r.folder + ")"
}

// IsRemote tells whether the repository is reached over the network.
func (r *Repository) IsRemote() bool { return r.base != nil }

// Address returns the URL, without credentials, or the folder.
func (r *Repository) Address() string {
	if r.base != nil {
		return r.base.String()
	}
	return r.folder
}

// Read returns a file of at most limit bytes. The error for one that is not there is ErrNotFound.
func (r *Repository) Read(ctx context.Context, path string, limit int64) ([]byte, error) {
	if r.base == nil {
		return r.readFile(path, limit)
	}
	var content []byte
	err := r.retry(ctx, path, func() (progress bool, err error) {
		body, err := r.open(ctx, path, 0, "")
		if err != nil {
			return false, err
		}
		defer body.Close()
		content, err = io.ReadAll(io.LimitReader(body, limit+1))
		return false, err
	})
	if err == nil && int64(len(content)) > limit {
		err = fmt.Errorf("%s: %s is larger than %d bytes", r, path, limit)
	}
	return content, err
}

// Save fills the part with a file and verifies it: it takes up what is there if it is of the same version of the same file. The error is
// ErrNotFound where there is no such file, and ErrWrong where it is not what was wanted, several times over.
func (r *Repository) Save(ctx context.Context, path string, part *Part) error {
	if r.base == nil {
		return r.copyFile(ctx, path, part)
	}
	return r.retry(ctx, path, func() (progress bool, err error) {
		before := part.Size()
		err = r.download(ctx, path, part)
		return err != nil && part.Size() > before, err
	})
}

// download makes one attempt at a file.
func (r *Repository) download(ctx context.Context, path string, part *Part) error {
	address := r.base.String() + "/" + path
	offset, validator := int64(0), ""
	if part.origin.url == address && part.origin.validator != "" && (part.want.Size == 0 || part.size < part.want.Size) {
		offset, validator = part.size, part.origin.validator
	}
	body, err := r.open(ctx, path, offset, validator)
	if errors.Is(err, errRange) {
		return errors.Join(err, part.restart(origin{}))
	}
	if err != nil {
		return err
	}
	defer body.Close()
	if body.offset == 0 {
		if err := part.restart(origin{url: address, validator: body.validator}); err != nil {
			return err
		}
	}
	err = part.receive(body)
	if errors.Is(err, ErrWrong) {
		return errors.Join(err, part.restart(origin{})) // nothing of it is to be continued
	}
	return err
}

func (r *Repository) readFile(path string, limit int64) ([]byte, error) {
	file, err := r.openFile(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // read only
	content, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err == nil && int64(len(content)) > limit {
		err = fmt.Errorf("%s is larger than %d bytes", file.Name(), limit)
	}
	return content, err
}

func (r *Repository) copyFile(ctx context.Context, path string, part *Part) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	file, err := r.openFile(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // read only
	if err := part.Fill(file); err != nil {
		return errors.Join(fmt.Errorf("%s: %s: %w", r, path, err), part.restart(origin{}))
	}
	return nil
}

func (r *Repository) openFile(path string) (*os.File, error) {
	file, err := os.Open(filepath.Join(r.folder, filepath.FromSlash(path)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %s: %w", r, path, ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r, err)
	}
	return file, nil
}
