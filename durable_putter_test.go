//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// putter puts records into a stream of its own, splits and merges its shards, and reads it with iterators that outlive the emulators. Now
// and then it deletes the stream and takes another.
type putter struct {
	name         string
	number       int // of the next record
	rounds       int
	acknowledged int

	stream    string
	acked     map[string]map[string]string // data by sequence number, by shard, that were not read yet
	underWay  map[string]bool              // data of the request that was not answered
	iterators map[string]*string           // by shard; nil at a shard's end
	read      map[string][]stored          // by shard
	closed    map[string]bool              // shards whose split or merge was acknowledged
}

type stored struct{ sequence, data string }

func newPutter(n int) *putter { return &putter{name: "clicks-" + strconv.Itoa(n)} }

const roundsPerStream = 20

func (p *putter) ready(ctx context.Context, c clients) error {
	if p.rounds++; p.stream != "" && p.rounds%roundsPerStream != 0 {
		return nil
	}
	if p.stream != "" {
		if err := p.readAgain(ctx, c); err != nil {
			return err
		}
		if _, err := c.kinesis.DeleteStream(ctx, &kinesis.DeleteStreamInput{StreamName: &p.stream}); err != nil {
			return err
		}
	}
	p.stream = p.name + "-" + strconv.Itoa(p.rounds/roundsPerStream%2) // names come again
	p.acked, p.underWay, p.iterators = map[string]map[string]string{}, map[string]bool{}, map[string]*string{}
	p.read, p.closed = map[string][]stored{}, map[string]bool{}
	_, err := c.kinesis.CreateStream(ctx, &kinesis.CreateStreamInput{StreamName: &p.stream, ShardCount: aws.Int32(2)})
	return err
}

func (p *putter) work(ctx context.Context, c clients, random *rand.Rand) error {
	if random.IntN(40) == 0 {
		return p.reshard(ctx, c, random)
	}
	in := &kinesis.PutRecordsInput{StreamName: &p.stream}
	p.underWay = map[string]bool{}
	for range 1 + random.IntN(20) {
		data := fmt.Sprintf("%s %d %s", p.name, p.number, strings.Repeat("x", random.IntN(300)))
		p.number++
		p.underWay[data] = true
		in.Records = append(in.Records, types.PutRecordsRequestEntry{Data: []byte(data), PartitionKey: aws.String(strconv.Itoa(random.IntN(1000)))})
	}
	out, err := c.kinesis.PutRecords(ctx, in)
	if err != nil {
		return err
	}
	for i, one := range out.Records {
		if p.acked[*one.ShardId] == nil {
			p.acked[*one.ShardId] = map[string]string{}
		}
		p.acked[*one.ShardId][*one.SequenceNumber] = string(in.Records[i].Data)
	}
	p.acknowledged += len(out.Records)
	p.underWay = map[string]bool{}
	return nil
}

func (p *putter) reshard(ctx context.Context, c clients, random *rand.Rand) error {
	open, err := p.shards(ctx, c)
	if err != nil {
		return err
	}
	for i := 0; i < len(open); i++ {
		if open[i].SequenceNumberRange.EndingSequenceNumber != nil {
			open = append(open[:i], open[i+1:]...)
			i--
		}
	}
	if len(open) < 5 {
		one := open[random.IntN(len(open))]
		at := middle(*one.HashKeyRange.StartingHashKey, *one.HashKeyRange.EndingHashKey)
		if _, err := c.kinesis.SplitShard(ctx, &kinesis.SplitShardInput{StreamName: &p.stream, ShardToSplit: one.ShardId, NewStartingHashKey: &at}); err != nil {
			return err
		}
		p.closed[*one.ShardId] = true
		return nil
	}
	left := open[random.IntN(len(open))]
	for _, right := range open {
		if *right.HashKeyRange.StartingHashKey == plusOne(*left.HashKeyRange.EndingHashKey) {
			if _, err := c.kinesis.MergeShards(ctx, &kinesis.MergeShardsInput{StreamName: &p.stream, ShardToMerge: left.ShardId, AdjacentShardToMerge: right.ShardId}); err != nil {
				return err
			}
			p.closed[*left.ShardId], p.closed[*right.ShardId] = true, true
		}
	}
	return nil
}

func (p *putter) shards(ctx context.Context, c clients) ([]types.Shard, error) {
	out, err := c.kinesis.ListShards(ctx, &kinesis.ListShardsInput{StreamName: &p.stream})
	if err != nil {
		return nil, err
	}
	return out.Shards, nil
}

