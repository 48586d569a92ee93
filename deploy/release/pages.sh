#!/usr/bin/env bash
# Writes what goes into each archive beside the program into out/release: the manual page and the completions for bash, zsh and fish.
set -euo pipefail
cd "$(dirname "$0")/../.."

rm -rf out/release
mkdir -p out/release/completions
program=$(mktemp)
trap 'rm -f "$program"' EXIT
go build -o "$program" .
"$program" man >out/release/clickstream.1
"$program" completion bash >out/release/completions/clickstream.bash
"$program" completion zsh >out/release/completions/_clickstream
"$program" completion fish >out/release/completions/clickstream.fish
