package produce

import "context"

// Listener is
type Listener struct{}

type httpSource struct {
	*Listener
	console *console
}

func (h *httpSource) run(ctx context.Context, to *outlet) error { return nil }
