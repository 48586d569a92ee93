#!/usr/bin/env bash
# Shows that a release of the last commit can be made: goreleaser, found on the PATH or below .tools (make release installs it there), takes the
# configuration, makes the archives in two clones, the same ones byte for byte, and this system's works when unpacked.
set -euo pipefail
trap 'echo "check.sh: line $LINENO: this failed: $BASH_COMMAND" >&2' ERR
root=$(cd "$(dirname "$0")/../.." && pwd)
PATH=$root/.tools:$PATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for clone in one another/folder; do
	git clone --quiet --no-hardlinks "$root" "$work/$clone"
	(cd "$work/$clone" && goreleaser check --quiet && goreleaser release --snapshot --clean --skip=publish >"$work/log" 2>&1) || {
		cat "$work/log" >&2
		exit 1
	}
done
cd "$work/one/dist"
sha256sum --quiet --check checksums.txt
cmp checksums.txt "$work/another/folder/dist/checksums.txt"
[ "$(grep -c '\.tar\.gz$\|\.zip$' checksums.txt)" = 6 ]
[ "$(grep -c '\.cdx\.json$' checksums.txt)" = 6 ]

archive=$(ls clickstream_*_"$(go env GOOS)_$(go env GOARCH)".tar.gz)
mkdir "$work/unpacked"
tar -xzf "$archive" -C "$work/unpacked" --strip-components=1
cd "$work/unpacked"
for file in README.md CHANGELOG.md SECURITY.md sample.properties man/clickstream.1 completions/clickstream.bash completions/_clickstream completions/clickstream.fish; do
	[ -s "$file" ] || { echo "the archive has no $file" >&2; exit 1; }
done
./clickstream version | grep -F "commit $(git -C "$work/one" rev-parse HEAD), "
./clickstream local --records 1000 </dev/null | grep '1000 stored / 0 missing / 0 twice'
ls -l "$work"/one/dist/*.{tar.gz,zip} | awk '{print $5, $9}' | sed "s#$work/one/dist/##"
