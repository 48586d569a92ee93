package emulator

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"time"

	"clickstream/emulator/internal/signature"
	"clickstream/emulator/internal/wire"
)

// auth lets only requests through that are signed by keys it knows.
type auth struct{ verifier signature.Verifier }

// By how much clients' clocks may differ.
const (
	clockSkew   = 5 * time.Minute
	clockSkewS3 = 15 * time.Minute
)

// newAuth returns nil when there are no credentials to check against.
func newAuth(credentials map[string]string, session func(string) (signature.Secret, bool)) *auth {
	if len(credentials) == 0 {
		return nil
	}
	known := maps.Clone(credentials)
	return &auth{signature.Verifier{Secret: func(key string) (signature.Secret, bool) {
		if secret, ok := known[key]; ok {
			return signature.Secret{Key: secret}, true
		}
		return session(key)
	}}}
}

// admit checks a request that is meant for a handler. It answers those that it refuses; for the others it returns where the answer is
// to be written.
func (a *auth) admit(w http.ResponseWriter, r *http.Request, handler http.Handler) (http.ResponseWriter, bool) {
	service, ok := handler.(*wire.Service)
	if !ok {
		return a.admitS3(w, r)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, wire.DefaultMaxBody))
	r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), failing{err}))
	sum := sha256.Sum256(body)
	name := service.Name
	if service.Operations == nil {
		name = "" // nobody's: the request is told so
	}
	if _, refusal := a.verify(r, hex.EncodeToString(sum[:]), name, clockSkew); refusal != nil && err == nil {
		service.Refuse(w, r, refusedBy(r, refusal))
		return nil, false
	}
	return w, true
}

// verify checks a signature, which must have been made for the service that is asked, if there is one.
func (a *auth) verify(r *http.Request, hash, service string, skew time.Duration) (*signature.Chunks, *signature.RefusedError) {
	chunks, refusal := a.verifier.Verify(r, hash, time.Now(), skew)
	if refusal != nil {
		return nil, refusal
	}
	if key, _, named := wire.Credential(r); service != "" && named != service {
		return nil, &signature.RefusedError{
			Reason: signature.Elsewhere, AccessKey: key, Detail: fmt.Sprintf("Credential should be scoped to correct service: '%s'.", service),
		}
	}
	return chunks, nil
}

// refusedBy words a refusal as a service does, by its own protocol.
func refusedBy(r *http.Request, refusal *signature.RefusedError) *wire.Error {
	codes := map[signature.Reason][2]string{ // in JSON and CBOR, and in the query protocol
		signature.Missing:    {"MissingAuthenticationTokenException", "MissingAuthenticationToken"},
		signature.Incomplete: {"IncompleteSignatureException", "IncompleteSignature"},
		signature.UnknownKey: {"UnrecognizedClientException", "InvalidClientTokenId"},
		signature.Mismatch:   {"InvalidSignatureException", "SignatureDoesNotMatch"},
		signature.Skewed:     {"InvalidSignatureException", "SignatureDoesNotMatch"},
		signature.Expired:    {"InvalidSignatureException", "SignatureDoesNotMatch"},
		signature.Unsigned:   {"InvalidSignatureException", "SignatureDoesNotMatch"},
		signature.Elsewhere:  {"InvalidSignatureException", "SignatureDoesNotMatch"},
		signature.Over:       {"ExpiredTokenException", "ExpiredToken"},
	}
	code := codes[refusal.Reason]
	if targetOf(r) == "" {
		return &wire.Error{Code: code[1], Status: http.StatusForbidden, Message: refusal.Detail}
	}
	return &wire.Error{Code: code[0], Message: refusal.Detail}
}

// admitS3 checks a request for S3, which says itself what its body is. The chunks of a body are checked as they are read.
func (a *auth) admitS3(w http.ResponseWriter, r *http.Request) (http.ResponseWriter, bool) {
	hash := r.Header.Get("X-Amz-Content-Sha256")
	if hash == "" {
		hash = "UNSIGNED-PAYLOAD"
	}
	chunks, refusal := a.verify(r, hash, "s3", clockSkewS3)
	if refusal != nil {
		refuseS3(w, refusal, r.URL.Query().Has("X-Amz-Algorithm"))
		return nil, false
	}
	body := &watchedBody{Reader: chunks.Reader(r.Body, hash), Closer: r.Body}
	r.Body = body
	return &watchedWriter{ResponseWriter: w, body: body}, true
}

// watchedBody remembers why a body was refused.
type watchedBody struct {
	io.Reader
	io.Closer
	refusal *signature.RefusedError
}

// Read reads on.
func (b *watchedBody) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if refusal, ok := errors.AsType[*signature.RefusedError](err); ok {
		b.refusal = refusal
	}
	return n, err
}

// watchedWriter writes the reason why a request's body was refused in place of what S3 makes of a body that breaks off.
type watchedWriter struct {
	http.ResponseWriter
	body    *watchedBody
	refused bool
}

// WriteHeader begins the answer.
func (w *watchedWriter) WriteHeader(status int) {
	if w.body.refusal == nil {
		w.ResponseWriter.WriteHeader(status)
		return
	}
	w.refused = true
	w.Header().Del("Content-Length")
	refuseS3(w.ResponseWriter, w.body.refusal, false)
}

// Write goes on with the answer.
func (w *watchedWriter) Write(p []byte) (int, error) {
	if w.refused {
		return len(p), nil
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap returns the writer that is watched, for [http.ResponseController].
func (w *watchedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// refuseS3 writes S3's document of an error; one word of it is another for presigned addresses.
func refuseS3(w http.ResponseWriter, refusal *signature.RefusedError, presigned bool) {
	document := struct {
		XMLName        xml.Name `xml:"Error"`
		Code           string
		Message        string
		AWSAccessKeyId string `xml:",omitempty"` //nolint:revive // the wire's name
		RequestId      string //nolint:revive // the wire's name
	}{Message: refusal.Detail, AWSAccessKeyId: refusal.AccessKey, RequestId: wire.RequestID()}
	status := http.StatusForbidden
	switch refusal.Reason {
	case signature.Missing:
		document.Code, document.Message = "AccessDenied", "Access Denied"
	case signature.Incomplete, signature.Elsewhere:
		document.Code, status = "AuthorizationHeaderMalformed", http.StatusBadRequest
		if presigned {
			document.Code = "AuthorizationQueryParametersError"
		}
	case signature.UnknownKey:
		document.Code, document.Message = "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."
	case signature.Mismatch:
		document.Code = "SignatureDoesNotMatch"
	case signature.Skewed:
		document.Code, document.Message = "RequestTimeTooSkewed", "The difference between the request time and the current time is too large."
	case signature.Expired:
		document.Code = "AccessDenied"
	case signature.Over:
		document.Code, document.Message, status = "ExpiredToken", "The provided token has expired.", http.StatusBadRequest
	case signature.Unsigned:
		document.Code, document.Message = "AccessDenied", "There were headers present in the request which were not signed"
	}
	text, err := xml.Marshal(document)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	_, _ = w.Write(append([]byte(xml.Header), text...)) // a client that left needs no answer
}