// check goes on reading each shard where it was read to before the kill.
func (p *putter) check(ctx context.Context, c clients) error {
	shards, err := p.shards(ctx, c)
	if err != nil {
		return err
	}
	for _, one := range shards {
		id := *one.ShardId
		if p.closed[id] && one.SequenceNumberRange.EndingSequenceNumber == nil {
			return fmt.Errorf("%s of %s is open, but its end was acknowledged", id, p.stream)
		}
		if _, known := p.iterators[id]; !known {
			out, err := c.kinesis.GetShardIterator(ctx, &kinesis.GetShardIteratorInput{StreamName: &p.stream, ShardId: &id, ShardIteratorType: types.ShardIteratorTypeTrimHorizon})
			if err != nil {
				return err
			}
			p.iterators[id] = out.ShardIterator
		}
		found, next, err := readOn(ctx, c, p.iterators[id])
		if err != nil {
			return fmt.Errorf("going on in %s of %s: %w", id, p.stream, err)
		}
		p.iterators[id] = next
		if err := p.compare(id, found); err != nil {
			return fmt.Errorf("%s of %s: %w", id, p.stream, err)
		}
	}
	for id, lost := range p.acked {
		for sequence, data := range lost {
			return fmt.Errorf("%d acknowledged records of %s are gone, among them %s in %s: %.40s", len(lost), p.stream, sequence, id, data)
		}
	}
	return nil
}

// readOn reads from an iterator to the present end.
func readOn(ctx context.Context, c clients, from *string) (found []stored, next *string, err error) {
	for from != nil {
		out, err := c.kinesis.GetRecords(ctx, &kinesis.GetRecordsInput{ShardIterator: from})
		if err != nil {
			return nil, nil, err
		}
		for _, record := range out.Records {
			found = append(found, stored{*record.SequenceNumber, string(record.Data)})
		}
		if from = out.NextShardIterator; *out.MillisBehindLatest == 0 {
			return found, from, nil
		}
	}
	return found, nil, nil
}

// compare finds every record either acknowledged under its number or under way when the emulator was killed, once, and all in order.
func (p *putter) compare(shard string, found []stored) error {
	for _, one := range found {
		last := stored{}
		if n := len(p.read[shard]); n > 0 {
			last = p.read[shard][n-1]
		}
		data, acknowledged := p.acked[shard][one.sequence]
		switch {
		case one.sequence <= last.sequence: // all have 56 digits
			return fmt.Errorf("%s comes after %s", one.sequence, last.sequence)
		case numberOf(one.data) <= numberOf(last.data):
			return fmt.Errorf("%.40s comes after %.40s", one.data, last.data)
		case acknowledged && data != one.data:
			return fmt.Errorf("%s is %.40s, not %.40s", one.sequence, one.data, data)
		case !acknowledged && !p.underWay[one.data]:
			return fmt.Errorf("%.40s is there twice, or was never put", one.data)
		}
		delete(p.acked[shard], one.sequence)
		delete(p.underWay, one.data)
		p.read[shard] = append(p.read[shard], one)
	}
	if len(p.acked[shard]) == 0 {
		delete(p.acked, shard)
	}
	return nil
}

// numberOf returns a record's number; that of nothing is below all.
func numberOf(data string) int {
	fields := strings.Fields(data)
	if len(fields) < 2 {
		return -1
	}
	n, _ := strconv.Atoi(fields[1])
	return n
}

// readAgain reads all shards from one of their records on, whose number an earlier emulator gave out.
func (p *putter) readAgain(ctx context.Context, c clients) error {
	for id, before := range p.read {
		if len(before) == 0 {
			continue
		}
		out, err := c.kinesis.GetShardIterator(ctx, &kinesis.GetShardIteratorInput{
			StreamName: &p.stream, ShardId: &id, ShardIteratorType: types.ShardIteratorTypeAtSequenceNumber, StartingSequenceNumber: &before[0].sequence,
		})
		if err != nil {
			return err
		}
		found, _, err := readOn(ctx, c, out.ShardIterator)
		if err != nil {
			return err
		}
		if len(found) != len(before) {
			return fmt.Errorf("%s of %s has %d records and had %d", id, p.stream, len(found), len(before))
		}
		for i := range found {
			if found[i] != before[i] {
				return errors.New("record " + before[i].sequence + " of " + p.stream + " has changed")
			}
		}
	}
	return nil
}
