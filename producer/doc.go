// Package producer sends records to a Kinesis stream, quickly and without losing any: what the Kinesis Producer Library (KPL) does in a
// native process of its own, in Go and in yours.
//
//	p, err := producer.New(ctx, producer.Options{Client: kinesis.NewFromConfig(cfg), Stream: "clicks"})
//	...
//	err = p.Put(ctx, producer.Record{PartitionKey: "/index.html", Data: click}, func(r producer.Result) { ... })
//	...
//	err = p.Close(ctx)
//
// Put takes a record and returns; it waits when the buffer is full, which is bounded by count and bytes. Records are gathered into requests by
// count, by size and by time, and a number of requests is under way at once. Of each record its callback is told once what became of it: shard
// and sequence number, or an error.
//
// # What is sent again
//
// What PutRecords refuses, and nothing else, is sent again, after pauses that grow from about 50 ms to 5 s; a request that fails in a way that
// may pass (throttling, a fault of the service, a broken connection) is made again as a whole. Without Options.TimeToLive there is no
// end to that. What fails for good (access denied, no such stream) is told to the callbacks.
//
// A request without an answer may have been carried out. It is made again, so that no record is lost; its records may then be in
// the stream twice. Result.MaybeTwice and Stats.MaybeTwice say which and how many: no others are. The service has no means to prevent it.
//
// # Order
//
// PutRecords promises no order, and what is refused comes later than what is not. With Options.OrderByKey no record of a partition key is
// sent before the one before it is stored or given up; of each key there is then one record in a request, or with Aggregate one
// aggregate. A record that comes twice comes the second time before the next one of its key; an aggregate comes again as a whole.
//
// # Aggregates
//
// With Options.Aggregate, records that belong to one shard are packed into one Kinesis record in the KPL's format. That is many times cheaper
// for small records, and is not held back by the 1,000 records a second that a shard takes. Readers have to take aggregates apart: the KCL
// does, in every language; package kcl/deaggregate does it for others.
//
// An aggregate must come to the shard of all of its records: of one that does not, which happens when the shard is split meanwhile, the KCL
// delivers no record at all. So the shard of each answer is compared with the one predicted. If the aggregate does not belong there as a
// whole, all of its records are sent again by themselves. A reader that does not compare, as the KCL does, then sees records twice;
// Stats.Strayed counts them.
package producer
