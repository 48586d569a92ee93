package emulator

import (
	"encoding/binary"
	"errors"
	"fmt"
	"log"
	"strings"
	"time"

	"clickstream/emulator/internal/clock"
	"clickstream/emulator/internal/journal"
	"clickstream/emulator/internal/memory"
)

// DataError says that Options.DataDir cannot be used, and why: another emulator has it, it cannot be written to, or a file in it is damaged.
type DataError struct {
	Dir string
	Err error
}

// Error returns the reason, which names the folder or the file.
func (e *DataError) Error() string { return "cannot keep data in " + e.Dir + ": " + e.Err.Error() }

// Unwrap returns the reason.
func (e *DataError) Unwrap() error { return e.Err }

// The services' tags in the journal.
const (
	tagClock    = 't'
	tagKinesis  = 'k'
	tagDynamoDB = 'd'
	tagS3       = 's'
)

// keep gives the services what was kept of them, and has what is done from now on kept, if that is wanted; and it bounds their memory.
func (e *Emulator) keep(options *Options) error {
	if options.DataDir == "" && options.MaxMemory == 0 {
		return nil
	}
	budget := memory.New(options.MaxMemory)
	e.kinesis.Bound(budget)
	e.dynamodb.Bound(budget)
	e.s3.Bound(budget)
	if options.MaxMemory > 0 {
		e.router.gate = newGate(options.MaxMemory)
	}
	if options.DataDir == "" {
		return nil
	}
	logger := options.ErrorLog
	if logger == nil {
		logger = log.Default()
	}
	kept, _, err := journal.Open(options.DataDir, journal.Options{
		Sync: options.DataSync, Repair: options.DataRepair, CompactAt: options.CompactAt, Live: budget.Used, Logf: logger.Printf,
	}, map[byte]journal.Keeper{tagClock: keptClock{e.clock}, tagKinesis: e.kinesis, tagDynamoDB: e.dynamodb, tagS3: e.s3})
	if err != nil {
		return &DataError{options.DataDir, err}
	}
	e.journal = kept
	e.dynamodb.Keep(kept.Part(tagDynamoDB))
	e.s3.Keep(kept.Part(tagS3))
	err = errors.Join(e.kinesis.Keep(kept.Part(tagKinesis)), keptClock{e.clock}.keep(kept.Part(tagClock)))
	if err != nil {
		return &DataError{options.DataDir, errors.Join(err, kept.Close())}
	}
	return nil
}

// keptClock keeps by how much the emulated time is ahead: it must not go back.
type keptClock struct{ clock *clock.Clock }

func (k keptClock) keep(part *journal.Part) error {
	write := func(offset time.Duration) error { return part.Append(binary.AppendVarint(nil, int64(offset))) }
	k.clock.Keep = write
	if k.clock.Offset() == 0 {
		return nil
	}
	return write(k.clock.Offset())
}

// Replay implements journal.Keeper.
func (k keptClock) Replay(entry []byte, _ bool) error {
	offset, size := binary.Varint(entry)
	if size <= 0 {
		return fmt.Errorf("%d bytes are no time", len(entry))
	}
	if ahead := time.Duration(offset) - k.clock.Offset(); ahead > 0 {
		return k.clock.Advance(ahead)
	}
	return nil
}

// Snapshot implements journal.Keeper.
func (k keptClock) Snapshot(write func(pieces ...[]byte) error) error {
	return write(binary.AppendVarint(nil, int64(k.clock.Kept())))
}

// isThere says that what a Setup wants was kept from an earlier run.
func (e *Emulator) isThere(err error) bool {
	return err != nil && e.journal != nil &&
		(strings.Contains(err.Error(), "ResourceInUseException") || strings.Contains(err.Error(), "BucketAlreadyOwnedByYou"))
}
