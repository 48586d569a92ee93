#!/usr/bin/env bash
# Measures the whole pipeline: `clickstream local` at default settings, RUNS times (default 3) with RECORDS records (default 1000000).
# Each run prints records/s from the first put to the last stored object and the CPU seconds of its parts. The bound it is set against is
# measured in the same run: the part with the most CPU seconds cannot be spread wider than the machine's cores.
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${RUNS:-3} records=${RECORDS:-1000000}
bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
CGO_ENABLED=0 go build -trimpath -o "$bin/clickstream" .
cd "$bin"
echo "$(nproc) cores, $(./clickstream --version 2>/dev/null || true)"
for ((i = 1; i <= runs; i++)); do
	echo "-- run $i"
	./clickstream local --records "$records" --cpu </dev/null | tail -n 3
done
