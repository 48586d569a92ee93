#!/usr/bin/env bash
# Measures the whole pipeline: `clickstream local` at default settings, RUNS times (default 3) with RECORDS clicks (default 1000000).
# Each run prints records/s from the first put to the last stored object, the CPU seconds of its parts, and how near the run came to
# the bound that these CPU seconds set on this machine's cores.
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${RUNS:-3} records=${RECORDS:-1000000} cores=$(getconf _NPROCESSORS_ONLN)
bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
CGO_ENABLED=0 go build -trimpath -tags urfave_cli_no_docs -o "$bin/clickstream" .
cd "$bin"
echo "$cores cores, $(go version), $records records"
for ((i = 1; i <= runs; i++)); do
	./clickstream local --records "$records" --cpu </dev/null | tail -n 2 | tee run.txt
	awk -v cores="$cores" -v records="$records" '
		/from first put/ { gsub(/[(,)]/, ""); for (i = 1; i <= NF; i++) if ($i == "records/s") reached = $(i - 1) }
		/^CPU:/ { bound = records * cores / $(NF - 1) }
		END { printf "bound by CPU: %d records/s; reached %.0f %%\n", bound, 100 * reached / bound }' run.txt
done
