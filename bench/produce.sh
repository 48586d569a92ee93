#!/usr/bin/env bash
# Measures ways to put clicks into a stream of 8 shards without limits, in turns, RUNS times (default 3), RECORDS records each (default
# 3000000), IN_FLIGHT requests at once (default 4): a loop with aws-sdk-go-v2, package producer without and with aggregation, boto3 where BOTO3
# names a Python that has it, and the click stream producer of Node's aws-kcl where NODE_PRODUCER names its file, such as
# samples/click_stream_sample/producer/click_stream_producer.js of that package's source; npm gets what it requires. NODE_TPS is its
# putRecordsTps (default 1000), SLOW_RECORDS how many records the latter two put (default 200000).
set -euo pipefail
cd "$(dirname "$0")/.."
dir=$(mktemp -d)
emulator=
trap '[ -z "$emulator" ] || kill "$emulator"; rm -rf "$dir"' EXIT
records=${RECORDS:-3000000} slow=${SLOW_RECORDS:-200000} flight=${IN_FLIGHT:-4}
here=$PWD/bench/produce
CGO_ENABLED=0 go build -trimpath -tags urfave_cli_no_docs -o "$dir/clickstream" .
CGO_ENABLED=0 go build -trimpath -o "$dir/produce" ./bench/produce
cd "$dir"
echo "$(getconf _NPROCESSORS_ONLN) cores, $(go version)"
ways=("sdk=./produce -way sdk -records $records -in-flight $flight"
	"producer=./produce -way producer -records $records -in-flight $flight"
	"aggregate=./produce -way aggregate -records $records -in-flight $flight")
if [ -n "${BOTO3:-}" ]; then
	ways+=("boto3=$BOTO3 $here/boto.py $slow $flight")
	"$BOTO3" -c 'import boto3, platform; print("Python", platform.python_version(), "boto3", boto3.__version__)'
fi
if [ -n "${NODE_PRODUCER:-}" ]; then
	npm install --silent --no-audit --no-fund --prefix "$dir" aws-sdk@2.1693.0 log4js@6.9.1 >npm.txt 2>&1 || { cat npm.txt; exit 1; }
	export NODE_PATH=$dir/node_modules NODE_NO_WARNINGS=1 NODE_LOG_DIR=$dir AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE=1
	ways+=("node=node $here/node.js $slow ${NODE_TPS:-1000}")
	echo "Node $(node --version)"
fi
./clickstream emulator --port 0 >emulator.txt &
emulator=$!
until grep -q '^export' emulator.txt; do sleep 0.1; done
eval "$(grep '^export' emulator.txt)"
AWS_DEFAULT_REGION=$AWS_REGION
export AWS_DEFAULT_REGION
unset AWS_CA_BUNDLE NODE_EXTRA_CA_CERTS
echo "| way | run | records/s | CPU s per million records | records per CPU second |"
echo "|---|---|---|---|---|"
for run in $(seq "${RUNS:-3}"); do
	for way in "${ways[@]}"; do
		./clickstream produce --quiet --stream bench --shards 8 --records 1 # makes the stream where there is none
		# shellcheck disable=SC2086 # a command of several words
		${way#*=} 2>>errors.txt >result.txt || { cat errors.txt; exit 1; }
		tail -n 1 result.txt | awk -v way="${way%%=*}" -v run="$run" '{ printf "| %s | %d | %.0f | %.2f | %.0f |\n", way, run, $1/$2, $3/$1*1e6, $1/$3 }' | tee -a rows.txt
		curl -sf -H 'X-Amz-Target: Kinesis_20131202.DeleteStream' -H 'Content-Type: application/x-amz-json-1.1' -d '{"StreamName":"bench"}' "$AWS_ENDPOINT_URL"
	done
done
echo
sort -t'|' -k2,2 -k6,6n rows.txt | awk -F' *[|] *' '{ n[$2]++; speed[$2, n[$2]] = $4; cpu[$2, n[$2]] = $5; per[$2, n[$2]] = $6 }
	END { for (w in n) { m = int((n[w] + 1) / 2); printf "median of records per CPU second: %s %s (CPU s per million %s)\n", w, per[w, m], cpu[w, m] } }' | sort
