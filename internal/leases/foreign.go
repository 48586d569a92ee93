package leases

import (
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// ErrForeign marks errors of a checkpoint that no retry mends.
var ErrForeign = errors.New("the lease table does not fit the stream")

// Refused explains the error of a read of a shard that was to begin at a checkpoint's sequence number. It is [ErrForeign] if the service does
// not take the number as a place in the shard (InvalidArgumentException), and err itself if it failed by something else. A number that the
// stream had and keeps no more is a place.
func Refused(stream, shardID, sequence string, err error) error {
	if _, invalid := errors.AsType[*types.InvalidArgumentException](err); !invalid {
		return err
	}
	return fmt.Errorf("%w: stream %s has no record %s, the checkpoint of shard %s: was the stream deleted and created again? "+
		"Delete the lease table, or choose another applicationName, to read the stream from its start (%w)",
		ErrForeign, stream, sequence, shardID, err)
}
