package s3

import (
	"encoding/base64"
	"strconv"
	"strings"
)

// nullVersion is the id of the only version that an object here has.
const nullVersion = "null"

// limit reads a number from the query: by default otherwise, at most most.
func (rq *request) limit(name string, otherwise, most int) (int, error) {
	return parseLimit(name, rq.query[name], otherwise, most)
}

func parseLimit(name, text string, otherwise, most int) (int, error) {
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil || n < 0 {
		return 0, argument(name, text, "Provided %s not an integer or within integer range", name)
	}
	return min(int(n), most), nil
}

// listing reads the parameters that all listings of keys share.
func (rq *request) listing() (listing, error) { return rq.listingOf("max-keys") }

func (rq *request) listingOf(limit string) (listing, error) {
	if t := rq.query["encoding-type"]; t != "" && t != "url" {
		return listing{}, argument("encoding-type", t, "Invalid Encoding Method specified in Request")
	}
	most, err := rq.limit(limit, maxListed, maxListed)
	return listing{prefix: rq.query["prefix"], delimiter: rq.query["delimiter"], most: most}, err
}

// endsGroup says whether the marker of a listing is a common prefix, as the
// service gives it for a marker: then the whole group has been listed.
func endsGroup(l listing) bool {
	return l.delimiter != "" && len(l.after) > len(l.prefix) && strings.HasPrefix(l.after, l.prefix) &&
		commonPrefix(l.after, l.prefix, l.delimiter) == l.after
}

// startListing writes the elements that all listings of keys start with.
func (rq *request) startListing(root string, l listing) *xmlWriter {
	x := newXML()
	x.root(root)
	x.url = rq.query["encoding-type"] != ""
	x.text("Name", rq.bucket)
	x.key("Prefix", l.prefix)
	x.optionalKey("Delimiter", l.delimiter)
	x.int("MaxKeys", l.most)
	x.optional("EncodingType", rq.query["encoding-type"])
	return x
}

// contents writes the keys and common prefixes of a page, with an owner unless
// the account is empty.
func (x *xmlWriter) contents(p page, account string) {
	for _, o := range p.objects {
		x.open("Contents")
		x.key("Key", o.key)
		x.object(o)
		if account != "" {
			x.owner("Owner", account)
		}
		x.close("Contents")
	}
	x.commonPrefixes(p.prefixes)
}

// object writes what listings say about an object beside its key.
func (x *xmlWriter) object(o *object) {
	x.time("LastModified", o.modified)
	x.text("ETag", o.etag)
	if o.checksum.algorithm != "" {
		x.text("ChecksumAlgorithm", strings.ToUpper(o.checksum.algorithm))
		x.text("ChecksumType", o.checksum.kind)
	}
	x.int("Size", len(o.body))
	x.text("StorageClass", o.storageClass)
}

func (x *xmlWriter) commonPrefixes(prefixes []string) {
	for _, prefix := range prefixes {
		x.open("CommonPrefixes")
		x.key("Prefix", prefix)
		x.close("CommonPrefixes")
	}
}

// listToken is a continuation token: the last entry of a page.
type listToken struct {
	last  string
	isKey bool // and not a common prefix
}

// encode gives the token as clients see it; they should see nothing in it.
func (t listToken) encode() string {
	kind := "p"
	if t.isKey {
		kind = "k"
	}
	return base64.URLEncoding.EncodeToString([]byte(kind + t.last))
}

// decodeToken reads a token; "" is the zero token.
func decodeToken(text string) (listToken, error) {
	if text == "" {
		return listToken{}, nil
	}
	raw, err := base64.URLEncoding.DecodeString(text)
	if err != nil || len(raw) < 2 || raw[0] != 'k' && raw[0] != 'p' {
		return listToken{}, argument("continuation-token", text, "The continuation token provided is incorrect")
	}
	return listToken{last: string(raw[1:]), isKey: raw[0] == 'k'}, nil
}
