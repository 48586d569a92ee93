#!/usr/bin/env bash
# Installs, below .tools, what the tests of the CloudFormation template and of the Kubernetes example run: cfn-lint; moto's server, which knows
# Auto Scaling, and the aws command that asks it; kubernetes-validate, which brings the schemas of Kubernetes' API with it.
set -euo pipefail
tools=$(cd "$(dirname "$0")/.." && pwd)/.tools

for program in cfn-lint moto_server aws kubernetes-validate; do
	[ ! -x "$tools/python/bin/$program" ] || continue
	[ -x "$tools/python/bin/pip" ] || python3 -m venv "$tools/python"
	"$tools/python/bin/pip" install --quiet --disable-pip-version-check \
		cfn-lint==1.58.0 'moto[cloudformation,server]==5.2.5' awscli==1.46.3 kubernetes-validate==1.37.0
	break
done
