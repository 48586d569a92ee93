"""The conformance script by boto3. Usage: script.py ENDPOINT"""

import sys
import time

import boto3
from botocore.exceptions import ClientError

endpoint = sys.argv[1]


def client(service):
    return boto3.client(service, endpoint_url=endpoint)


def say(*words):
    print(*[word for word in words if word != ""])


def refused(call, **arguments):
    """The code of the error that a call must end with."""
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "nothing"


kinesis = client("kinesis")
stream = "clicks"
middle = str(2**127)


def data(records):
    return " ".join(record["Data"].decode() for record in records)


def children(reply):
    shards = [child["ShardId"] for child in reply.get("ChildShards", [])]
    return " ".join(["then"] + shards) if shards else ""


def put(content, at):
    return kinesis.put_record(StreamName=stream, Data=content, PartitionKey="k", ExplicitHashKey=at)


def iterator(shard, kind, **position):
    return kinesis.get_shard_iterator(StreamName=stream, ShardId=shard, ShardIteratorType=kind, **position)["ShardIterator"]


def get(kind, **position):
    say("get", kind, data(kinesis.get_records(ShardIterator=iterator(first, kind, **position))["Records"]))


def list_shards():
    for shard in kinesis.list_shards(StreamName=stream)["Shards"]:
        keys, numbers = shard["HashKeyRange"], shard["SequenceNumberRange"]
        say("shard", shard["ShardId"], shard.get("ParentShardId", "-"), shard.get("AdjacentParentShardId", "-"),
            "closed" if "EndingSequenceNumber" in numbers else "open", keys["StartingHashKey"] + "-" + keys["EndingHashKey"])


kinesis.create_stream(StreamName=stream, ShardCount=2)
kinesis.get_waiter("stream_exists").wait(StreamName=stream)
summary = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]
say("create", summary["StreamStatus"], summary["OpenShardCount"])
first = put("one", "0")["ShardId"]
say("put", first)
batch = kinesis.put_records(StreamName=stream, Records=[
    {"Data": content, "PartitionKey": "k", "ExplicitHashKey": at} for content, at in [("two", "0"), ("three", middle), ("four", "0")]])
say("put batch", batch["FailedRecordCount"], *[record["ShardId"] for record in batch["Records"]])
second = batch["Records"][0]["SequenceNumber"]
get("TRIM_HORIZON")
get("AT_SEQUENCE_NUMBER", StartingSequenceNumber=second)
get("AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=second)
get("AT_TIMESTAMP", Timestamp=1)
latest = iterator(first, "LATEST")
put("five", "0")
say("get LATEST", data(kinesis.get_records(ShardIterator=latest)["Records"]))

kinesis.split_shard(StreamName=stream, ShardToSplit=first, NewStartingHashKey="1000")
say("split")
list_shards()
kinesis.merge_shards(StreamName=stream, ShardToMerge="shardId-000000000002", AdjacentShardToMerge="shardId-000000000003")
say("merge")
list_shards()
put("six", "0")
for shard in [first] + ["shardId-00000000000%d" % number for number in (2, 3, 4)]:
    place, content = iterator(shard, "TRIM_HORIZON"), ""
    while True:
        reply = kinesis.get_records(ShardIterator=place, Limit=3)
        content = " ".join(filter(None, [content, data(reply["Records"])]))
        place = reply.get("NextShardIterator")
        if not place or reply["MillisBehindLatest"] == 0 and not reply["Records"]:
            break
    say("read", shard, content, children(reply))

arn = summary["StreamARN"]
kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="fan")
while True:
    consumer = kinesis.describe_stream_consumer(StreamARN=arn, ConsumerName="fan")["ConsumerDescription"]
    if consumer["ConsumerStatus"] == "ACTIVE":
        break
    time.sleep(0.1)
say("consumer", consumer["ConsumerName"], consumer["ConsumerStatus"])
events = kinesis.subscribe_to_shard(ConsumerARN=consumer["ConsumerARN"], ShardId=first, StartingPosition={"Type": "TRIM_HORIZON"})
for event in events["EventStream"]:
    event = event["SubscribeToShardEvent"]
    say("fan-out", data(event["Records"]), children(event))
kinesis.deregister_stream_consumer(ConsumerARN=consumer["ConsumerARN"])
try:
    kinesis.describe_stream_summary(StreamName="nowhere")
except ClientError as error:
    say("missing", error.response["Error"]["Code"], error.response["Error"]["Message"])

dynamodb = client("dynamodb")
dynamodb.create_table(TableName="leases", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "leaseKey", "KeyType": "HASH"}],
                      AttributeDefinitions=[{"AttributeName": "leaseKey", "AttributeType": "S"}])
dynamodb.get_waiter("table_exists").wait(TableName="leases")
say("table", dynamodb.describe_table(TableName="leases")["Table"]["TableStatus"])
dynamodb.put_item(TableName="leases", Item={"leaseKey": {"S": "a"}, "leaseCounter": {"N": "1"}})
update = dict(TableName="leases", Key={"leaseKey": {"S": "a"}}, UpdateExpression="SET leaseCounter = :new", ConditionExpression="leaseCounter = :old",
              ExpressionAttributeValues={":old": {"N": "1"}, ":new": {"N": "2"}}, ReturnValues="ALL_NEW")
say("update won", dynamodb.update_item(**update)["Attributes"]["leaseCounter"]["N"])
say("update lost", refused(dynamodb.update_item, **update))
item = dynamodb.get_item(TableName="leases", Key={"leaseKey": {"S": "a"}}, ConsistentRead=True)["Item"]
say("item", item["leaseKey"]["S"], item["leaseCounter"]["N"])

s3 = client("s3")
s3.create_bucket(Bucket="batches")
etag = s3.put_object(Bucket="batches", Key="a/key", Body=b"first", IfNoneMatch="*")["ETag"]
say("object won")
say("object lost", refused(s3.put_object, Bucket="batches", Key="a/key", Body=b"second", IfNoneMatch="*"))
say("object", s3.get_object(Bucket="batches", Key="a/key")["Body"].read().decode())
s3.put_object(Bucket="batches", Key="a/key", Body=b"third", IfMatch=etag)
say("object replaced")
say("object not replaced", refused(s3.put_object, Bucket="batches", Key="a/key", Body=b"fourth", IfMatch=etag))
say("keys", *[found["Key"] for found in s3.list_objects_v2(Bucket="batches")["Contents"]])

cloudwatch = client("cloudwatch")
cloudwatch.put_metric_data(Namespace="clicks", MetricData=[{"MetricName": "stored", "Dimensions": [{"Name": "shard", "Value": "0"}], "Value": 1.5}])
for metric in cloudwatch.list_metrics(Namespace="clicks")["Metrics"]:
    say("metric", metric["MetricName"], metric["Dimensions"][0]["Name"], metric["Dimensions"][0]["Value"])

s3.delete_object(Bucket="batches", Key="a/key")
s3.delete_bucket(Bucket="batches")
dynamodb.delete_table(TableName="leases")
kinesis.delete_stream(StreamName=stream)
kinesis.get_waiter("stream_not_exists").wait(StreamName=stream)
say("left", len(kinesis.list_streams()["StreamNames"]), len(dynamodb.list_tables()["TableNames"]), len(s3.list_buckets()["Buckets"]))
