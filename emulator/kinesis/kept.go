package kinesis

import (
	"fmt"
	"slices"
	"sort"
	"time"

	"github.com/fxamacker/cbor/v2"

	"clickstream/emulator/internal/journal"
	"clickstream/emulator/internal/wire"
)

// keptStream is a stream without its records as the journal holds it. Times are nanoseconds since 1970, 0 being none.
type keptStream struct {
	Region, Account, Name string
	ID                    uint64
	Created, Changed      int64
	State                 keptState
	Mode                  string
	Retention             int64
	Shards                []keptShard // by number
	Consumers             []keptConsumer
	Channels              []keptChannel
	Arrived               int64
	Tags                  map[string]string
	Policy, KeyID         string
	Metrics               []string
	MaxRecordKiB          int
	Auto                  bool
	Turn                  uint64
	Traffic               [5]int64
	WarmMiB               int64
	ModeChanges           []int64
	CountChanges          []int64
}

type keptState struct {
	Changing string
	Settled  int64
}

type keptShard struct {
	Parents                []uint32
	Start, End             [2]uint64
	Second, Opened, Closed int64
	First                  uint64 // index of the first record that is there
}

type keptConsumer struct {
	Name    string
	Number  uint64
	Created int64
	State   keptState
	Policy  string
	Tags    map[string]string
}

type keptChannel struct {
	Name, ID string
	Created  int64
	State    keptState
	Input    CreateChannelInput
	Tags     map[string]string
	Reason   string
	Next     map[uint32]uint64
	Objects  int
}

func (l *lifecycle) encode() keptState { return keptState{l.changing, journal.Nanos(l.settled)} }

func (k keptState) decode() lifecycle { return lifecycle{k.Changing, journal.Time(k.Settled)} }

func (r *rolling) encode() []int64 {
	var times []int64
	for _, t := range r.times {
		times = append(times, journal.Nanos(t))
	}
	return times
}

func decodeRolling(times []int64) rolling {
	var r rolling
	for _, n := range times {
		r.times = append(r.times, journal.Time(n))
	}
	return r
}

// encode writes a locked stream down.
func (st *stream) encode() ([]byte, error) {
	kept := keptStream{
		Region: st.scope.Region, Account: st.scope.Account, Name: st.name, ID: st.id, Created: journal.Nanos(st.created), Changed: journal.Nanos(st.changed),
		State: st.lifecycle.encode(), Mode: st.mode, Retention: int64(st.retention), Arrived: st.arrived, Tags: st.tags, Policy: st.policy,
		KeyID: st.keyID, Metrics: st.metrics, MaxRecordKiB: st.maxRecordKiB, Auto: st.auto, Turn: st.turn, WarmMiB: st.warmMiB,
		Traffic:     [5]int64{st.traffic.minute, st.traffic.records, st.traffic.bytes, int64(st.traffic.peak), st.traffic.peakMinute},
		ModeChanges: st.modeChanges.encode(), CountChanges: st.countChanges.encode(),
	}
	for _, one := range st.shards {
		shard := keptShard{
			Start: [2]uint64{one.start.high, one.start.low}, End: [2]uint64{one.end.high, one.end.low}, Second: one.second,
			Opened: journal.Nanos(one.opened), Closed: journal.Nanos(one.closed), First: one.records.first,
		}
		for _, parent := range one.parents {
			shard.Parents = append(shard.Parents, parent.number)
		}
		kept.Shards = append(kept.Shards, shard)
	}
	for _, one := range st.consumers {
		kept.Consumers = append(kept.Consumers, keptConsumer{one.name, one.number, journal.Nanos(one.created), one.encode(), one.policy, one.tags})
	}
	for _, one := range st.channels {
		kept.Channels = append(kept.Channels, keptChannel{
			one.name, one.id, journal.Nanos(one.created), one.encode(), one.input, one.tags, one.reason, one.next, one.objects,
		})
	}
	return cbor.Marshal(kept)
}

