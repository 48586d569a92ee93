package fetch

import (
	"bufio"
	"fmt"
	"io"
	"net/url"
	"strings"
)

// Netrc holds the credentials of a netrc file by host.
type Netrc map[string]*url.Userinfo

// maxNetrc bounds the file.
const maxNetrc = 1 << 20

// ParseNetrc reads a netrc file: machine, login and password; account and macdef are passed over, and so is default, as it would show a
// password to every host. The first entry of a host counts.
func ParseNetrc(r io.Reader) (Netrc, error) {
	hosts := make(Netrc)
	var entry netrcEntry
	var macro bool
	lines := bufio.NewScanner(io.LimitReader(r, maxNetrc))
	for lines.Scan() {
		line := lines.Text()
		if macro = macro && strings.TrimSpace(line) != ""; macro {
			continue // a macro ends with an empty line
		}
		words := strings.Fields(line)
		for i := 0; i < len(words); i++ {
			switch word := words[i]; {
			case strings.HasPrefix(word, "#"):
				i = len(words)
			case word == "default":
				hosts.add(&entry)
			case word == "macdef":
				macro, i = true, len(words)
			default:
				var value string
				if i+1 < len(words) {
					i++
					value = words[i]
				}
				entry.set(hosts, word, value)
			}
		}
	}
	hosts.add(&entry)
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("netrc: %w", err)
	}
	return hosts, nil
}

type netrcEntry struct{ host, login, password string }

func (e *netrcEntry) set(hosts Netrc, key, value string) {
	switch key {
	case "machine":
		hosts.add(e)
		e.host = strings.ToLower(value)
	case "login":
		e.login = value
	case "password":
		e.password = value
	}
}

// add keeps the entry, unless it names no host, and empties it.
func (n Netrc) add(e *netrcEntry) {
	if _, there := n[e.host]; e.host != "" && !there {
		n[e.host] = url.UserPassword(e.login, e.password)
	}
	*e = netrcEntry{}
}
