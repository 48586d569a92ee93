#!/usr/bin/env bash
# Installs cfn-lint and kubernetes-validate, which the tests of the CloudFormation template and of the Kubernetes example run, below .tools.
# kubernetes-validate brings the schemas of Kubernetes' API with it.
set -euo pipefail
tools=$(cd "$(dirname "$0")/.." && pwd)/.tools

if [ ! -x "$tools/python/bin/cfn-lint" ] || [ ! -x "$tools/python/bin/kubernetes-validate" ]; then
	[ -x "$tools/python/bin/pip" ] || python3 -m venv "$tools/python"
	"$tools/python/bin/pip" install --quiet --disable-pip-version-check cfn-lint kubernetes-validate==1.37.0
fi
