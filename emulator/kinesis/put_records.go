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

	scratch putScratch
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

	numbers []SequenceNumber // that Records refer to
	reuse   *reuse
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
	if in.size() > mostRequestBytes {
		return nil, wire.Errorf("InvalidArgumentException", "Records size exceeds 10 MB limit")
	}
	now := s.now()
	st, err := s.lockReady(scope, in.Target, now)
	if err != nil {
		return nil, err
	}
	full := false
	defer func() {
		if st.mu.Unlock(); full {
			s.Trim()
		}
	}()
	if err := st.checkRecords(in.Records, path); err != nil {
		return nil, err
	}
	if in.DryRun {
		return nil, dryRun()
	}
	if full = !s.memory.Take(in.size() + len(in.Records)*recordOverhead); full {
		return st.refuseAll(len(in.Records)), nil
	}
	before := s.mark(st)
	st.scale(now)
	out := s.reuse.put(len(in.Records))
	st.put(out, keys, in.Records, now, s.options.Throttle)
	if err := s.keepRecords(st, before); err != nil {
		return nil, err
	}
	return out, nil
}

// dryRun is the answer to a request that was only to be tried, and would have succeeded.
func dryRun() error {
	return wire.Errorf("DryRunOperationException", "Request would have succeeded, but DryRun flag is set.")
}

// checkRecords compares records with what the stream itself asks for: its largest size, and a partition key unless it distributes
// records on its own.
func (st *stream) checkRecords(entries []PutRecordsRequestEntry, path func(i int) string) error {
	most := st.maxRecordKiB << 10
	var check wire.Check
	for i := range entries {
		one := &entries[i]
		if one.PartitionKey == "" && !st.auto {
			check.Required(path(i)+"partitionKey", false)
		}
		if one.size() > most {
			size := strconv.Itoa(len(one.Data))
			check.Failf(path(i)+"data", "java.nio.HeapByteBuffer[pos=0 lim="+size+" cap="+size+"]", "Member must have length less than or equal to %d", most)
		}
	}
	return check.Err()
}

// size is what of an entry counts where there are limits.
func (e *PutRecordsRequestEntry) size() int { return len(e.PartitionKey) + len(e.Data) }

func (in *PutRecordsInput) size() int {
	size := 0
	for i := range in.Records {
		size += in.Records[i].size()
	}
	return size
}

// hashKeys returns the place of each record.
func (in *PutRecordsInput) hashKeys() ([]hashKey, error) {
	keys := in.scratch.hashKeys(len(in.Records))
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

// put stores records in the shards of their keys and says in out, which has room for that, where they are.
func (st *stream) put(out *PutRecordsOutput, keys []hashKey, entries []PutRecordsRequestEntry, now time.Time, throttle bool) {
	out.EncryptionType = st.encryptionType()
	// Requests look at the clock before they wait for the lock, so they may come in another order; searches want times in order.
	st.arrived = max(st.arrived, now.UnixMilli())
	millis := st.arrived
	taken := int64(0)
	horizon := st.horizon(now).UnixMilli()
	for i := range entries {
		one := &entries[i]
		home := st.home(keys[i])
		home.records.trim(horizon) // where nobody reads, nobody else lets go of what is too old
		if throttle && !home.written.take(millis/1000, one.size()) {
			st.memory.Give(one.size() + recordOverhead)
			out.FailedRecordCount++
			out.Records[i] = PutRecordsResultEntry{
				ErrorCode:    "ProvisionedThroughputExceededException",
				ErrorMessage: st.rateMessage(home),
			}
			continue
		}
		taken += int64(one.size())
		out.numbers[i] = home.sequence(home.records.add(one.PartitionKey, one.Data, millis, st.keyID != ""), millis)
		out.Records[i] = PutRecordsResultEntry{SequenceNumber: &out.numbers[i], ShardId: home.id}
		home.wake()
	}
	st.traffic.add(millis, int64(len(entries))-out.FailedRecordCount, taken)
}

// home returns the shard that takes a record: that of its key or, where the stream distributes records on its own, each in turn.
func (st *stream) home(key hashKey) *shard {
	if !st.auto {
		return st.shardFor(key)
	}
	st.turn++
	return st.open[st.turn%uint64(len(st.open))]
}
