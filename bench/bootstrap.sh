#!/usr/bin/env bash
# Measures how `clickstream bootstrap` gets the daemon's jars, RUNS times (default 5), from a Maven repository on this machine that answers each
# request after LATENCY (default 20ms): first into an empty folder, then with all jars there. Nothing of Java is counted: no daemon is run.
#
# ORIGINAL names the folder of Node's aws-kcl, in whose place it is measured too: the source, with bin/kcl-bootstrap; npm gets what that
# requires. A copy of it gets the local repository's address, port and all, and a list of the same jars. REPOSITORY is a folder that has the jars
# (default: the local Maven repository; `clickstream bootstrap lock 3.1.3` or mvn fills it).
set -euo pipefail
cd "$(dirname "$0")/.."
version=3.1.3
repository=${REPOSITORY:-$HOME/.m2/repository}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
CGO_ENABLED=0 go build -trimpath -tags urfave_cli_no_docs -o "$dir/built" .
cp "$dir/built" "$dir/clickstream" # as installed: the linker writes page by page, and so the kernel would map it at each start
CGO_ENABLED=0 go build -o "$dir/bench" ./bench/bootstrap
mkdir -p "$dir/java/bin"
printf '#!/bin/sh\n' >"$dir/java/bin/java" # never run
chmod +x "$dir/java/bin/java"
echo 'JAVA_VERSION="17.0.1"' >"$dir/java/release"
touch "$dir/sample.properties"
echo "$(getconf _NPROCESSORS_ONLN) cores, $(go version)"
programs=("clickstream=$dir/clickstream bootstrap -p $dir/sample.properties -j $dir/java/bin/java -c {jars} --maven-repository {url}")
if [ -n "${ORIGINAL:-}" ]; then
	mkdir -p "$dir/original/bin"
	sed -E -e "s#\"https://[^\"]*/maven2/\"#process.env.REPOSITORY + '/'#" -e 's#agent: false#agent: false, port: url.parse(requestUrl).port#' \
		"$ORIGINAL/bin/kcl-bootstrap" >"$dir/original/bin/kcl-bootstrap"
	{
		echo '<project><properties><none>0</none></properties><dependencies>'
		sed -nE 's#^([^:]+):([^: ]+):([^ ]+) [0-9]+ [0-9a-f]{64}.*#<dependency><groupId>\1</groupId><artifactId>\2</artifactId><version>\3</version></dependency>#p' \
			"bootstrap/jars/locks/$version.lock"
		echo '</dependencies></project>'
	} >"$dir/original/pom.xml"
	npm install --silent --no-audit --no-fund --prefix "$dir/original" commander@14.0.0 xml-js@1.6.11 >"$dir/npm.txt" 2>&1 || { cat "$dir/npm.txt"; exit 1; }
	echo "Node $(node --version)"
	programs+=("original=REPOSITORY={url} node $dir/original/bin/kcl-bootstrap -p $dir/sample.properties -j $dir/java/bin/java -c {jars}")
fi
unset AWS_CA_BUNDLE NODE_EXTRA_CA_CERTS # nobody needs certificates here, and reading them takes longer than all the rest of a start
"$dir/bench" -runs "${RUNS:-5}" -latency "${LATENCY:-20ms}" -repository "$repository" "${programs[@]}"
