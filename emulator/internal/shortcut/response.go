package shortcut

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// response is the answer to one request.
type response struct {
	connection *connection
	body       *body
	header     http.Header
	status     int
	pieces     []byte // of the answer's body, until it is whole
	sent       bool
}

// Header returns the headers to be sent.
func (r *response) Header() http.Header { return r.header }

// WriteHeader sets the status, once. Those that only inform are not sent.
func (r *response) WriteHeader(status int) {
	const least, most = 100, 999
	if status < least || status > most {
		panic(fmt.Sprintf("HTTP has no status %d", status)) // as net/http's does
	}
	if r.status == 0 && status >= http.StatusOK {
		r.status = status
	}
}

// Write sends the answer if the body is whole, as its length says, and keeps it for the end of the request if not.
func (r *response) Write(p []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	if r.sent {
		return 0, http.ErrContentLength
	}
	if len(r.pieces) == 0 && r.hasBody() && r.header.Get("Content-Length") == strconv.Itoa(len(p)) {
		if err := r.send(p); err != nil {
			return 0, err
		}
		return len(p), nil
	}
	r.pieces = append(r.pieces, p...)
	return len(p), nil
}

// finish sends what is not sent yet, and passes over what the handler left of the request. After an error there is nothing more to be said on the
// connection.
func (r *response) finish() error {
	if !r.sent {
		r.WriteHeader(http.StatusOK)
		if length := r.header.Get("Content-Length"); length != "" && length != strconv.Itoa(len(r.pieces)) {
			return http.ErrContentLength // as if the answer was broken off
		}
		if r.hasBody() {
			r.header.Set("Content-Length", strconv.Itoa(len(r.pieces)))
		} else {
			r.pieces = nil
			r.header.Del("Content-Length")
		}
		if err := r.send(r.pieces); err != nil {
			return err
		}
	}
	if r.body.left == 0 {
		return nil
	}
	_, err := io.Copy(io.Discard, r.body)
	return err
}

// hasBody says whether answers of the status have a body, and a length.
func (r *response) hasBody() bool {
	return r.status != http.StatusNoContent && r.status != http.StatusNotModified
}

// send writes the whole answer.
func (r *response) send(body []byte) error {
	r.sent = true
	if r.header["Date"] == nil {
		r.header["Date"] = []string{r.connection.clock.now()}
	}
	if r.header["Content-Type"] == nil && len(body) > 0 {
		r.header.Set("Content-Type", http.DetectContentType(body))
	}
	if r.connection.server.isClosed() {
		r.header.Set("Connection", "close") // so that no client tries this one again
	}
	text := http.StatusText(r.status)
	if text == "" {
		text = "status code " + strconv.Itoa(r.status)
	}
	const usual, oneWrite = 512, 16 << 10
	var head bytes.Buffer
	head.Grow(usual + min(len(body), oneWrite))
	fmt.Fprintf(&head, "HTTP/1.1 %d %s\r\n", r.status, text)
	_ = r.header.Write(&head) // a buffer takes all
	head.WriteString("\r\n")
	if len(body) <= oneWrite {
		head.Write(body)
		_, err := r.connection.Write(head.Bytes())
		return err
	}
	pieces := net.Buffers{head.Bytes(), body}
	_, err := pieces.WriteTo(r.connection.Conn)
	return err
}

// date makes Date headers, a text for each second.
type date struct {
	second int64
	text   string
}

// now returns the time as a Date header has it.
func (d *date) now() string {
	now := time.Now()
	if second := now.Unix(); second != d.second || d.text == "" {
		d.second, d.text = second, now.UTC().Format(http.TimeFormat)
	}
	return d.text
}
