package maven

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// MaxFile bounds POMs and settings: the largest POMs of Maven Central are a few hundred kilobytes.
const MaxFile = 4 << 20

// unmarshal reads a document with this root element. Namespaces do not matter, as old POMs have none.
func unmarshal(text []byte, root string, into any) error {
	if len(text) > MaxFile {
		return fmt.Errorf("larger than %d bytes", MaxFile)
	}
	decoder := xml.NewDecoder(bytes.NewReader(text))
	decoder.CharsetReader = latin1
	decoder.Entity = xml.HTMLEntity // old POMs have &oslash; and the like in names
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return fmt.Errorf("no element %s", root)
		}
		if err != nil {
			return err
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if start.Name.Local != root {
			return fmt.Errorf("the root element is %s, not %s", start.Name.Local, root)
		}
		return decoder.DecodeElement(into, &start)
	}
}

// latin1 reads the encodings that old POMs declare besides UTF-8.
func latin1(charset string, in io.Reader) (io.Reader, error) {
	switch strings.ToLower(charset) {
	case "us-ascii", "ascii":
		return in, nil
	case "iso-8859-1", "iso-8859-15", "latin1", "windows-1252", "cp1252":
		return &latin1Reader{in: in}, nil
	}
	return nil, fmt.Errorf("encoding %.40q is not supported", charset)
}

// latin1Reader makes UTF-8 of ISO-8859-1. The few characters that its relatives have elsewhere come in no coordinates.
type latin1Reader struct {
	in      io.Reader
	pending []byte
}

func (r *latin1Reader) Read(p []byte) (int, error) {
	if len(r.pending) == 0 {
		var raw [512]byte
		n, err := r.in.Read(raw[:])
		for _, b := range raw[:n] {
			r.pending = append(r.pending, string(rune(b))...)
		}
		if n == 0 {
			return 0, err
		}
	}
	n := copy(p, r.pending)
	r.pending = r.pending[n:]
	return n, nil
}
