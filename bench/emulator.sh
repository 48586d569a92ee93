#!/usr/bin/env bash
# Measures `clickstream emulator` beside others, in turns, RUNS times (default 3) with RECORDS records (default 1000000), and prints one table.
# PEERS names the others, one a line, as name=command; {port} stands for the port to listen on, {folder} for one to keep files in. What docs/bench.md
# shows was measured with aws-in-a-box and devcloud built of their source, ferrokinesis 0.7.0 of crates.io, kinesalite 3.3.3 and dynalite 4.0.0 of npm:
#
#	PEERS='aws-in-a-box=…/aws-in-a-box -addr localhost:{port} -logLevel error -kinesisStreamCreateDuration 0s
#	devcloud=env DEVCLOUD_PORT={port} DEVCLOUD_DATA_DIR={folder} …/devcloud
#	ferrokinesis=…/ferrokinesis --port {port}
#	kinesalite=node …/kinesalite --port {port} --createStreamMs 0
#	dynalite=node …/dynalite --host 127.0.0.1 --port {port} --createTableMs 0' bench/emulator.sh
#
# Not under chrt -f, by which the programs would keep the kernel from its part in their connections.
set -euo pipefail
cd "$(dirname "$0")/.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
CGO_ENABLED=0 go build -trimpath -tags urfave_cli_no_docs -o "$dir/clickstream" .
CGO_ENABLED=0 go build -trimpath -o "$dir/bench" ./bench/emulators
contestants=("clickstream=$dir/clickstream emulator --port {port}")
while IFS= read -r peer; do
	[ -z "$peer" ] || contestants+=("$peer")
done <<<"${PEERS:-}"
echo "$(getconf _NPROCESSORS_ONLN) cores, $(go version)"
cd "$dir" # some keep files where they run
./bench -runs "${RUNS:-3}" -records "${RECORDS:-1000000}" "${contestants[@]}"
