#!/usr/bin/env bash
# Measures `clickstream emulator` beside others, in turns, RUNS times (default 3) with RECORDS records (default 1000000), and prints one table.
# PEERS names the others, one a line, as name=command; {port} stands for the port to listen on, {folder} for one to keep files in. What docs/bench.md shows was measured with
# ferrokinesis 0.7.0 of crates.io, kinesalite 3.3.3, dynalite 4.0.0 and kinesis-local 0.6.2 of npm, ministack 1.5.33 of PyPI, DynamoDB Local
# 2.6.1, and aws-in-a-box and devcloud built of their source:
#
#	PEERS='ferrokinesis=…/ferrokinesis --port {port}
#	kinesalite=node …/kinesalite --port {port} --createStreamMs 0' bench/emulator.sh
set -euo pipefail
cd "$(dirname "$0")/.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
CGO_ENABLED=0 go build -trimpath -o "$dir/clickstream" .
CGO_ENABLED=0 go build -trimpath -o "$dir/bench" ./bench/emulators
contestants=("clickstream=$dir/clickstream emulator --port {port}")
while IFS= read -r peer; do
	[ -z "$peer" ] || contestants+=("$peer")
done <<<"${PEERS:-}"
echo "$(getconf _NPROCESSORS_ONLN) cores, $(go version)"
cd "$dir" # some keep files where they run
./bench -runs "${RUNS:-3}" -records "${RECORDS:-1000000}" "${contestants[@]}"
