package wire

import (
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/http"
	"strings"
)

// Where a request that names neither region nor account belongs.
const (
	DefaultRegion  = "us-east-1"
	DefaultAccount = "000000000000"
)

// Scope says for whom a request is made. Streams and tables of one scope are invisible to every other.
type Scope struct {
	Region  string // from the credential scope of the signature
	Account string // twelve digits
}

// Caller says by whose signature a request is made.
type Caller struct {
	Scope
	AccessKey string // "" without a signature
}

// ScopeOf reads the scope from a request's signature, from its header or, when presigned, from its query. An access key of
// twelve digits is the account, and one that STS, or LocalStack, made holds it; any other, and no signature at all, belongs to
// DefaultAccount in DefaultRegion.
func ScopeOf(r *http.Request) Scope { return CallerOf(r).Scope }

// CallerOf reads scope and access key from a request's signature.
func CallerOf(r *http.Request) Caller {
	key, region, _ := Credential(r)
	caller := Caller{Scope: Scope{Region: DefaultRegion, Account: DefaultAccount}, AccessKey: key}
	if region != "" {
		caller.Region = region
	}
	if held, ok := strings.CutPrefix(key, SessionKeyPrefix); ok && len(held) > len(DefaultAccount) && isAccount(held[:len(DefaultAccount)]) {
		caller.Account = held[:len(DefaultAccount)]
	} else if isAccount(key) {
		caller.Account = key
	} else if account, ok := localStackAccount(key); ok {
		caller.Account = account
	}
	return caller
}

// localStackAccount reads the account out of an access key that LocalStack made, LKIA… or LSIA…: 40 bits in base32, as in AWS's own AKIA… and
// ASIA…, which LocalStack does not take for anybody's.
func localStackAccount(key string) (string, bool) {
	const length, bits, skipped = 20, 40, 7
	if len(key) < length || !strings.HasPrefix(key, "LKIA") && !strings.HasPrefix(key, "LSIA") {
		return "", false
	}
	coded, err := base32.StdEncoding.DecodeString(key[4:length])
	if err != nil {
		return "", false
	}
	account := binary.BigEndian.Uint64(coded) >> (64 - 48 + skipped) & (1<<bits - 1)
	return fmt.Sprintf("%012d", account), account < 1e12
}

// SessionKeyPrefix begins the access keys that STS makes for the time of a session. The account's twelve digits follow.
const SessionKeyPrefix = "ASIA"

// Credential returns access key, region and service of a request's Signature Version 4 credential; all are empty in an
// unsigned request.
func Credential(r *http.Request) (key, region, service string) {
	credential := ""
	if _, rest, ok := strings.Cut(r.Header.Get("Authorization"), "Credential="); ok {
		credential, _, _ = strings.Cut(rest, ",")
	} else if strings.Contains(r.URL.RawQuery, "X-Amz-Credential=") {
		credential = r.URL.Query().Get("X-Amz-Credential")
	}
	// key/date/region/service/aws4_request; the key itself may hold slashes.
	parts := strings.Split(strings.TrimSpace(credential), "/")
	if len(parts) < 5 {
		return "", "", ""
	}
	scope := parts[len(parts)-4:]
	return strings.Join(parts[:len(parts)-4], "/"), scope[1], scope[2]
}

func isAccount(key string) bool {
	return len(key) == len(DefaultAccount) && strings.Trim(key, "0123456789") == ""
}
