// Package produce sends clicks to a Kinesis stream: generated ones, those of a file or of standard input, or those that come by HTTP.
//
// Run makes the stream ready and gives a source's records to package producer, which does the rest:
//
//	source ──► outlet ──► producer.Producer ──► PutRecords
//
// A source is a generatorSource, an inputSource or an httpSource. What PutRecords refuses is sent again, without end unless there is a time to
// live. Only an error that cannot pass, or a signal, ends that early, and then the counts say how many records were not stored, the
// first of them is named and a file takes them, if there is one: sent = stored + failed + expired + not delivered, always.
//
// Order: with one request in flight a batch is stored before the next one is sent, so records of one partition key keep their order
// from batch to batch. Inside a request Kinesis promises no order, and a record that is refused comes after those of its
// batch that were not. With more requests in flight there is no order, unless OrderByKey asks for it.
//
// A request without an answer (a broken connection, a fault of the service) may have been carried out or not. It is sent again, so that no
// record is lost; its records may then be in the stream twice, and are counted as uncertain.
package produce
