package kinesis

import (
	"strconv"
	"time"

	"clickstream/emulator/internal/wire"
)

// PutRecords: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html
// Kept: partition and explicit hash keys, 500 records and 10 MiB a request, the stream's own largest record, even distribution by
// AUTO, EncryptionType, DryRun, and, with Options.Throttle, the shards' write limits, answered record by record.
// Left out: nothing is really encrypted.

// PutRecordsInput is what PutRecords takes.
type PutRecordsInput struct {
	Target
	Records []PutRecordsRequestEntry
	DryRun  bool `json:",omitempty"`
}

// PutRecordsRequestEntry is one record to be put.
type PutRecordsRequestEntry struct {
	Data            wire.Blob
	PartitionKey    string `json:",omitempty"`
	ExplicitHashKey string `json:",omitempty"`
}

// PutRecordsOutput is what PutRecords answers: one entry for each record, in the order of the request.
type PutRecordsOutput struct {
	FailedRecordCount int64
	Records           []PutRecordsResultEntry
	EncryptionType    string `json:",omitempty"`
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
	mostRequestBytes = 10 << 20
	mostKeyLength    = 256
)

// Plain says, at little cost, that nothing is wrong with the request.
func (in *PutRecordsInput) Plain() bool {
	if len(in.Records) == 0 || len(in.Records) > mostRecords || !in.plain() {
		return false
	}
	for i := range in.Records {
		if !in.Records[i].plain() {
			return false
		}
	}
	return true
}

func (e *PutRecordsRequestEntry) plain() bool {
	return e.Data != nil && len(e.PartitionKey) > 0 && len(e.PartitionKey) <= mostKeyLength && len(e.Data) <= mostRequestBytes &&
		(e.ExplicitHashKey == "" || wellFormedHashKey(e.ExplicitHashKey))
}

func (s *Service) putRecords(scope wire.Scope, in *PutRecordsInput) (*PutRecordsOutput, error) {
	return s.putEntries(scope, in, func(i int) string { return "records." + strconv.Itoa(i+1) + ".member." })
}

// putEntries stores records; path returns where in the request each stands.
func (s *Service) putEntries(scope wire.Scope, in *PutRecordsInput, path func(i int) string) (*PutRecordsOutput, error) {
	keys, err := in.hashKeys()
	if err != nil {
		return nil, err
	}
	records, err := in.compact()
	if err != nil {
		return nil, err
	}
	now := s.now()
	st, err := s.lockReady(scope, in.Target, now)
	if err != nil {
		return nil, err
	}
	defer st.mu.Unlock()
	if err := st.checkRecords(records, path); err != nil {
		return nil, err
	}
	if in.DryRun {
		return nil, dryRun()
	}
	st.scale(now)
	return st.put(keys, records, now, s.options.Throttle), nil
}

// dryRun is the answer to a request that was only to be tried, and would have succeeded.
func dryRun() error {
	return wire.Errorf("DryRunOperationException", "Request would have succeeded, but DryRun flag is set.")
}

// checkRecords compares records with what the stream itself asks for: its largest size, and a partition key unless it distributes
// records on its own.
func (st *stream) checkRecords(records []record, path func(i int) string) error {
	most := st.maxRecordKiB << 10
	var check wire.Check
	for i := range records {
		one := &records[i]
		if one.keySize == 0 && !st.auto {
			check.Required(path(i)+"partitionKey", false)
		}
		if len(one.bytes) > most {
			size := strconv.Itoa(len(one.data()))
			check.Failf(path(i)+"data", "java.nio.HeapByteBuffer[pos=0 lim="+size+" cap="+size+"]", "Member must have length less than or equal to %d", most)
		}
	}
	return check.Err()
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
	out := &PutRecordsOutput{Records: make([]PutRecordsResultEntry, len(records)), EncryptionType: st.encryptionType()}
	numbers := make([]SequenceNumber, len(records))
	// Requests look at the clock before they wait for the lock, so they may come in another order; searches want times in order.
	st.arrived = max(st.arrived, now.UnixMilli())
	millis := st.arrived
	taken := int64(0)
	horizon := st.horizon(now).UnixMilli()
	for i, one := range records {
		home := st.home(keys[i])
		home.records.trim(horizon) // where nobody reads, nobody else lets go of what is too old
		if throttle && !home.written.take(millis/1000, len(one.bytes)) {
			out.FailedRecordCount++
			out.Records[i] = PutRecordsResultEntry{
				ErrorCode:    "ProvisionedThroughputExceededException",
				ErrorMessage: st.rateMessage(home),
			}
			continue
		}
		taken += int64(len(one.bytes))
		one.arrived, one.encrypted = millis, st.keyID != ""
		numbers[i] = home.sequence(home.records.add(one), millis)
		out.Records[i] = PutRecordsResultEntry{SequenceNumber: &numbers[i], ShardId: home.id}
		home.wake()
	}
	st.traffic.add(millis, int64(len(records))-out.FailedRecordCount, taken)
	return out
}

// home returns the shard that takes a record: that of its key or, where the stream distributes records on its own, each in turn.
func (st *stream) home(key hashKey) *shard {
	if !st.auto {
		return st.shardFor(key)
	}
	st.turn++
	return st.open[st.turn%uint64(len(st.open))]
}
