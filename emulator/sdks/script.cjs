// The conformance script by aws-sdk-js v3. Usage: NODE_PATH=… node script.cjs ENDPOINT
"use strict";

const kinesisSDK = require("@aws-sdk/client-kinesis");
const dynamodbSDK = require("@aws-sdk/client-dynamodb");
const s3SDK = require("@aws-sdk/client-s3");
const cloudwatchSDK = require("@aws-sdk/client-cloudwatch");

const settings = { endpoint: process.argv[2], region: "us-east-1" };
const clients = {
  kinesis: [kinesisSDK, new kinesisSDK.KinesisClient(settings)],
  dynamodb: [dynamodbSDK, new dynamodbSDK.DynamoDBClient(settings)],
  s3: [s3SDK, new s3SDK.S3Client({ ...settings, forcePathStyle: true })],
  cloudwatch: [cloudwatchSDK, new cloudwatchSDK.CloudWatchClient(settings)],
};
const caller = (service) => (operation, input = {}) => {
  const [sdk, client] = clients[service];
  return client.send(new sdk[operation + "Command"](input));
};
const kinesis = caller("kinesis");
const dynamodb = caller("dynamodb");
const s3 = caller("s3");
const cloudwatch = caller("cloudwatch");

const say = (...words) => console.log(words.filter((word) => word !== "").join(" "));
const bytes = (text) => new TextEncoder().encode(text);
const refused = async (call) => {
  try {
    await call;
  } catch (error) {
    return error.name;
  }
  return "nothing";
};
const data = (records) => records.map((record) => new TextDecoder().decode(record.Data)).join(" ");
const children = (reply) => (reply.ChildShards?.length ? ["then", ...reply.ChildShards.map((child) => child.ShardId)].join(" ") : "");

const StreamName = "clicks";
const first = "shardId-000000000000";
const middle = (2n ** 127n).toString();

const put = (content, at) => kinesis("PutRecord", { StreamName, Data: bytes(content), PartitionKey: "k", ExplicitHashKey: at });
const iterator = async (ShardId, ShardIteratorType, position = {}) =>
  (await kinesis("GetShardIterator", { StreamName, ShardId, ShardIteratorType, ...position })).ShardIterator;
const get = async (kind, position) => {
  const reply = await kinesis("GetRecords", { ShardIterator: await iterator(first, kind, position) });
  say("get", kind, data(reply.Records));
};

async function listShards() {
  for (const shard of (await kinesis("ListShards", { StreamName })).Shards) {
    const keys = shard.HashKeyRange;
    say("shard", shard.ShardId, shard.ParentShardId ?? "-", shard.AdjacentParentShardId ?? "-",
      shard.SequenceNumberRange.EndingSequenceNumber ? "closed" : "open", keys.StartingHashKey + "-" + keys.EndingHashKey);
  }
}

async function putAndGet() {
  await kinesis("CreateStream", { StreamName, ShardCount: 2 });
  await kinesisSDK.waitUntilStreamExists({ client: clients.kinesis[1], maxWaitTime: 30 }, { StreamName });
  const summary = (await kinesis("DescribeStreamSummary", { StreamName })).StreamDescriptionSummary;
  say("create", summary.StreamStatus, summary.OpenShardCount);
  say("put", (await put("one", "0")).ShardId);
  const Records = [["two", "0"], ["three", middle], ["four", "0"]].map(([content, at]) => ({ Data: bytes(content), PartitionKey: "k", ExplicitHashKey: at }));
  const batch = await kinesis("PutRecords", { StreamName, Records });
  say("put batch", batch.FailedRecordCount, ...batch.Records.map((record) => record.ShardId));
  const StartingSequenceNumber = batch.Records[0].SequenceNumber;
  await get("TRIM_HORIZON");
  await get("AT_SEQUENCE_NUMBER", { StartingSequenceNumber });
  await get("AFTER_SEQUENCE_NUMBER", { StartingSequenceNumber });
  await get("AT_TIMESTAMP", { Timestamp: new Date(1000) });
  const latest = await iterator(first, "LATEST");
  await put("five", "0");
  say("get LATEST", data((await kinesis("GetRecords", { ShardIterator: latest })).Records));
  return summary.StreamARN;
}

async function reshard() {
  await kinesis("SplitShard", { StreamName, ShardToSplit: first, NewStartingHashKey: "1000" });
  say("split");
  await listShards();
  await kinesis("MergeShards", { StreamName, ShardToMerge: "shardId-000000000002", AdjacentShardToMerge: "shardId-000000000003" });
  say("merge");
  await listShards();
  await put("six", "0");
  for (const shard of [0, 2, 3, 4].map((number) => "shardId-00000000000" + number)) {
    let reply;
    let content = [];
    for (let place = await iterator(shard, "TRIM_HORIZON"); place; place = reply.NextShardIterator) {
      reply = await kinesis("GetRecords", { ShardIterator: place, Limit: 3 });
      content.push(data(reply.Records));
      if (reply.MillisBehindLatest === 0 && reply.Records.length === 0) break;
    }
    say("read", shard, content.filter(Boolean).join(" "), children(reply));
  }
}

