package doctor

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	kinesistypes "github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"clickstream/internal/awsclient"
	"clickstream/internal/leases"
	"clickstream/internal/pause"
	"clickstream/properties"
)

// longestWatch bounds how long the leases are watched. A holder renews its leases every third of failoverTimeMillis.
const longestWatch = 5 * time.Second

// checkpointsAsked bounds how many checkpoints are compared with the stream: AWS takes five such calls a second for a shard.
const checkpointsAsked = 10

const leaseKey = "leaseKey"

// leaseTable is what was seen of the lease table.
type leaseTable struct {
	there, index bool
	coordinator  bool // KCL 3's tables beside it
	metrics      bool
}

// leases looks at the lease table, whichever version of the KCL made it, and watches whether its leases are renewed.
func (e *examination) leases(ctx context.Context) []Finding {
	if e.noCredentials {
		return one("lease table", Skipped, "there are no credentials", "")
	}
	name := e.tables.Leases
	table, err := e.describe(ctx, name)
	switch {
	case err != nil:
		return one("lease table", Fails, awsclient.Explain(err, "look at table "+name).Error(), remedyFor(err, "correct the endpoint or the network"))
	case table == nil:
		return one("lease table", OK, name+" is not there yet: the daemon makes it when it first starts", "")
	}
	if keys := table.KeySchema; len(keys) != 1 || aws.ToString(keys[0].AttributeName) != leaseKey {
		return one("lease table", Fails, fmt.Sprintf("table %s is somebody else's: its key is not %s", name, leaseKey), "set another applicationName, or tableName")
	}
	if status := table.TableStatus; status != types.TableStatusActive && status != types.TableStatusUpdating {
		return one("lease table", Fails, fmt.Sprintf("table %s is %s", name, status), "wait until it is ACTIVE, or gone")
	}
	e.leased = leaseTable{there: true, index: len(table.GlobalSecondaryIndexes) > 0}
	for beside, there := range map[string]*bool{e.tables.Coordinator: &e.leased.coordinator, e.tables.Metrics: &e.leased.metrics} {
		found, err := e.describe(ctx, beside)
		if *there = found != nil; err != nil {
			return one("lease table", Fails, awsclient.Explain(err, "look at table "+beside).Error(), remedyFor(err, "see the message"))
		}
	}
	list, entities, err := e.items(ctx)
	if err != nil {
		return one("lease table", Fails, awsclient.Explain(err, "read the leases").Error(),
			remedyFor(err, "an item that is no lease is somebody else's: set another applicationName, or delete the table by clickstream cleanup --only tables"))
	}
	text := fmt.Sprintf("%s, %s", name, e.leased.layout(entities))
	return append(e.compare(ctx, text, list), e.holders(ctx, list)...)
}

// describe returns a table's description, nil if there is no such table.
func (e *examination) describe(ctx context.Context, name string) (*types.TableDescription, error) {
	out, err := e.clients.DynamoDB.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
	if _, missing := errors.AsType[*types.ResourceNotFoundException](err); missing {
		return nil, nil //nolint:nilnil // no table is an answer, not a failure
	}
	if err != nil {
		return nil, err
	}
	return out.Table, nil
}

// items reads the lease table: its leases, and how many items of another kind KCL 3.5 keeps there.
func (e *examination) items(ctx context.Context) (list []leases.Lease, entities int, err error) {
	pages := dynamodb.NewScanPaginator(e.clients.DynamoDB, &dynamodb.ScanInput{TableName: &e.tables.Leases, ConsistentRead: aws.Bool(true)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, 0, err
		}
		for _, item := range page.Items {
			lease, err := leases.Decode(item)
			switch {
			case errors.Is(err, leases.ErrNotALease):
				entities++
			case err != nil:
				return nil, 0, err
			default:
				list = append(list, lease)
			}
		}
	}
	return list, entities, nil
}

// layout names the version of the KCL that keeps its tables so.
func (t leaseTable) layout(entities int) string {
	switch {
	case entities > 0:
		return "everything in one table, as KCL 3.5 has it"
	case t.coordinator || t.metrics:
		return "and the tables beside it that KCL 3.0 to 3.4 has"
	case t.index:
		return "with the index of KCL 3"
	}
	return "one table, as clickstream's daemon and KCL 1 and 2 have it"
}

