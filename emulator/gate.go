package emulator

import (
	"net/http"

	"golang.org/x/sync/semaphore"

	"clickstream/emulator/internal/wire"
)

// gate bounds the memory of requests that are under way: those that find no room wait. A nil gate lets all pass.
type gate struct {
	room     *semaphore.Weighted
	capacity int64
}

// newGate makes a gate for an emulator that may hold some bytes, to which a share comes for requests.
func newGate(maxMemory int64) *gate {
	const share, least = 8, 64 << 20
	capacity := max(least, maxMemory/share)
	return &gate{semaphore.NewWeighted(capacity), capacity}
}

// enter waits for room for a request and returns what gives it back; false if the client has left before.
func (g *gate) enter(r *http.Request) (leave func(), ok bool) {
	if g == nil || r.ContentLength == 0 {
		return func() {}, true
	}
	const copies = 3 // the body as it came, what was read from it, what is kept of that
	size := r.ContentLength
	if size < 0 {
		size = wire.DefaultMaxBody
	}
	size = min(size*copies, g.capacity)
	if g.room.Acquire(r.Context(), size) != nil {
		return nil, false
	}
	return func() { g.room.Release(size) }, true
}
