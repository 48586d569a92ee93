package local

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"clickstream/emulate"
	"clickstream/emulator"
	"clickstream/internal/delivery"
	"clickstream/internal/leases"
	"clickstream/kcl/deaggregate"
	"clickstream/kcl/multilang"
)

// emulatorAccount owns everything that unsigned or dummy credentials make in the emulator.
const emulatorAccount = "000000000000"

// cloud is the emulator of a run, and what the run looks at in it.
type cloud struct {
	emulator *emulator.Emulator
	endpoint string
	region   string
	bucket   string
	stream   string
	table    string // of the leases
}

func startCloud(cfg Config) (*cloud, error) {
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(cfg.Port))
	listener, err := net.Listen("tcp", address) //nolint:noctx // listening does not wait
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s is in use by another program; choose another port by --port, or leave it out for a free one", address)
	}
	if err != nil {
		return nil, fmt.Errorf("the emulator cannot listen on %s: %w", address, err)
	}
	e, err := emulator.New(emulator.Options{Listener: listener})
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	settings := cfg.Settings
	c := &cloud{emulator: e, endpoint: e.URL, region: settings.RegionName, bucket: settings.Bucket, stream: settings.StreamName, table: settings.TableName}
	if c.table == "" {
		c.table = settings.ApplicationName
	}
	if c.bucket == "" {
		c.bucket = "clickstream-" + emulatorAccount + "-" + settings.RegionName
	}
	return c, nil
}

func (c *cloud) stop() {
	// The run has ended: a connection that does not close properly concerns nobody.
	_ = c.emulator.Close()
}

// shards counts what each shard took and how much of it its checkpoint covers; false while there is no stream.
func (c *cloud) shards() ([]shardCount, bool) {
	progress, err := c.emulator.Kinesis().Progress(c.stream)
	if err != nil {
		return nil, false
	}
	checkpoints := c.checkpoints()
	rows := make([]shardCount, 0, len(progress))
	for _, shard := range progress {
		row := shardCount{Shard: shard.ShardID, Records: shard.Records}
		switch checkpoint, leased := checkpoints[shard.ShardID]; {
		case checkpoint == leases.ShardEnd, !leased && !shard.Open && len(checkpoints) > 0:
			// The daemon deletes the lease of a shard that ended once its children have progressed.
			row.Stored = shard.Records
		case leased:
			// A checkpoint that is no sequence number says that nothing is stored yet.
			row.Stored, _ = c.emulator.Kinesis().RecordsThrough(c.stream, shard.ShardID, checkpoint)
		}
		rows = append(rows, row)
	}
	return rows, true
}

// verifiable says whether there is what the verification looks at. The daemon makes it, in its own time: where no record had to be
// stored, all of them are before it has begun.
func (c *cloud) verifiable() bool {
	return slices.Contains(c.emulator.DynamoDB().Tables(), c.table) && slices.Contains(c.emulator.S3().Buckets(), c.bucket)
}

// clicks counts what consumers are given of the stream: aggregates by what is in them.
func (c *cloud) clicks() (int64, error) {
	shards, err := c.emulator.Kinesis().Shards(c.stream)
	if err != nil {
		return 0, err
	}
	ranges := make(map[string]deaggregate.HashKeyRange, len(shards))
	for _, shard := range shards {
		keys, err := deaggregate.ParseHashKeyRange(shard.HashKeyRange.StartingHashKey, shard.HashKeyRange.EndingHashKey)
		if err != nil {
			return 0, err
		}
		ranges[shard.ShardId] = keys
	}
	records, err := c.emulator.Kinesis().Records(c.stream)
	if err != nil {
		return 0, err
	}
	count := int64(0)
	for i := range records {
		one := []multilang.Record{{Data: records[i].Data, PartitionKey: records[i].PartitionKey, SequenceNumber: records[i].SequenceNumber}}
		parts, _ := deaggregate.Records(one, ranges[records[i].ShardID])
		count += int64(len(parts))
	}
	return count, nil
}

func (c *cloud) checkpoints() map[string]string {
	checkpoints := map[string]string{}
	for _, item := range c.emulator.DynamoDB().Items(c.table) {
		checkpoints[item["leaseKey"].Text()] = item["checkpoint"].Text()
	}
	return checkpoints
}

// span is the time from the first record put to the last object stored.
func (c *cloud) span() time.Duration {
	progress, err := c.emulator.Kinesis().Progress(c.stream)
	if err != nil {
		return 0
	}
	var first, last time.Time
	for _, shard := range progress {
		if !shard.FirstRecord.IsZero() && (first.IsZero() || shard.FirstRecord.Before(first)) {
			first = shard.FirstRecord
		}
	}
	for _, object := range c.emulator.S3().Objects(c.bucket) {
		if delivery.IsData(object.Key) && object.Stored.After(last) {
			last = object.Stored
		}
	}
	if first.IsZero() || last.Before(first) {
		return 0
	}
	return last.Sub(first)
}

// lookAround is what to paste into another terminal, where the program's commands take the run's settings file.
func (c *cloud) lookAround(program, settingsFile string) string {
	var out strings.Builder
	fmt.Fprintf(&out, `
The emulator stays up until Ctrl-C. In another terminal:
  %s CLICKSTREAM_PROPERTIES=%s
`, emulate.Export(c.endpoint, c.region), settingsFile)
	for _, command := range []string{
		"aws kinesis list-shards --stream-name " + c.stream,
		"aws dynamodb scan --table-name " + c.table,
		"aws s3 ls --recursive s3://" + c.bucket,
		program + " verify",
		program + " produce --records 1000",
		program + " daemon",
		program + " cleanup --dry-run",
	} {
		fmt.Fprintf(&out, "  %s\n", command)
	}
	return out.String()
}
