package emulator

import (
	"net/http"

	"clickstream/internal/inmemory"
	"clickstream/internal/wholebody"
)

// newMemoryTransport is a client's way to a listener in memory, where an answer can well be there before the end of the request's body is looked for.
func newMemoryTransport(listener *inmemory.Listener) wholebody.Transport {
	const idle = 64
	return wholebody.Transport{Transport: &http.Transport{DialContext: listener.Dial, MaxIdleConnsPerHost: idle}}
}