async function fanOut(StreamARN) {
  await kinesis("RegisterStreamConsumer", { StreamARN, ConsumerName: "fan" });
  let consumer;
  do {
    consumer = (await kinesis("DescribeStreamConsumer", { StreamARN, ConsumerName: "fan" })).ConsumerDescription;
  } while (consumer.ConsumerStatus !== "ACTIVE");
  const { ConsumerARN } = consumer;
  say("consumer", consumer.ConsumerName, consumer.ConsumerStatus);
  const subscription = await kinesis("SubscribeToShard", { ConsumerARN, ShardId: first, StartingPosition: { Type: "TRIM_HORIZON" } });
  for await (const { SubscribeToShardEvent: event } of subscription.EventStream) {
    say("fan-out", data(event.Records), children(event));
  }
  await kinesis("DeregisterStreamConsumer", { ConsumerARN });
  try {
    await kinesis("DescribeStreamSummary", { StreamName: "nowhere" });
  } catch (error) {
    say("missing", error.name, error.message);
  }
}

async function leases() {
  const TableName = "leases";
  const Key = { leaseKey: { S: "a" } };
  await dynamodb("CreateTable", {
    TableName, BillingMode: "PAY_PER_REQUEST", KeySchema: [{ AttributeName: "leaseKey", KeyType: "HASH" }],
    AttributeDefinitions: [{ AttributeName: "leaseKey", AttributeType: "S" }],
  });
  await dynamodbSDK.waitUntilTableExists({ client: clients.dynamodb[1], maxWaitTime: 30 }, { TableName });
  say("table", (await dynamodb("DescribeTable", { TableName })).Table.TableStatus);
  await dynamodb("PutItem", { TableName, Item: { ...Key, leaseCounter: { N: "1" } } });
  const update = {
    TableName, Key, UpdateExpression: "SET leaseCounter = :new", ConditionExpression: "leaseCounter = :old",
    ExpressionAttributeValues: { ":old": { N: "1" }, ":new": { N: "2" } }, ReturnValues: "ALL_NEW",
  };
  say("update won", (await dynamodb("UpdateItem", update)).Attributes.leaseCounter.N);
  say("update lost", await refused(dynamodb("UpdateItem", update)));
  const { Item } = await dynamodb("GetItem", { TableName, Key, ConsistentRead: true });
  say("item", Item.leaseKey.S, Item.leaseCounter.N);
}

async function objects() {
  const Bucket = "batches";
  const Key = "a/key";
  await s3("CreateBucket", { Bucket });
  const { ETag } = await s3("PutObject", { Bucket, Key, Body: "first", IfNoneMatch: "*" });
  say("object won");
  say("object lost", await refused(s3("PutObject", { Bucket, Key, Body: "second", IfNoneMatch: "*" })));
  say("object", await (await s3("GetObject", { Bucket, Key })).Body.transformToString());
  await s3("PutObject", { Bucket, Key, Body: "third", IfMatch: ETag });
  say("object replaced");
  say("object not replaced", await refused(s3("PutObject", { Bucket, Key, Body: "fourth", IfMatch: ETag })));
  say("keys", ...(await s3("ListObjectsV2", { Bucket })).Contents.map((found) => found.Key));
}

async function metrics() {
  const MetricData = [{ MetricName: "stored", Dimensions: [{ Name: "shard", Value: "0" }], Value: 1.5 }];
  await cloudwatch("PutMetricData", { Namespace: "clicks", MetricData });
  for (const metric of (await cloudwatch("ListMetrics", { Namespace: "clicks" })).Metrics) {
    say("metric", metric.MetricName, metric.Dimensions[0].Name, metric.Dimensions[0].Value);
  }
}

async function clean() {
  await s3("DeleteObject", { Bucket: "batches", Key: "a/key" });
  await s3("DeleteBucket", { Bucket: "batches" });
  await dynamodb("DeleteTable", { TableName: "leases" });
  await kinesis("DeleteStream", { StreamName });
  await kinesisSDK.waitUntilStreamNotExists({ client: clients.kinesis[1], maxWaitTime: 30 }, { StreamName });
  const left = [(await kinesis("ListStreams")).StreamNames, (await dynamodb("ListTables")).TableNames, (await s3("ListBuckets")).Buckets ?? []];
  say("left", ...left.map((all) => all.length));
}

async function main() {
  const arn = await putAndGet();
  await reshard();
  await fanOut(arn);
  await leases();
  await objects();
  await metrics();
  await clean();
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
}).finally(() => Object.values(clients).forEach(([, client]) => client.destroy()));
