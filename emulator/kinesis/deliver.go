package kinesis

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"sort"
	"strings"
	"time"
)

// ErrLater is wrapped by errors of Options.Deliver after which it is worth while to try again.
var ErrLater = errors.New("not now")

// Object is what a channel delivers.
type Object struct {
	Region, Account     string // of the channel
	Bucket, Key         string
	ExpectedBucketOwner string
	StorageClass        string // "" is the bucket's own
	Encoding            string // of the body, as HTTP names it; "" is none
	Body                []byte
}

// Deliver hands over all that is due of all channels. Whoever looks into S3 calls it first.
func (s *Service) Deliver() {
	if s.channels.Load() == 0 {
		return
	}
	now := s.now()
	for _, st := range s.all() {
		st.mu.Lock()
		s.settle(st, now)
		st.mu.Unlock()
	}
}

// settle delivers what is due of a locked stream's channels.
func (s *Service) settle(st *stream, now time.Time) {
	for _, one := range st.channels {
		if one.reason != "" {
			continue
		}
		// A channel that is changed goes on as before, and one that is not ACTIVE yet catches up.
		for one.state(now) == statusActive || one.state(now) == statusUpdating {
			before, objects := maps.Clone(one.next), one.objects
			batch := one.due(now)
			if len(batch) == 0 {
				break
			}
			if err := s.deliver(one, batch); err != nil {
				if one.next = before; errors.Is(err, ErrLater) {
					one.objects = objects
					break
				}
				one.reason = err.Error()
			}
			if s.keep(st) != nil || one.reason != "" { // what was not kept is delivered again, under the same key
				break
			}
		}
	}
}

// pending is a record that waits to be delivered.
type pending struct {
	shard  *shard
	index  uint64
	record record
}

// due takes the next batch of a channel's records: those that arrived before the oldest of them has reached its age, if it has.
func (c *channel) due(now time.Time) []pending {
	oldest := int64(-1)
	for _, one := range c.stream.shards {
		if from := max(c.next[one.number], one.records.first); from < one.records.next() {
			if arrived := one.records.arrived(from); oldest < 0 || arrived < oldest {
				oldest = arrived
			}
		}
	}
	until := oldest + c.freshness().Milliseconds()
	if oldest < 0 || until > now.UnixMilli() {
		return nil
	}
	var batch []pending
	for _, one := range c.stream.shards {
		from := max(c.next[one.number], one.records.first)
		to := max(from, one.records.since(until), one.records.since(oldest+1))
		for index := from; index < to; index++ {
			batch = append(batch, pending{one, index, one.records.at(index)})
		}
		c.next[one.number] = to
	}
	sort.SliceStable(batch, func(i, j int) bool { return batch[i].record.arrived < batch[j].record.arrived })
	return batch
}

// deliver stores a batch as an object, and what cannot be one as another.
func (s *Service) deliver(c *channel, batch []pending) error {
	destination := c.input.S3DestinationConfiguration
	storage, letters := &destination.StorageConfiguration, destination.DeadLetterQueueS3Configuration
	var body, dead []byte
	for _, one := range batch {
		data := one.record.data()
		switch c.input.StreamConfigurationList[0].RecordConfiguration.RecordFormatType {
		case formatJSON:
			if !json.Valid(data) {
				dead = one.appendDeadLetter(dead)
				continue
			}
			body = append(append(body, data...), '\n')
		case formatString:
			body = append(append(body, data...), '\n')
		default:
			body = append(body, data...)
		}
	}
	at := time.UnixMilli(batch[0].record.arrived).UTC()
	c.objects++
	key := c.key(storage.OutputKeyTemplate, at)
	object := Object{
		Region: c.stream.scope.Region, Account: c.stream.scope.Account, Bucket: bucketName(storage.BucketARN), Key: key,
		ExpectedBucketOwner: storage.ExpectedBucketOwner, StorageClass: storage.StorageClass,
	}
	if len(body) > 0 {
		var err error
		if object.Body, object.Encoding, err = compress(storage.CompressionType, body); err != nil {
			return err
		}
		if err := s.options.Deliver(object); err != nil {
			return fmt.Errorf("delivering to bucket %s: %w", object.Bucket, err)
		}
	}
	if len(dead) == 0 {
		return nil
	}
	object.Bucket, object.Key, object.Body, object.Encoding = bucketName(letters.BucketARN), letters.ErrorOutputPrefix+key, dead, ""
	object.ExpectedBucketOwner, object.StorageClass = letters.ExpectedBucketOwner, ""
	if err := s.options.Deliver(object); err != nil {
		return fmt.Errorf("delivering dead letters to bucket %s: %w", object.Bucket, err)
	}
	return nil
}

// bucketName takes the name from arn:aws:s3:::name.
func bucketName(arn string) string { return arn[strings.LastIndexByte(arn, ':')+1:] }

const defaultKeyTemplate = "{channelName}/{yyyy}/{MM}/{dd}/{HH}/{channelId}-{sequence}"

// key names an object. Each has a number of its own, so that none takes the place of another whatever the template says.
func (c *channel) key(template string, at time.Time) string {
	const number = "{sequence}"
	if template == "" {
		template = defaultKeyTemplate
	}
	if !strings.Contains(template, number) {
		template += "-" + number
	}
	return strings.NewReplacer(
		"{channelName}", c.name, "{channelId}", c.id, "{streamName}", c.stream.name, number, fmt.Sprintf("%012d", c.objects),
		"{yyyy}", at.Format("2006"), "{MM}", at.Format("01"), "{dd}", at.Format("02"), "{HH}", at.Format("15"),
	).Replace(template)
}

// appendDeadLetter appends a line that holds a record and what is wrong with it.
func (p pending) appendDeadLetter(b []byte) []byte {
	line, _ := json.Marshal(map[string]any{ // texts and numbers: it does not fail
		"errorCode": "InvalidJson", "shardId": p.shard.id, "sequenceNumber": p.shard.sequence(p.index, p.record.arrived).String(),
		"partitionKey": p.record.key(), "arrivalTimestamp": p.record.arrived, "rawData": base64.StdEncoding.EncodeToString(p.record.data()),
	})
	return append(append(b, line...), '\n')
}
