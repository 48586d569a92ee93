// Runs the click stream producer of Node's aws-kcl, whose path is in NODE_PRODUCER, until so many records are stored.
//
// node node.js RECORDS TPS prints records, seconds and CPU seconds. The producer has no bound on what is in flight but its TPS, and does not
// send again what is refused.
'use strict';

const AWS = require('aws-sdk');
const producer = require(process.env.NODE_PRODUCER);

const [records, tps] = process.argv.slice(2).map(Number);
const kinesis = new AWS.Kinesis({endpoint: process.env.AWS_ENDPOINT_URL});
const putRecords = kinesis.putRecords.bind(kinesis);
let stored = 0;
const start = process.hrtime.bigint();
const before = process.cpuUsage();
kinesis.putRecords = (params, done) => putRecords(params, (err, data) => {
  if (!err) {
    stored += params.Records.length - data.FailedRecordCount;
  }
  done(err, data);
  if (stored >= records) {
    const used = process.cpuUsage(before);
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    process.stdout.write(`${stored} ${seconds.toFixed(3)} ${((used.user + used.system) / 1e6).toFixed(3)}\n`, () => process.exit(0));
    stored = -Infinity;
  }
});
producer(kinesis, {stream: 'bench', shards: 8, recordsToWritePerBatch: 500, waitBetweenDescribeCallsInSeconds: 1, putRecordsTps: tps}).run();
