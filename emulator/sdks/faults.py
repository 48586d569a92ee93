"""A put by boto3 that recovers from each fault. Usage: faults.py ENDPOINT"""

import json
import sys
import urllib.request

import boto3
from botocore.config import Config

endpoint = sys.argv[1]
kinesis = boto3.client("kinesis", endpoint_url=endpoint, config=Config(retries={"mode": "standard", "max_attempts": 5}, read_timeout=2))
kinesis.create_stream(StreamName="clicks", ShardCount=1)


def control(method, document=None):
    body = json.dumps(document).encode() if document else None
    request = urllib.request.Request(endpoint + "/_clickstream/faults", data=body, method=method)
    with urllib.request.urlopen(request) as reply:
        return json.load(reply)


for fault in ["throttle", "error", "delay=10ms", "drop-before", "drop-after", "duplicate", "stall"]:
    control("PUT", {"seed": 7, "faults": ["kinesis:PutRecord first=1 " + fault]})
    kinesis.put_record(StreamName="clicks", Data=b"x", PartitionKey="k")
    seen = control("GET")["faults"][0]
    print(fault, seen["matched"], seen["fired"])
