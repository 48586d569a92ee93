#!/usr/bin/env bash
# Counts the requests that cost money on AWS: RECORDS clicks (default 1000000) by the default settings, but PutRecords of 500, are produced and then
# stored through one `clickstream emulator`, whose fault rules count what they match and never fire; at the end the daemon is idle for IDLE seconds (default
# 60). Prints a table. Storing is given up to two minutes more than it takes, in which leases are renewed and reads find nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
records=${RECORDS:-1000000} idle=${IDLE:-60}
bin=$(mktemp -d)
emulator='' daemon=''
finish() {
	[ -z "$daemon" ] || kill -INT "$daemon" 2>/dev/null || true
	[ -z "$emulator" ] || kill -INT "$emulator" 2>/dev/null || true
	wait
	rm -rf "$bin"
}
trap finish EXIT
CGO_ENABLED=0 go build -trimpath -tags urfave_cli_no_docs -o "$bin/clickstream" .
cd "$bin"

never='after=4000000000000 error'
rules=''
for operation in kinesis:PutRecords kinesis:GetRecords kinesis \
	dynamodb:UpdateItem dynamodb:Scan dynamodb \
	s3:PutObject s3:HeadObject s3:GetObject s3:ListObjectsV2 s3; do
	rules+="\"$operation $never\","
done
./clickstream emulator --port 0 >emulator.txt &
emulator=$!
until grep -q export emulator.txt; do sleep 0.1; done
eval "$(grep export emulator.txt)"

reset() { curl -sS -X PUT "$AWS_ENDPOINT_URL/_clickstream/faults" -d "{\"faults\": [${rules%,}]}" >/dev/null; }
counts() { # a line for each operation of which there were any
	curl -sS "$AWS_ENDPOINT_URL/_clickstream/faults" | grep -o '"fault":"[^ "]*[^}]*"matched":[0-9]*' |
		sed "s/\"fault\":\"\([^ \"]*\).*:\([0-9]*\)/\1 \2/" | awk -v phase="$1" '$2 > 0 { printf "| %s | `%s` | %d |\n", phase, $1, $2 }'
}
echo "$records clicks, 2 shards, $(go version)"
printf '| what | requests | count |\n|---|---|---|\n'
reset
./clickstream produce --records "$records" --batch 500 --tps 0 --quiet
counts produce
reset
./clickstream daemon >daemon.txt 2>&1 &
daemon=$!
# The last batches of the shards are closed by their age, a minute after the rest.
puts() { curl -sS "$AWS_ENDPOINT_URL/_clickstream/faults" | grep -o '"fault":"s3:PutObject[^}]*"matched":[0-9]*' | grep -o '[0-9]*$'; }
before=-1
until [ "$before" = "$(puts)" ] && [ "$before" -gt 0 ]; do
	before=$(puts)
	sleep 70
done
counts 'store them'
reset
sleep "$idle"
counts "idle for $idle s"
[ ! -r "/proc/$daemon/status" ] || awk '/VmHWM/ { printf "peak memory of the daemon: %.0f MB\n", $2 / 1024 }' "/proc/$daemon/status"
kill -INT "$daemon"
wait "$daemon" || true
daemon=''
./clickstream cleanup --dry-run | grep 'bucket '
./clickstream verify | awk '$1 == "total" { printf "objects: %d of %.0f bytes\n", $3, $4 / $3 } END { print }'
