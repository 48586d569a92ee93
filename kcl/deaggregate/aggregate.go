package deaggregate

import "clickstream/kcl/aggregate"

const magic = "\xf3\x89\x9a\xc2"

// UserRecord is a record to be packed with others.
type UserRecord struct {
	// PartitionKey decides about the shard, unless ExplicitHashKey does.
	PartitionKey string
	// ExplicitHashKey is a hash key in decimal digits, or "".
	ExplicitHashKey string
	// Data is the payload.
	Data []byte
}

// Aggregate packs records, in order, into the data of one Kinesis record, as the KPL does. To be delivered they must all
// belong to the shard that the Kinesis record's own keys lead to. That its data may have 1 MiB at most (10 MiB, where
// the stream is set so) is the caller's business. Package aggregate does the same record by record.
func Aggregate(records []UserRecord) []byte {
	var b aggregate.Builder
	for i := range records {
		b.Add(records[i].PartitionKey, records[i].ExplicitHashKey, records[i].Data)
	}
	return b.AppendTo(nil)
}
