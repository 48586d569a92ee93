package s3

import "strings"

// listing asks for one page of a bucket's keys.
type listing struct {
	prefix, delimiter string
	after             string // keys up to this one are left out …
	afterPrefix       bool   // … and all that start with it
	most              int    // entries of the page, keys and common prefixes
}

// page is the answer: objects and common prefixes, each in order.
type page struct {
	objects   []*object
	prefixes  []string
	truncated bool
	last      string // the last entry in order, a key or a common prefix
	lastIsKey bool
}

// list walks the page's part of the index and nothing else: a common prefix is
// stepped over as a whole, however many keys it holds.
func (b *bucket) list(l listing) page {
	var p page
	if l.most <= 0 {
		return p
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	at, ok := b.objects.start(l)
	for ok {
		o, next := b.objects.at(at)
		if o == nil || !strings.HasPrefix(o.key, l.prefix) {
			return p
		}
		if len(p.objects)+len(p.prefixes) == l.most {
			p.truncated = true
			return p
		}
		common := commonPrefix(o.key, l.prefix, l.delimiter)
		if common == "" {
			p.objects = append(p.objects, o)
			p.last, p.lastIsKey = o.key, true
			at = next
			continue
		}
		p.prefixes = append(p.prefixes, common)
		p.last, p.lastIsKey = common, false
		at, ok = b.objects.beyond(common)
	}
	return p
}

// start gives the place of the first key of a page; ok is false when no key
// can follow.
func (x *index) start(l listing) (at position, ok bool) {
	if l.afterPrefix {
		if l.after >= l.prefix {
			return x.beyond(l.after)
		}
		at, _ = x.find(l.prefix)
		return at, true
	}
	if l.after < l.prefix || l.after == "" {
		at, _ = x.find(l.prefix)
		return at, true
	}
	at, found := x.find(l.after)
	if found {
		at.offset++
	}
	return at, true
}

// beyond gives the place of the first key that sorts after all with a prefix.
func (x *index) beyond(prefix string) (at position, ok bool) {
	next, ok := beyondPrefix(prefix)
	if !ok {
		return position{}, false
	}
	at, _ = x.find(next)
	return at, true
}

// commonPrefix is the part of key up to the first delimiter after prefix; ""
// when there is none.
func commonPrefix(key, prefix, delimiter string) string {
	if delimiter == "" {
		return ""
	}
	at := strings.Index(key[len(prefix):], delimiter)
	if at < 0 {
		return ""
	}
	return key[:len(prefix)+at+len(delimiter)]
}
