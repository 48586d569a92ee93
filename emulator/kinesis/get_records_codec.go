package kinesis

import (
	"strconv"

	"clickstream/emulator/internal/wire"
)

// AppendJSON writes the reply without reflection.
func (out *GetRecordsOutput) AppendJSON(b []byte) []byte {
	b = append(b, `{"Records":[`...)
	for i := range out.Records {
		if i > 0 {
			b = append(b, ',')
		}
		b = out.Records[i].appendJSON(b)
	}
	b = append(b, ']')
	if out.NextShardIterator != "" {
		b = wire.AppendString(append(b, `,"NextShardIterator":`...), out.NextShardIterator)
	}
	b = strconv.AppendInt(append(b, `,"MillisBehindLatest":`...), out.MillisBehindLatest, 10)
	for i := range out.ChildShards {
		if i == 0 {
			b = append(b, `,"ChildShards":[`...)
		} else {
			b = append(b, ',')
		}
		b = out.ChildShards[i].appendJSON(b)
	}
	if len(out.ChildShards) > 0 {
		b = append(b, ']')
	}
	return append(b, '}')
}

func (r *Record) appendJSON(b []byte) []byte {
	b = r.SequenceNumber.Append(append(b, `{"SequenceNumber":"`...))
	b = wire.AppendSeconds(append(b, `","ApproximateArrivalTimestamp":`...), r.ApproximateArrivalTimestamp.Time().UnixMilli())
	b = wire.AppendBlob(append(b, `,"Data":`...), r.Data)
	if r.PartitionKey != "" {
		b = wire.AppendString(append(b, `,"PartitionKey":`...), r.PartitionKey)
	}
	if r.EncryptionType != nil {
		b = wire.AppendString(append(b, `,"EncryptionType":`...), *r.EncryptionType)
	}
	return append(b, '}')
}

func (c *ChildShard) appendJSON(b []byte) []byte {
	b = append(append(append(b, `{"ShardId":"`...), c.ShardId...), `","ParentShards":[`...)
	for i, parent := range c.ParentShards {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, '"'), parent...), '"')
	}
	b = append(append(b, `],"HashKeyRange":{"StartingHashKey":"`...), c.HashKeyRange.StartingHashKey...)
	b = append(append(b, `","EndingHashKey":"`...), c.HashKeyRange.EndingHashKey...)
	return append(b, `"}}`...)
}

// AppendCBOR writes the reply without reflection.
func (out *GetRecordsOutput) AppendCBOR(b []byte) []byte {
	members := uint64(2)
	if out.NextShardIterator != "" {
		members++
	}
	if len(out.ChildShards) > 0 {
		members++
	}
	b = wire.AppendCBORHead(b, wire.CBORMap, members)
	b = wire.AppendCBORHead(wire.AppendCBORText(b, "Records"), wire.CBORArray, uint64(len(out.Records)))
	for i := range out.Records {
		b = out.Records[i].appendCBOR(b)
	}
	if out.NextShardIterator != "" {
		b = wire.AppendCBORText(wire.AppendCBORText(b, "NextShardIterator"), out.NextShardIterator)
	}
	b = wire.AppendCBORInt(wire.AppendCBORText(b, "MillisBehindLatest"), out.MillisBehindLatest)
	if len(out.ChildShards) > 0 {
		b = wire.AppendCBORHead(wire.AppendCBORText(b, "ChildShards"), wire.CBORArray, uint64(len(out.ChildShards)))
	}
	for i := range out.ChildShards {
		b = out.ChildShards[i].appendCBOR(b)
	}
	return b
}

func (r *Record) appendCBOR(b []byte) []byte {
	members := uint64(3)
	if r.PartitionKey != "" {
		members++
	}
	if r.EncryptionType != nil {
		members++
	}
	b = wire.AppendCBORHead(b, wire.CBORMap, members)
	b = r.SequenceNumber.appendCBOR(wire.AppendCBORText(b, "SequenceNumber"))
	b = wire.AppendCBORMillis(wire.AppendCBORText(b, "ApproximateArrivalTimestamp"), r.ApproximateArrivalTimestamp.Time().UnixMilli())
	b = wire.AppendCBORBytes(wire.AppendCBORText(b, "Data"), r.Data)
	if r.PartitionKey != "" {
		b = wire.AppendCBORText(wire.AppendCBORText(b, "PartitionKey"), r.PartitionKey)
	}
	if r.EncryptionType != nil {
		b = wire.AppendCBORText(wire.AppendCBORText(b, "EncryptionType"), *r.EncryptionType)
	}
	return b
}

func (c *ChildShard) appendCBOR(b []byte) []byte {
	b = wire.AppendCBORHead(b, wire.CBORMap, 3)
	b = wire.AppendCBORText(wire.AppendCBORText(b, "ShardId"), c.ShardId)
	b = wire.AppendCBORHead(wire.AppendCBORText(b, "ParentShards"), wire.CBORArray, uint64(len(c.ParentShards)))
	for _, parent := range c.ParentShards {
		b = wire.AppendCBORText(b, parent)
	}
	b = wire.AppendCBORHead(wire.AppendCBORText(b, "HashKeyRange"), wire.CBORMap, 2)
	b = wire.AppendCBORText(wire.AppendCBORText(b, "StartingHashKey"), c.HashKeyRange.StartingHashKey)
	return wire.AppendCBORText(wire.AppendCBORText(b, "EndingHashKey"), c.HashKeyRange.EndingHashKey)
}
