package daemon

import (
	"clickstream/internal/leases"
	"clickstream/kcl/multilang"
)

// hashRange is a shard's range of hash keys.
type hashRange struct{ starting, ending string }

func rangeOf(lease *leases.Lease) hashRange {
	return hashRange{lease.StartingHashKey, lease.EndingHashKey}
}

// userRecords returns the user records of what may be a KPL aggregate.
func userRecords(record multilang.Record, _ hashRange) ([]multilang.Record, error) {
	return []multilang.Record{record}, nil
}