// decode makes a stream what was written down. Shards and consumers that it has stay what they are, with the records of the shards; what
// was not there then goes.
func (st *stream) decode(text []byte) error {
	var kept keptStream
	if err := cbor.Unmarshal(text, &kept); err != nil {
		return err
	}
	if err := kept.check(); err != nil {
		return err
	}
	st.scope, st.name, st.id = wire.Scope{Region: kept.Region, Account: kept.Account}, kept.Name, kept.ID
	st.created, st.changed, st.lifecycle = journal.Time(kept.Created), journal.Time(kept.Changed), kept.State.decode()
	st.mode, st.retention, st.arrived = kept.Mode, time.Duration(kept.Retention), max(st.arrived, kept.Arrived)
	st.tags, st.policy, st.keyID, st.metrics, st.maxRecordKiB = kept.Tags, kept.Policy, kept.KeyID, kept.Metrics, kept.MaxRecordKiB
	st.auto, st.turn, st.warmMiB = kept.Auto, kept.Turn, kept.WarmMiB
	st.traffic = traffic{kept.Traffic[0], kept.Traffic[1], kept.Traffic[2], int(kept.Traffic[3]), kept.Traffic[4]}
	st.modeChanges, st.countChanges = decodeRolling(kept.ModeChanges), decodeRolling(kept.CountChanges)
	st.decodeConsumers(kept.Consumers)
	st.decodeChannels(kept.Channels)
	if kept.State.Changing == statusDeleting {
		kept.Shards, st.consumers = nil, nil
	}
	st.decodeShards(kept.Shards)
	return nil
}

// check refuses what no stream can be, so that nothing else has to.
func (k *keptStream) check() error {
	for i, one := range k.Shards {
		for _, parent := range one.Parents {
			if int64(parent) >= int64(i) {
				return fmt.Errorf("shard %d of stream %s has the parent %d", i, k.Name, parent)
			}
		}
		if one.First == 0 {
			return fmt.Errorf("shard %d of stream %s has a record 0", i, k.Name)
		}
	}
	return nil
}

func (st *stream) decodeShards(all []keptShard) {
	for _, gone := range st.shards[min(len(all), len(st.shards)):] {
		gone.records.clear()
	}
	st.shards = st.shards[:min(len(all), len(st.shards))]
	st.open = nil
	for i, kept := range all {
		if i == len(st.shards) {
			made := &shard{number: uint32(i), id: shardID(uint32(i))}
			made.records.first, made.records.memory = kept.First, st.memory
			st.shards = append(st.shards, made)
		}
		one := st.shards[i]
		one.parents, one.children = nil, nil
		one.start, one.end = hashKey{kept.Start[0], kept.Start[1]}, hashKey{kept.End[0], kept.End[1]}
		one.second, one.opened, one.closed = kept.Second, journal.Time(kept.Opened), journal.Time(kept.Closed)
		for _, number := range kept.Parents {
			parent := st.shards[number]
			one.parents, parent.children = append(one.parents, parent), append(parent.children, one)
		}
		if one.isOpen() {
			st.open = append(st.open, one)
		}
	}
	sort.Slice(st.open, func(i, j int) bool { return st.open[i].start.less(st.open[j].start) })
}

func (st *stream) decodeConsumers(all []keptConsumer) {
	present := st.consumers
	st.consumers = nil
	for _, kept := range all {
		made := &consumer{latest: map[uint32]latestSubscription{}}
		if at := slices.IndexFunc(present, func(one *consumer) bool { return one.number == kept.Number }); at >= 0 {
			made = present[at]
		}
		made.name, made.number, made.created, made.lifecycle = kept.Name, kept.Number, journal.Time(kept.Created), kept.State.decode()
		made.policy, made.tags = kept.Policy, kept.Tags
		st.consumers = append(st.consumers, made)
	}
}

func (st *stream) decodeChannels(all []keptChannel) {
	present := st.channels
	st.channels = nil
	for _, kept := range all {
		made := &channel{stream: st}
		if at := slices.IndexFunc(present, func(one *channel) bool { return one.id == kept.ID }); at >= 0 {
			made = present[at]
		}
		made.name, made.id, made.created, made.lifecycle = kept.Name, kept.ID, journal.Time(kept.Created), kept.State.decode()
		made.input, made.tags, made.reason, made.next, made.objects = kept.Input, kept.Tags, kept.Reason, kept.Next, kept.Objects
		if made.next == nil {
			made.next = map[uint32]uint64{}
		}
		st.channels = append(st.channels, made)
	}
}
