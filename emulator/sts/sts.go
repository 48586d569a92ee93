// Package sts emulates the one operation of the AWS Security Token Service that clients need to learn whose they are:
// GetCallerIdentity, in the query protocol.
//
// API: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
// Kept: the account of the access key. Left out: roles, sessions, every other action.
package sts

import (
	"bytes"
	"encoding/xml"
	"net/http"
	"net/url"

	"clickstream/emulator/internal/wire"
)

const namespace = "https://sts.amazonaws.com/doc/2011-06-15/"

type identityResponse struct {
	XMLName   xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ GetCallerIdentityResponse"`
	Arn       string   `xml:"GetCallerIdentityResult>Arn"`
	UserID    string   `xml:"GetCallerIdentityResult>UserId"`
	Account   string   `xml:"GetCallerIdentityResult>Account"`
	RequestID string   `xml:"ResponseMetadata>RequestId"`
}

type errorResponse struct {
	XMLName   xml.Name `xml:"ErrorResponse"`
	Namespace string   `xml:"xmlns,attr"`
	Type      string   `xml:"Error>Type"`
	Code      string   `xml:"Error>Code"`
	Message   string   `xml:"Error>Message"`
	RequestID string   `xml:"RequestId"`
}

// Service answers GetCallerIdentity and refuses every other action.
type Service struct{}

// ServeHTTP answers one request of the query protocol.
func (Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	const mostBytes = 64 << 10
	form, err := formOf(http.MaxBytesReader(w, r.Body, mostBytes), r.URL.Query())
	if err != nil {
		refuse(w, "MalformedInput", "the request's form cannot be read: "+err.Error())
		return
	}
	if action := form.Get("Action"); action != "GetCallerIdentity" {
		refuse(w, "InvalidAction", "the emulator does not know the action "+action+" of sts")
		return
	}
	key, _, _ := wire.Credential(r)
	account := wire.ScopeOf(r).Account
	if key == "" || key == account {
		key = "AIDAEMULATOR"
	}
	write(w, http.StatusOK, identityResponse{
		Arn: "arn:aws:iam::" + account + ":user/clickstream", UserID: key, Account: account, RequestID: wire.RequestID(),
	})
}

// formOf merges the form of a body into the parameters of a query.
func formOf(body interface{ Read([]byte) (int, error) }, query url.Values) (url.Values, error) {
	var text bytes.Buffer
	if _, err := text.ReadFrom(body); err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(text.String())
	for name, values := range query {
		form[name] = append(form[name], values...)
	}
	return form, err
}

func refuse(w http.ResponseWriter, code, message string) {
	write(w, http.StatusBadRequest, errorResponse{Namespace: namespace, Type: "Sender", Code: code, Message: message, RequestID: wire.RequestID()})
}

func write(w http.ResponseWriter, status int, body any) {
	text, err := xml.Marshal(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(status)
	_, _ = w.Write(text) // a client that left needs no answer
}
