#!/usr/bin/env bash
# Installs cfn-lint, which the test of the CloudFormation template runs, below .tools.
set -euo pipefail
tools=$(cd "$(dirname "$0")/.." && pwd)/.tools

if [ ! -x "$tools/python/bin/cfn-lint" ]; then
	[ -x "$tools/python/bin/pip" ] || python3 -m venv "$tools/python"
	"$tools/python/bin/pip" install --quiet --disable-pip-version-check cfn-lint
fi
