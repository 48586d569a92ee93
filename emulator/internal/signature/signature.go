// Package signature checks Signature Version 4, by which AWS knows who makes a request: in the Authorization header, in the query of
// a presigned address, and chunk by chunk in a body of the encoding aws-chunked.
//
// The rules: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
package signature

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Reason says what is wrong with a signature.
type Reason int

// The reasons, which every service names in its own words.
const (
	Missing    Reason = iota + 1 // there is no signature
	Incomplete                   // a part is missing or has not the right form
	UnknownKey                   // nobody has the access key, or the session's token is another
	Mismatch                     // the signature is that of another request or of another secret
	Skewed                       // the request's time is too far from now
	Expired                      // a presigned address is not good any more
	Unsigned                     // a header that has to be signed is not
	Elsewhere                    // the signature is good, but for another service
	Over                         // the key's session has ended
)

// RefusedError is the error of a signature that does not hold.
type RefusedError struct {
	Reason    Reason
	AccessKey string
	Detail    string // for a person
}

// Error returns the detail.
func (r *RefusedError) Error() string { return r.Detail }

func refuse(reason Reason, key, format string, args ...any) *RefusedError {
	return &RefusedError{Reason: reason, AccessKey: key, Detail: fmt.Sprintf(format, args...)}
}

const (
	algorithm  = "AWS4-HMAC-SHA256"
	terminator = "aws4_request"
	timeFormat = "20060102T150405Z"
	dateHeader = "X-Amz-Date"
)

// Verifier knows keys. Its zero value knows none.
type Verifier struct {
	// Secret returns what belongs to an access key, if anybody has it.
	Secret func(accessKey string) (Secret, bool)
}

// Secret is what belongs to an access key.
type Secret struct {
	Key   string // the secret access key
	Token string // of the session whose keys these are, "" when they are nobody's but their owner's
	Over  bool   // the session has ended
}

// signed is what a request says about its signature.
type signed struct {
	key       string
	scope     string // date/region/service/aws4_request
	headers   []string
	signature string
	at        time.Time
	token     string
	presigned bool
	life      time.Duration // of a presigned address
}

// Verify checks a request, whose body has the SHA-256 that payloadHash says in hexadecimal or in the words that S3 has for bodies
// that are not signed as a whole. skew is how far its time may be from now. What it returns for good signatures checks the body's
// chunks.
func (v *Verifier) Verify(r *http.Request, payloadHash string, now time.Time, skew time.Duration) (*Chunks, *RefusedError) {
	s, refusal := parse(r)
	if refusal != nil {
		return nil, refusal
	}
	if refusal := s.checkHeaders(r); refusal != nil {
		return nil, refusal
	}
	if refusal := s.checkTime(now, skew); refusal != nil {
		return nil, refusal
	}
	secret, ok := v.Secret(s.key)
	if !ok || secret.Token != "" && subtle.ConstantTimeCompare([]byte(secret.Token), []byte(s.token)) != 1 {
		return nil, refuse(UnknownKey, s.key, "The security token included in the request is invalid.")
	}
	if secret.Over {
		return nil, refuse(Over, s.key, "The security token included in the request is expired")
	}
	key := signingKey(secret.Key, s.scope)
	canonical := sha256.Sum256([]byte(canonicalRequest(r, s, payloadHash)))
	want := hmacHex(key, algorithm+"\n"+s.stamp()+"\n"+s.scope+"\n"+hex.EncodeToString(canonical[:]))
	if subtle.ConstantTimeCompare([]byte(want), []byte(s.signature)) != 1 {
		return nil, refuse(Mismatch, s.key, "The request signature we calculated does not match the signature you provided. "+
			"Check your AWS Secret Access Key and signing method. Consult the service documentation for details.")
	}
	return &Chunks{key: key, accessKey: s.key, prefix: s.stamp() + "\n" + s.scope + "\n", previous: s.signature}, nil
}

func (s *signed) stamp() string { return s.at.Format(timeFormat) }

// checkHeaders refuses a signature that leaves out what has to be signed: the host, and all headers of AWS's own, which say what is to
// be done.
func (s *signed) checkHeaders(r *http.Request) *RefusedError {
	const own = "X-Amz-"
	covered := map[string]bool{}
	for _, name := range s.headers {
		if name == "" || strings.ContainsAny(name, "=/ ") {
			return refuse(Incomplete, s.key, "SignedHeaders holds %q, which is no name of a header.", name)
		}
		covered[http.CanonicalHeaderKey(name)] = true
	}
	if !covered["Host"] && !slices.Contains(s.headers, ":authority") {
		return refuse(Unsigned, s.key, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
	}
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		if strings.HasPrefix(name, own) && !covered[name] {
			return refuse(Unsigned, s.key, "'%s' must be a 'SignedHeader' in the AWS Authorization.", name)
		}
	}
	return nil
}

