package wire

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
)

// protocol is how a request is written, and so its reply.
type protocol struct {
	codec
	contentType string // of the reply
	operation   string
	compatible  bool // errors carry the code of the query protocol beside their own
	rpc         bool // Smithy's RPC v2
}

const rpcType = "application/cbor"

// protocol picks how to read a request and finds the operation's name, where it has one.
func (s *Service) protocol(r *http.Request, body []byte) protocol {
	contentType := r.Header.Get("Content-Type")
	target := strings.TrimPrefix(strings.TrimPrefix(r.Header.Get("X-Amz-Target"), s.TargetPrefix), ".")
	switch {
	case s.CBOR && strings.HasPrefix(contentType, cborType):
		return protocol{codec: s.cbor, contentType: cborType, operation: target}
	case s.RPC && r.Header.Get("Smithy-Protocol") == "rpc-v2-cbor":
		return protocol{codec: rpcCodec{s.cbor}, contentType: rpcType, operation: RPCOperation(r, s.TargetPrefix), compatible: s.Namespace != "", rpc: true}
	case s.Namespace != "" && target == "":
		name := QueryAction(r, body)
		return protocol{codec: queryCodec{s.Namespace, name, s.QueryCode}, contentType: "text/xml", operation: name}
	}
	if contentType, _, _ = strings.Cut(contentType, ";"); !strings.Contains(contentType, "json") {
		contentType = "application/x-amz-json-" + s.JSONVersion
	}
	return protocol{codec: jsonCodec{}, contentType: contentType, operation: target, compatible: s.Namespace != ""}
}

// RPCOperation returns the operation of a request in Smithy's RPC v2, POST /service/NAME/operation/OPERATION, if it is one of the
// service with a name; else "".
func RPCOperation(r *http.Request, service string) string {
	operation, ok := strings.CutPrefix(r.URL.Path, "/service/"+service+"/operation/")
	if !ok {
		return ""
	}
	return operation
}

// QueryAction returns what a request of the query protocol asks for, in its address or in its body.
func QueryAction(r *http.Request, body []byte) string {
	if action := r.URL.Query().Get("Action"); action != "" {
		return action
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return ""
	}
	return form.Get("Action")
}

// rpcCodec is CBOR where no body stands for no members.
type rpcCodec struct{ cborCodec }

func (c rpcCodec) decode(body []byte, in any) error {
	if len(body) == 0 {
		return nil
	}
	return c.cborCodec.decode(body, in)
}

// refuse writes an error as the protocol has it.
func (p *protocol) refuse(b *bytes.Buffer, header http.Header, refusal *Error, s *Service) error {
	if p.compatible {
		header.Set("X-Amzn-Query-Error", codeIn(s.QueryCode, refusal.Code)+";Sender")
	}
	if query, ok := p.codec.(queryCodec); ok {
		return query.refuse(b, refusal)
	}
	return p.encode(b, refusal.body(s.ErrorType))
}
