// Package produce sends clicks to a Kinesis stream: generated ones, or those of a file or of standard input.
//
// Run makes the stream ready, then starts the engine, which knows nothing of flags and printing:
//
//	source ──► batch ──► engine: N senders, each with one request at a time ──► PutRecords
//
// A source fills a batch (generatorSource, inputSource), the engine hands full batches to its senders and at most one batch waits for
// one, a sender sends its batch until all of it is stored: what PutRecords refuses is sent again by itself, what fails as a whole is
// sent again as a whole, with growing pauses and without end. Only an error that cannot pass, or a signal, ends that early, and then
// the counts say how many records were not delivered: sent = stored + failed + not delivered, always.
//
// Order: with one request in flight a batch is stored before the next one is sent, so records of one partition key keep their order
// from batch to batch. Inside a request Kinesis promises no order, and a record that is refused comes after those of its
// batch that were not. With more requests in flight there is no order.
//
// A request without an answer (a broken connection, a fault of the service) may have been carried out or not. It is sent again, so that no
// record is lost; its records may then be in the stream twice, and are counted as uncertain.
package produce
