package daemon

import (
	"clickstream/internal/worker"
	"clickstream/properties"
)

// identity is the name under which this daemon holds leases.
type identity struct {
	id      string
	release func()
}

func claimWorker(settings *properties.Config) (*identity, error) {
	claimed, err := worker.Claim(settings)
	if err != nil {
		return nil, err
	}
	return &identity{id: claimed.ID, release: claimed.Release}, nil
}
