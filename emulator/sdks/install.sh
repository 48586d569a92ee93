#!/usr/bin/env bash
# Installs what the conformance test drives the emulator with, below .tools: boto3 and the aws command line, the packages of
# package.json, and the jars of pom.xml (into Maven's own repository; .tools keeps their class path).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
tools=$(cd "$here/../.." && pwd)/.tools

if [ ! -x "$tools/python/bin/aws" ] || ! "$tools/python/bin/python" -c 'import boto3' 2>/dev/null; then
	python3 -m venv "$tools/python"
	"$tools/python/bin/pip" install --quiet --disable-pip-version-check boto3 awscli
fi

if ! cmp -s "$here/package.json" "$tools/node/package.json" || [ ! -d "$tools/node/node_modules" ]; then
	mkdir -p "$tools/node"
	cp "$here/package.json" "$tools/node/package.json"
	(cd "$tools/node" && npm install --no-package-lock --no-audit --no-fund --ignore-scripts --loglevel=error)
fi

if [ ! -s "$tools/java/classpath" ] || [ "$here/pom.xml" -nt "$tools/java/classpath" ]; then
	mkdir -p "$tools/java"
	mvn -q -B -f "$here/pom.xml" dependency:build-classpath -Dmdep.outputFile="$tools/java/classpath"
fi
