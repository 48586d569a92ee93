"""Puts clicks into a stream with boto3, as one does without a library: batches of 500, several threads, what is refused put again.

python boto.py RECORDS IN_FLIGHT prints records, seconds and CPU seconds.
"""

import random
import resource
import sys
import threading
import time

import boto3
from botocore.config import Config


def clicks():
    for page in range(100):
        for site in range(6):
            key = f"resource-{page:03d}"
            yield key, f'{{"resource":"{key}","referrer":"http://www.referrer-{site}.example"}}'.encode()


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def put(client, everything, batches):
    for _ in range(batches):
        entries = [{"Data": data, "PartitionKey": key} for key, data in random.choices(everything, k=500)]
        while entries:
            answer = client.put_records(StreamName="bench", Records=entries)
            entries = [entry for entry, result in zip(entries, answer["Records"]) if "ErrorCode" in result]


def main():
    records, in_flight = int(sys.argv[1]), int(sys.argv[2])
    client = boto3.client("kinesis", config=Config(max_pool_connections=in_flight))
    everything = list(clicks())
    start, before = time.monotonic(), cpu()
    threads = [threading.Thread(target=put, args=(client, everything, records // 500 // in_flight)) for _ in range(in_flight)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done = records // 500 // in_flight * in_flight * 500
    print(f"{done} {time.monotonic() - start:.3f} {cpu() - before:.3f}")


main()
