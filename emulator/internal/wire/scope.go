package wire

import (
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

// ScopeOf reads the scope from a request's signature, from its header or, when presigned, from its query. An access key of
// twelve digits is the account; any other, and no signature at all, belongs to DefaultAccount in DefaultRegion.
func ScopeOf(r *http.Request) Scope {
	key, region, _ := Credential(r)
	scope := Scope{Region: DefaultRegion, Account: DefaultAccount}
	if region != "" {
		scope.Region = region
	}
	if isAccount(key) {
		scope.Account = key
	}
	return scope
}

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
