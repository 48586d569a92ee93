// Command mine is somebody's own record processor: it notes in the folder OUTPUT which records it has seen.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"clickstream/kcl"
)

type processor struct{ notes *os.File }

// Initialize opens the shard's notes, behind what a processor before this one wrote.
func (p *processor) Initialize(_ context.Context, in *kcl.InitializeInput) (err error) {
	name := filepath.Join(os.Getenv("OUTPUT"), in.ShardID+".seen")
	p.notes, err = os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	return err
}

// ProcessRecords notes a record a line, and then says that these are done.
func (p *processor) ProcessRecords(ctx context.Context, in *kcl.ProcessRecordsInput) error {
	for _, r := range in.Records {
		if _, err := fmt.Fprintln(p.notes, r.SequenceNumber); err != nil {
			return err
		}
	}
	return in.Checkpointer.Checkpoint(ctx)
}

// LeaseLost has nothing to drop.
func (p *processor) LeaseLost(context.Context, *kcl.LeaseLostInput) error { return p.notes.Close() }

// ShardEnded lets the shards that follow begin.
func (p *processor) ShardEnded(ctx context.Context, in *kcl.ShardEndedInput) error {
	return in.Checkpointer.Checkpoint(ctx)
}

func main() { os.Exit(kcl.Main(&processor{})) }
