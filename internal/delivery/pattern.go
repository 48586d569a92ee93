package delivery

import (
	"net/url"
	"regexp"
	"strings"
)

// Pattern matches the keys that the template makes for one application and stream, whatever the shard, the positions and the time.
func (t *Template) Pattern(application, stream string) *regexp.Regexp {
	var b strings.Builder
	b.WriteString("^")
	for _, p := range t.parts {
		b.WriteString(regexp.QuoteMeta(p.text))
		switch p.placeholder {
		case "":
		case "application":
			b.WriteString(regexp.QuoteMeta(url.PathEscape(application)))
		case "stream":
			b.WriteString(regexp.QuoteMeta(url.PathEscape(stream)))
		case "shardId":
			b.WriteString(`[^/]+`)
		case "first":
			b.WriteString(`\d+(\.\d+)?`)
		case "last":
			b.WriteString(`\d+`)
		case "year":
			b.WriteString(`\d{4,}`)
		default: // month, day, hour, minute
			b.WriteString(`\d\d`)
		}
	}
	b.WriteString("$")
	return regexp.MustCompile(b.String())
}
