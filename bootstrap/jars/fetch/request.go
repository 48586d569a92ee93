package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// body is a file, or the rest of it from offset on, on its way.
type body struct {
	offset    int64
	validator string // what If-Range takes; empty where the server gives nothing that is good for it

	response *http.Response
	stall    *time.Timer
	cancel   context.CancelCauseFunc
	ctx      context.Context
}

var errStalled = fmt.Errorf("no byte came for %s", stallTimeout)

// open asks for a file, from offset on if it still is the version of the validator.
func (r *Repository) open(ctx context.Context, path string, offset int64, validator string) (*body, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.base.String()+"/"+path, nil)
	if err != nil {
		cancel(nil)
		return nil, &failure{err: err, final: true}
	}
	if r.credentials != nil {
		password, _ := r.credentials.Password()
		request.SetBasicAuth(r.credentials.Username(), password)
	}
	request.Header.Set("User-Agent", "clickstream")
	if offset > 0 {
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-", offset))
		request.Header.Set("If-Range", validator)
	}
	response, err := r.client.http.Do(request) //nolint:bodyclose // body.Close closes it
	if err != nil {
		err = cause(ctx, err)
		cancel(nil)
		return nil, err
	}
	b := &body{response: response, cancel: cancel, ctx: ctx, validator: validatorOf(response.Header)}
	b.stall = time.AfterFunc(stallTimeout, func() { cancel(errStalled) })
	if b.offset, err = b.start(offset); err != nil {
		_, _ = io.CopyN(io.Discard, b, 32<<10) // a short page of an error is read, so that the connection stays
		b.Close()
		return nil, err
	}
	return b, nil
}

// start returns where the body starts: a server may send the whole file instead of the rest that it was asked for.
func (b *body) start(offset int64) (int64, error) {
	switch b.response.StatusCode {
	case http.StatusOK:
		return 0, nil
	case http.StatusPartialContent:
		if strings.HasPrefix(b.response.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-", offset)) && offset > 0 {
			return offset, nil
		}
		return 0, &failure{err: errors.New("it sent another part of the file than it was asked for"), final: true}
	case http.StatusRequestedRangeNotSatisfiable:
		return 0, errRange
	}
	return 0, refusal(b.response, time.Now())
}

// errRange says that the file has no such bytes any more: it has to be fetched from its start.
var errRange = errors.New("the file got shorter")

// validatorOf returns a strong entity tag, or else the time of the last change.
func validatorOf(header http.Header) string {
	if tag := header.Get("ETag"); tag != "" && !strings.HasPrefix(tag, "W/") {
		return tag
	}
	return header.Get("Last-Modified")
}

// Read reads on; silence of stallTimeout ends it.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.response.Body.Read(p)
	b.stall.Reset(stallTimeout)
	if err != nil && !errors.Is(err, io.EOF) {
		err = cause(b.ctx, err)
	}
	return n, err
}

// Close gives the connection back, or ends it when the file is not read to its end.
func (b *body) Close() {
	b.stall.Stop()
	_ = b.response.Body.Close() // only read from
	b.cancel(nil)
}
