#!/usr/bin/env bash
# Measures `clickstream consume` as a daemon's child, RUNS times (default 5) with RECORDS records (default 400000) of BATCH in a line
# (default 10000), storing in `clickstream emulator`. NODE_CONSUMER names another child to measure in turns with it: a consumer for Node's
# aws-kcl, such as samples/click_stream_sample/consumer/click_stream_consumer.js of that package's source; npm gets what it requires.
set -euo pipefail
cd "$(dirname "$0")/.."
dir=$(mktemp -d)
emulator=
trap '[ -z "$emulator" ] || kill "$emulator"; rm -rf "$dir"' EXIT
CGO_ENABLED=0 go build -trimpath -tags urfave_cli_no_docs -o "$dir/clickstream" .
CGO_ENABLED=0 go build -o "$dir/child" ./bench/child
cp bench/child/node.js "$dir"
cd "$dir"
children=("clickstream=$dir/clickstream consume --bucket clickstream-child")
echo "$(getconf _NPROCESSORS_ONLN) cores, $(go version)"
if [ -n "${NODE_CONSUMER:-}" ]; then
	npm install --silent --no-audit --no-fund --prefix "$dir" aws-kcl@2.3.2 aws-sdk@2.1693.0 async@3.2.6 log4js@6.9.1 >npm.txt 2>&1 ||
		{ cat npm.txt; exit 1; }
	export NODE_PATH=$dir/node_modules NODE_NO_WARNINGS=1 NODE_LOG_DIR=$dir AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE=1
	children+=("node=node -r $dir/node.js $NODE_CONSUMER")
	echo "Node $(node --version), aws-kcl 2.3.2"
fi
./clickstream emulator --port 0 >emulator.txt &
emulator=$!
until grep -q '^export' emulator.txt; do sleep 0.1; done
eval "$(grep '^export' emulator.txt)"
unset AWS_CA_BUNDLE NODE_EXTRA_CA_CERTS # nobody needs certificates here, and reading them takes longer than all the rest of a start
./child -runs "${RUNS:-5}" -records "${RECORDS:-400000}" -batch "${BATCH:-10000}" "${children[@]}"