func (s *signed) checkTime(now time.Time, skew time.Duration) *RefusedError {
	early, late := now.Add(-skew).UTC(), now.Add(skew).UTC()
	switch {
	case s.presigned && now.After(s.at.Add(s.life)):
		return refuse(Expired, s.key, "Request has expired")
	case s.presigned && s.at.After(late):
		return refuse(Expired, s.key, "Request is not valid yet")
	case s.presigned:
		return nil
	case s.at.Before(early):
		return refuse(Skewed, s.key, "Signature expired: %s is now earlier than %s (%s - %d min.)", s.stamp(), early.Format(timeFormat), now.UTC().Format(timeFormat), int(skew.Minutes()))
	case s.at.After(late):
		return refuse(Skewed, s.key, "Signature not yet current: %s is still later than %s (%s + %d min.)", s.stamp(), late.Format(timeFormat), now.UTC().Format(timeFormat), int(skew.Minutes()))
	}
	return nil
}

// parse reads a signature from a request's header or its query.
func parse(r *http.Request) (*signed, *RefusedError) {
	header := r.Header.Get("Authorization")
	if header == "" {
		query := r.URL.Query()
		if query.Get("X-Amz-Algorithm") == "" {
			return nil, refuse(Missing, "", "Missing Authentication Token")
		}
		return parsePresigned(query)
	}
	name, rest, _ := strings.Cut(header, " ")
	if name != algorithm {
		return nil, refuse(Incomplete, "", "Unsupported signing algorithm %q; the emulator checks %s.", name, algorithm)
	}
	parts, refusal := authorizationParts(rest)
	if refusal != nil {
		return nil, refusal
	}
	at := r.Header.Get(dateHeader)
	if at == "" {
		if date, err := http.ParseTime(r.Header.Get("Date")); err == nil {
			at = date.UTC().Format(timeFormat)
		}
	}
	s := &signed{token: r.Header.Get("X-Amz-Security-Token")}
	return s, s.fill(parts["Credential"], parts["SignedHeaders"], parts["Signature"], at)
}

// authorizationParts takes the header's three parts. Whatever else looks for the credential in it must find the one that is checked, so
// each part may stand there once, and nothing else.
func authorizationParts(text string) (map[string]string, *RefusedError) {
	parts := map[string]string{}
	for part := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		if _, twice := parts[name]; twice || name != "Credential" && name != "SignedHeaders" && name != "Signature" {
			return nil, refuse(Incomplete, "", "'%s' not a valid key=value pair (missing equal-sign) in Authorization header.", name)
		}
		parts[name] = value
	}
	return parts, nil
}

func parsePresigned(query url.Values) (*signed, *RefusedError) {
	if name := query.Get("X-Amz-Algorithm"); name != algorithm {
		return nil, refuse(Incomplete, "", "Unsupported signing algorithm %q; the emulator checks %s.", name, algorithm)
	}
	s := &signed{token: query.Get("X-Amz-Security-Token"), presigned: true}
	const longestPresign = 7 * 24 * 60 * 60
	seconds, err := strconv.ParseUint(query.Get("X-Amz-Expires"), 10, 32)
	if err != nil || seconds > longestPresign {
		return nil, refuse(Incomplete, "", "X-Amz-Expires must be a number of seconds of at most a week")
	}
	s.life = time.Duration(seconds) * time.Second
	return s, s.fill(query.Get("X-Amz-Credential"), query.Get("X-Amz-SignedHeaders"), query.Get("X-Amz-Signature"), query.Get(dateHeader))
}

// fill checks the parts that every signature has.
func (s *signed) fill(credential, headers, signature, at string) *RefusedError {
	for _, part := range [][2]string{{"Credential", credential}, {"Signature", signature}, {"SignedHeaders", headers}, {dateHeader, at}} {
		if part[1] == "" {
			return refuse(Incomplete, "", "Authorization requires '%s'.", part[0])
		}
	}
	parts := strings.Split(credential, "/")
	if len(parts) < 5 || parts[len(parts)-1] != terminator {
		return refuse(Incomplete, "", "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/%s.", terminator)
	}
	s.key, s.scope = strings.Join(parts[:len(parts)-4], "/"), strings.Join(parts[len(parts)-4:], "/")
	s.headers, s.signature = strings.Split(headers, ";"), signature
	when, err := time.Parse(timeFormat, at)
	if err != nil || parts[len(parts)-4] != at[:8] {
		return refuse(Incomplete, s.key, "The date of the credential is not that of the request, %q.", at)
	}
	s.at = when
	return nil
}

// signingKey derives the key of a day, region and service.
func signingKey(secret, scope string) []byte {
	key := []byte("AWS4" + secret)
	for part := range strings.SplitSeq(scope, "/") {
		key = hmacSum(key, part)
	}
	return key
}

func hmacSum(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

func hmacHex(key []byte, text string) string { return hex.EncodeToString(hmacSum(key, text)) }
