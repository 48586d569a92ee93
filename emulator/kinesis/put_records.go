package kinesis

import (
	"strconv"
	"time"
	"unicode/utf8"

	"clickstream/emulator/internal/wire"
)

// PutRecords: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html
// Kept: partition and explicit hash keys, 500 records and 10 MiB a request, 1 MiB a record, and, with Options.Throttle, the
// shards' write limits, answered record by record.
// Left out: encryption.

// PutRecordsInput is what PutRecords takes.
type PutRecordsInput struct {
	Target
	Records []PutRecordsRequestEntry
}

// PutRecordsRequestEntry is one record to be put.
type PutRecordsRequestEntry struct {
	Data            wire.Blob
	PartitionKey    string
	ExplicitHashKey string `json:",omitempty"`
}

// PutRecordsOutput is what PutRecords answers: one entry for each record, in the order of the request.
type PutRecordsOutput struct {
	FailedRecordCount int64
	Records           []PutRecordsResultEntry
}

// PutRecordsResultEntry says where a record went, or why it was refused.
type PutRecordsResultEntry struct {
	SequenceNumber *SequenceNumber `json:",omitempty"`
	ShardId        string          `json:",omitempty"` //nolint:revive // the wire's name
	ErrorCode      string          `json:",omitempty"`
	ErrorMessage   string          `json:",omitempty"`
}

const (
	mostRecords      = 500
	mostRecordBytes  = 1 << 20
	mostRequestBytes = 10 << 20
	mostKeyLength    = 256
)

// Check checks stream and count of records, and each record's keys and size.
func (in *PutRecordsInput) Check(c *wire.Check) {
	in.check(c)
	switch n := len(in.Records); {
	case in.Records == nil:
		c.Required("records", false)
	case n == 0:
		c.Failf("records", "[]", "Member must have length greater than or equal to 1")
	case n > mostRecords:
		c.Failf("records", strconv.Itoa(n)+" records", "Member must have length less than or equal to %d", mostRecords)
	}
	for i := range in.Records {
		if entry := &in.Records[i]; !entry.plain() {
			entry.check(c, "records."+strconv.Itoa(i+1)+".member.")
		}
	}
}

// plain says, at little cost, that nothing is wrong with an entry.
func (e *PutRecordsRequestEntry) plain() bool {
	return e.Data != nil && len(e.PartitionKey) > 0 && len(e.PartitionKey) <= mostKeyLength && len(e.Data)+len(e.PartitionKey) <= mostRecordBytes &&
		(e.ExplicitHashKey == "" || wellFormedHashKey(e.ExplicitHashKey))
}

func (e *PutRecordsRequestEntry) check(c *wire.Check, path string) {
	c.Required(path+"data", e.Data != nil)
	if size := len(e.Data); size+len(e.PartitionKey) > mostRecordBytes {
		shown := strconv.Itoa(size)
		c.Failf(path+"data", "java.nio.HeapByteBuffer[pos=0 lim="+shown+" cap="+shown+"]", "Member must have length less than or equal to %d", mostRecordBytes)
	}
	if n := utf8.RuneCountInString(e.PartitionKey); n < 1 || n > mostKeyLength {
		c.Length(path+"partitionKey", e.PartitionKey, 1, mostKeyLength)
	}
	if e.ExplicitHashKey != "" && !wellFormedHashKey(e.ExplicitHashKey) {
		c.Failf(path+"explicitHashKey", e.ExplicitHashKey, "%s", `Member must satisfy regular expression pattern: 0|([1-9]\d{0,38})`)
	}
}

func (s *Service) putRecords(scope wire.Scope, in *PutRecordsInput) (*PutRecordsOutput, error) {
	keys, err := in.hashKeys()
	if err != nil {
		return nil, err
	}
	records, err := in.compact()
	if err != nil {
		return nil, err
	}
	now := time.Now()
	st, err := s.lockReady(scope, in.Target, now)
	if err != nil {
		return nil, err
	}
	defer st.mu.Unlock()
	return st.put(keys, records, now, s.options.Throttle), nil
}

// hashKeys returns the place of each record.
func (in *PutRecordsInput) hashKeys() ([]hashKey, error) {
	keys := make([]hashKey, len(in.Records))
	for i := range in.Records {
		entry := &in.Records[i]
		if entry.ExplicitHashKey == "" {
			keys[i] = hashOf(entry.PartitionKey)
			continue
		}
		key, ok := parseHashKey(entry.ExplicitHashKey)
		if !ok {
			return nil, wire.Errorf("InvalidArgumentException",
				"Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was %s", entry.ExplicitHashKey)
		}
		keys[i] = key
	}
	return keys, nil
}

// compact copies keys and data of all records into one piece of memory of just their size.
func (in *PutRecordsInput) compact() ([]record, error) {
	size := 0
	for i := range in.Records {
		size += len(in.Records[i].PartitionKey) + len(in.Records[i].Data)
	}
	if size > mostRequestBytes {
		return nil, wire.Errorf("InvalidArgumentException", "Records size exceeds 10 MB limit")
	}
	memory := make([]byte, 0, size)
	records := make([]record, len(in.Records))
	for i := range in.Records {
		entry := &in.Records[i]
		start := len(memory)
		memory = append(append(memory, entry.PartitionKey...), entry.Data...)
		records[i] = record{bytes: memory[start:len(memory):len(memory)], keySize: int32(len(entry.PartitionKey))}
	}
	return records, nil
}

// put stores records in the shards of their keys.
func (st *stream) put(keys []hashKey, records []record, now time.Time, throttle bool) *PutRecordsOutput {
	out := &PutRecordsOutput{Records: make([]PutRecordsResultEntry, len(records))}
	numbers := make([]SequenceNumber, len(records))
	// Requests look at the clock before they wait for the lock, so they may come in another order; searches want times in order.
	st.arrived = max(st.arrived, now.UnixMilli())
	millis := st.arrived
	for i, one := range records {
		home := st.shardFor(keys[i])
		if throttle && !home.written.take(now.Unix(), len(one.bytes)) {
			out.FailedRecordCount++
			out.Records[i] = PutRecordsResultEntry{
				ErrorCode:    "ProvisionedThroughputExceededException",
				ErrorMessage: "Rate exceeded for shard " + home.id + " in stream " + st.name + " under account " + st.scope.Account + ".",
			}
			continue
		}
		one.arrived = millis
		numbers[i] = home.sequence(home.records.add(one), millis)
		out.Records[i] = PutRecordsResultEntry{SequenceNumber: &numbers[i], ShardId: home.id}
		home.wake()
	}
	return out
}
