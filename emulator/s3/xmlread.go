package s3

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
)

// maxDepth is how deep elements of a request may be nested.
const maxDepth = 16

// node is an element of a request's XML document. Namespaces and attributes
// are read over.
type node struct {
	name     string
	text     string // character data; of elements with children, white space
	children []*node
}

// readXML reads a request's document, whose root must be called root.
func (rq *request) readXML(root string) (*node, error) {
	text, err := rq.readDocument()
	if err != nil {
		return nil, err
	}
	n, err := parseXML(text)
	if err != nil {
		return nil, err
	}
	if n.name != root {
		return nil, errMalformedXML
	}
	return n, nil
}

// parseXML makes a tree of a document.
func parseXML(text []byte) (*node, error) {
	decoder := xml.NewDecoder(bytes.NewReader(text))
	top := &node{}
	open := []*node{top}
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) && len(open) == 1 && len(top.children) == 1 {
			return top.children[0], nil
		}
		if err != nil || len(open) > maxDepth {
			return nil, errMalformedXML
		}
		switch token := token.(type) {
		case xml.StartElement:
			n := &node{name: token.Name.Local}
			parent := open[len(open)-1]
			parent.children = append(parent.children, n)
			open = append(open, n)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			open[len(open)-1].text += string(token)
		}
	}
}

// child gives the first child of that name, nil when there is none. It works
// on nil too, so that paths can be followed without looking at each step.
func (n *node) child(name string) *node {
	if n == nil {
		return nil
	}
	for _, c := range n.children {
		if c.name == name {
			return c
		}
	}
	return nil
}

// value gives the text of a child without the white space around it.
func (n *node) value(name string) string {
	c := n.child(name)
	if c == nil {
		return ""
	}
	return strings.TrimSpace(c.text)
}

// number gives a child's text as a number.
func (n *node) number(name string) (int, bool) {
	v, err := strconv.Atoi(n.value(name))
	return v, err == nil
}

// all lists the children of that name.
func (n *node) all(name string) []*node {
	if n == nil {
		return nil
	}
	var found []*node
	for _, c := range n.children {
		if c.name == name {
			found = append(found, c)
		}
	}
	return found
}

// appendTo writes the element and what is in it.
func (n *node) appendTo(x *xmlWriter) {
	x.open(n.name)
	for _, c := range n.children {
		c.appendTo(x)
	}
	if len(n.children) == 0 {
		x.buf = appendEscaped(x.buf, n.text)
	}
	x.close(n.name)
}

// document writes the tree as a document of S3's namespace.
func (n *node) document() []byte {
	x := newXML()
	x.root(n.name)
	for _, c := range n.children {
		c.appendTo(x)
	}
	x.close(n.name)
	return x.buf
}