// compare looks whether the leases fit the stream: one that was deleted and made anew has other shards, or the same with other records.
func (e *examination) compare(ctx context.Context, text string, list []leases.Lease) []Finding {
	const remedy = "if the stream was deleted and made anew, delete its leases too: clickstream cleanup --only tables"
	ended, asked := 0, 0
	var strange, stale []string
	for _, lease := range list {
		switch {
		case lease.Ended():
			ended++
		case e.shards == nil: // the stream could not be seen
		case !slices.Contains(e.shards, lease.Key):
			strange = append(strange, lease.Key)
		case numbered(lease.Checkpoint) && asked < checkpointsAsked:
			asked++
			if e.foreign(ctx, &lease) {
				stale = append(stale, lease.Key)
			}
		}
	}
	text = fmt.Sprintf("%s: %d leases, %d of them processed to their shard's end", text, len(list), ended)
	switch {
	case len(strange) > 0:
		return one("lease table", Warning, fmt.Sprintf("%s; %d for shards that the stream does not have, such as %s", text, len(strange), strange[0]), remedy)
	case len(stale) > 0:
		return one("lease table", Fails, fmt.Sprintf("%s; the checkpoint of %s is not one of this stream's records", text, stale[0]), remedy)
	}
	return one("lease table", OK, text, "")
}

func numbered(checkpoint string) bool {
	return checkpoint != "" && strings.Trim(checkpoint, "0123456789") == ""
}

// foreign asks whether Kinesis refuses a lease's checkpoint as a place in its shard. By fan-out nobody needs the right to ask that.
func (e *examination) foreign(ctx context.Context, lease *leases.Lease) bool {
	if e.settings.RetrievalMode == properties.RetrievalFanOut {
		return false
	}
	name, arn := e.ids()
	_, err := e.clients.Kinesis.GetShardIterator(ctx, &kinesis.GetShardIteratorInput{
		StreamName: name, StreamARN: arn, ShardId: &lease.Key,
		ShardIteratorType: kinesistypes.ShardIteratorTypeAfterSequenceNumber, StartingSequenceNumber: &lease.Checkpoint,
	})
	return errors.Is(leases.Refused(e.settings.StreamName, lease.Key, lease.Checkpoint, err), leases.ErrForeign)
}

// holders says who holds leases, and whether they were renewed while they were watched.
func (e *examination) holders(ctx context.Context, list []leases.Lease) []Finding {
	before := map[string]leases.Lease{}
	for _, lease := range list {
		if lease.Holder() != "" && !lease.Ended() {
			before[lease.Key] = lease
		}
	}
	if len(before) == 0 {
		return one("lease holders", OK, "nobody holds a lease", "")
	}
	// Half the time is more than one renewal, and another should the first have just gone by.
	watch := min(e.settings.FailoverTime()/2, longestWatch)
	if err := pause.For(ctx, watch); err != nil {
		return one("lease holders", Skipped, err.Error(), "")
	}
	after, _, err := e.items(ctx)
	if err != nil {
		return one("lease holders", Fails, awsclient.Explain(err, "read the leases again").Error(), remedyFor(err, "see the message"))
	}
	held, renewed := map[string]int{}, map[string]int{}
	for _, lease := range after {
		if was, ok := before[lease.Key]; ok && was.Holder() == lease.Holder() {
			held[lease.Holder()]++
			if lease.Counter != was.Counter {
				renewed[lease.Holder()]++
			}
		}
	}
	return one("lease holders", OK, describeHolders(held, renewed, watch), "")
}

func describeHolders(held, renewed map[string]int, watch time.Duration) string {
	var parts []string
	for _, worker := range slices.Sorted(maps.Keys(held)) {
		state := fmt.Sprintf("not renewed for %v: it runs no more, or not on this table; others may take them after failoverTimeMillis", watch)
		if n := renewed[worker]; n > 0 {
			state = fmt.Sprintf("%d renewed within %v: it runs", n, watch)
		}
		parts = append(parts, fmt.Sprintf("%s has %d (%s)", worker, held[worker], state))
	}
	return strings.Join(parts, "; ")
}
