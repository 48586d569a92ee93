"""A reader in boto3 while the emulated time goes forward. Usage: time_passes.py ENDPOINT"""

import json
import sys
import urllib.request

import boto3

endpoint = sys.argv[1]
kinesis = boto3.client("kinesis", endpoint_url=endpoint)
kinesis.create_stream(StreamName="clicks", ShardCount=1)
kinesis.put_record(StreamName="clicks", Data=b"x", PartitionKey="k")


def iterator():
    return kinesis.get_shard_iterator(StreamName="clicks", ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON")["ShardIterator"]


def advance(by):
    request = urllib.request.Request(endpoint + "/_clickstream/time", data=json.dumps({"advance": by}).encode(), method="POST")
    with urllib.request.urlopen(request) as reply:
        return json.load(reply)["offset"]


old = iterator()
print(len(kinesis.get_records(ShardIterator=old)["Records"]), "record")
print("advanced by", advance("6m"))
try:
    kinesis.get_records(ShardIterator=old)
except kinesis.exceptions.ExpiredIteratorException:
    print("the iterator has expired")
print(len(kinesis.get_records(ShardIterator=iterator())["Records"]), "record")
print("advanced by", advance("24h"))
print(len(kinesis.get_records(ShardIterator=iterator())["Records"]), "records")
