#!/usr/bin/env bash
# image.sh: a Docker engine and a LocalStack image on a bare Debian machine that
# reaches package registries (apt, PyPI, npm, Maven) but no image registry.
#
#   image.sh [all]    engine, then image, each only where it is missing (default)
#   image.sh engine   only install and start dockerd
#   image.sh rebuild  engine, then build the image even if it is there
#
# What it makes is tagged like the upstream image, $LOCALSTACK_IMAGE, so that the
# tests, which name that tag, find it here and pull the upstream one elsewhere. It
# holds the last community LocalStack (4.14.0, the last that starts without an auth
# token), kinesis-mock and DynamoDB Local, laid out as upstream's image has them,
# and understands the same environment (SERVICES, DEBUG, LOCALSTACK_HOST, ...).
# Services backed by other downloads (lambda, opensearch, ...) are not in it.
#
# Building takes two to three minutes and about 1 GB; a second run less than a
# second. Needs root, npm and mvn (with a JDK).
#
# The image's label localstack-image.recipe tells e2e that nothing can be pulled
# here and that the engine's ports are on 127.0.0.1; it sets testcontainers'
# variables accordingly (see e2e/README.md).
set -euo pipefail

LOCALSTACK_VERSION=4.14.0
KINESIS_LOCAL_VERSION=0.5.2       # what localstack-core 4.14.0 asks for
DYNAMODB_LOCAL_VERSION=2.6.1      # the newest in Maven Central
BYTE_BUDDY_AGENT_VERSION=1.17.7
SUITE=trixie                      # localstack-core 4.14.0 needs Python 3.12+; trixie has 3.13

IMAGE=${LOCALSTACK_IMAGE:-localstack/localstack:$LOCALSTACK_VERSION}
WORK=${LOCALSTACK_IMAGE_WORK:-/var/tmp/localstack-image}
DOCKERD_LOG=${DOCKERD_LOG:-/var/log/dockerd.log}
RECIPE=$(sha256sum "${BASH_SOURCE[0]}" | cut -c1-16)

# The versions that LocalStack's own 4.14.0 release was built with. Without them
# pip takes newer ones that break it (cbor2 6, pyOpenSSL 26, ...).
PINS='
airspeed-ext==0.6.9 annotated-types==0.7.0 antlr4-python3-runtime==4.13.2 apispec==6.9.0 asn1crypto==1.5.1
attrs==25.4.0 aws-sam-translator==1.107.0 aws-xray-sdk==2.15.0 awscli==1.44.44 awscrt==0.31.2 boto3==1.42.54
botocore==1.42.54 cachetools==7.0.1 cbor2==5.8.0 certifi==2026.1.4 cffi==2.0.0 cfn-lint==1.45.0
charset-normalizer==3.4.4 click==8.3.1 colorama==0.4.6 constantly==23.10.4 crontab==1.0.5
cryptography==46.0.5 decorator==5.2.1 dill==0.3.6 dnslib==0.9.26 dnspython==2.8.0 docker==7.1.0
docutils==0.19 events==0.5 graphql-core==3.2.7 grpcio==1.78.1 h11==0.16.0 h2==4.3.0 hpack==4.1.0
hypercorn==0.18.0 hyperframe==6.1.0 hyperlink==21.0.0 idna==3.11 incremental==24.11.0 isodate==0.7.2
jinja2==3.1.6 jmespath==1.1.0 joserfc==1.6.2 jpype1==1.6.0 jsonpatch==1.33 jsonpath-ng==1.7.0
jsonpath-rw==1.4.0 jsonpointer==3.0.0 jsonschema==4.26.0 jsonschema-path==0.3.4
jsonschema-specifications==2025.9.1 kclpy-ext==3.0.5 lazy-object-proxy==1.12.0 localstack-twisted==25.5.0
markdown-it-py==4.0.0 markupsafe==3.0.3 mdurl==0.1.2 more-itertools==10.8.0 moto-ext==5.1.24 mpmath==1.3.0
multipart==1.3.0 networkx==3.6.1 openapi-core==0.22.0 openapi-schema-validator==0.6.3
openapi-spec-validator==0.7.2 opensearch-protobufs==0.19.0 opensearch-py==3.1.0 packaging==26.0
pathable==0.4.4 plux==1.14.0 ply==3.11 priority==1.3.0 protobuf==6.33.5 psutil==7.2.2
py-partiql-parser==0.6.3 pyasn1==0.6.2 pycparser==3.0 pydantic==2.12.5 pydantic-core==2.41.5 pygments==2.19.2
pymongo==4.16.0 pyopenssl==25.3.0 pyparsing==3.3.2 python-dateutil==2.9.0.post0 python-dotenv==1.2.1
pyyaml==6.0.3 readerwriterlock==1.0.9 referencing==0.36.2 regex==2026.2.19 requests==2.32.5
requests-aws4auth==1.3.1 responses==0.26.0 rfc3339-validator==0.1.4 rich==14.3.3 rolo==0.8.1 rpds-py==0.30.0
rsa==4.7.2 s3transfer==0.16.0 semver==3.0.4 six==1.17.0 sympy==1.14.0 typing-extensions==4.15.0
typing-inspection==0.4.2 urllib3==2.6.3 werkzeug==3.1.6 wrapt==2.1.1 wsproto==1.3.2 xmltodict==1.0.4
zope-interface==8.2
'

say() { printf '[%4ds] %s\n' "$SECONDS" "$*"; }

# --- engine -----------------------------------------------------------------

install_packages() {
    local missing=()
    command -v dockerd >/dev/null || missing+=(docker.io)
    command -v iptables >/dev/null || missing+=(iptables)
    command -v debootstrap >/dev/null || missing+=(debootstrap)
    [ ${#missing[@]} -eq 0 ] && return
    say "apt-get install ${missing[*]}"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

start_engine() {
    docker info >/dev/null 2>&1 && return
    say "starting dockerd (log: $DOCKERD_LOG)"
    # --ip: published ports (which testcontainers leaves without an address)
    # listen on loopback only.
    setsid nohup dockerd --ip=127.0.0.1 >"$DOCKERD_LOG" 2>&1 </dev/null &
    local i
    for i in $(seq 120); do
        docker info >/dev/null 2>&1 && return
        sleep 0.5
    done
    tail -20 "$DOCKERD_LOG" >&2
    echo "dockerd did not start" >&2
    return 1
}

# --- image ------------------------------------------------------------------

# Commands in the new root run in a mount namespace of their own, so that /proc
# and the rest are gone when they end, however they end.
in_root() {
    unshare --mount --propagation private bash -euc '
        root=$1; shift
        mount -t proc proc "$root/proc"
        mount --bind /dev "$root/dev"
        mount --bind /etc/resolv.conf "$root/etc/resolv.conf"
        mount --bind "$WORK/ca" "$root/mnt"
        exec chroot "$root" env -i HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
            PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
            PIP_CERT=/mnt/ca.crt SSL_CERT_FILE=/mnt/ca.crt PIP_DISABLE_PIP_VERSION_CHECK=1 \
            ${PIP_INDEX_URL:+PIP_INDEX_URL="$PIP_INDEX_URL"} "$@"
    ' in_root "$WORK/root" "$@"
}

build_root() {
    local root=$WORK/root mirror
    # The mirror this machine's own apt uses.
    mirror=$(cat /etc/apt/sources.list.d/debian.sources 2>/dev/null | awk '/^URIs:/ {print $2; exit}')
    [ -n "$mirror" ] || mirror=$(awk '$1 == "deb" && $2 ~ /^http/ {print $2; exit}' /etc/apt/sources.list 2>/dev/null || true)
    say "debootstrap $SUITE"
    debootstrap --variant=minbase --include=ca-certificates "$SUITE" "$root" ${mirror:+"$mirror"} >"$WORK/debootstrap.log"
    printf 'path-exclude=/usr/share/%s/*\n' doc man info locale >"$root/etc/dpkg/dpkg.cfg.d/slim"
    printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"; chmod 755 "$root/usr/sbin/policy-rc.d"
    touch "$root/etc/resolv.conf"
    mkdir -p "$WORK/ca"; cp /etc/ssl/certs/ca-certificates.crt "$WORK/ca/ca.crt"
    say "python, java, node"
    in_root apt-get update -qq
    in_root apt-get install -y -qq --no-install-recommends \
        python3 python3-venv nodejs openjdk-21-jre-headless curl openssl procps unzip zip >"$WORK/apt.log" 2>&1
}

build_localstack() {
    local root=$WORK/root
    say "localstack-core $LOCALSTACK_VERSION from PyPI"
    mkdir -p "$root/opt/code/localstack" "$root/usr/lib/localstack" "$root/var/lib/localstack" "$root/tmp/localstack"
    printf '%s\n' $PINS >"$WORK/ca/constraints.txt"
    in_root python3 -m venv /opt/code/localstack/.venv
    in_root /opt/code/localstack/.venv/bin/pip install -q --no-cache-dir \
        -c /mnt/constraints.txt "localstack-core[runtime]==$LOCALSTACK_VERSION"
    touch "$root/usr/lib/localstack/.community-version" "$root/tmp/localstack/.marker"
    in_root env DISABLE_EVENTS=1 /opt/code/localstack/.venv/bin/python -m localstack.aws.spec
}

build_kinesis() {
    say "kinesis-local $KINESIS_LOCAL_VERSION from npm"
    local dir=$WORK/root/usr/lib/localstack/kinesis-local/$KINESIS_LOCAL_VERSION
    mkdir -p "$dir"
    npm install --silent --no-audit --no-fund --prefix "$dir" "kinesis-local@$KINESIS_LOCAL_VERSION" >/dev/null
    find "$dir" -name '*.map' -delete
}

build_dynamodb() {
    say "DynamoDBLocal $DYNAMODB_LOCAL_VERSION from Maven Central"
    local lib=$WORK/root/usr/lib/localstack dir
    # LocalStack runs "java -javaagent:ddb-local-loader-0.1.jar -jar DynamoDBLocal.jar"
    # with the JRE it knows as java/21.
    mkdir -p "$lib/java"; ln -s /usr/lib/jvm/java-21-openjdk-amd64 "$lib/java/21"
    dir=$lib/dynamodb-local/2; mkdir -p "$dir"
    cat >"$WORK/pom.xml" <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>local</groupId><artifactId>dynamodb-local</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>
<dependency><groupId>com.amazonaws</groupId><artifactId>DynamoDBLocal</artifactId><version>$DYNAMODB_LOCAL_VERSION</version></dependency>
<dependency><groupId>net.bytebuddy</groupId><artifactId>byte-buddy-agent</artifactId><version>$BYTE_BUDDY_AGENT_VERSION</version></dependency>
</dependencies></project>
POM
    mvn -q -B -ntp -f "$WORK/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$WORK/jars"
    mkdir "$dir/DynamoDBLocal_lib"
    cp "$WORK"/jars/*.jar "$dir/DynamoDBLocal_lib/"
    cp "$WORK"/jars/libsqlite4java-linux-amd64-*.so "$dir/DynamoDBLocal_lib/libsqlite4java-linux-amd64.so"
    # Upstream's agent lifts the limit on global indexes; it is not in a package
    # registry. Byte Buddy's does nothing until it is asked, and stands in for it.
    mv "$dir"/DynamoDBLocal_lib/byte-buddy-agent-*.jar "$dir/ddb-local-loader-0.1.jar"
    # The jar in Maven Central names its libraries as AWS's zip has them; this
    # one names them as Maven Central does.
    in_root python3 - /usr/lib/localstack/dynamodb-local/2 <<'PY'
import os, sys, zipfile
d = sys.argv[1]
jars = sorted(j for j in os.listdir(d + "/DynamoDBLocal_lib") if j.endswith(".jar"))
lines = ["Manifest-Version: 1.0",
         "Main-Class: com.amazonaws.services.dynamodbv2.local.main.ServerRunner",
         "Class-Path: . " + " ".join("DynamoDBLocal_lib/" + j for j in jars)]
manifest = b""
for line in map(str.encode, lines):  # 72 bytes a line, continued by a space
    manifest += line[:72] + b"\r\n"
    line = line[72:]
    while line:
        manifest += b" " + line[:71] + b"\r\n"
        line = line[71:]
log4j = """<?xml version="1.0" encoding="UTF-8"?>
<Configuration status="WARN"><Appenders><Console name="Console" target="SYSTEM_OUT">
<PatternLayout pattern="%d{HH:mm:ss.SSS} [%t] %-5level %logger{36} - %msg%n"/></Console></Appenders>
<Loggers><Root level="WARN"><AppenderRef ref="Console"/></Root></Loggers></Configuration>
"""
with zipfile.ZipFile(d + "/DynamoDBLocal.jar", "w") as z:
    z.writestr("META-INF/MANIFEST.MF", manifest + b"\r\n")
    z.writestr("log4j2.xml", log4j)
PY
}

build_entrypoint() {
    cat >"$WORK/root/usr/local/bin/docker-entrypoint.sh" <<'ENTRY'
#!/bin/bash
# Starts LocalStack; LOCALSTACK_X=v means X=v, but for LOCALSTACK_HOST.
set -eo pipefail
while IFS='=' read -r -d '' name value; do
    case $name in
        LOCALSTACK_HOST*|LOCALSTACK_[0-9]*|LOCALSTACK_BUILD_*) ;;
        LOCALSTACK_?*) export "${name#LOCALSTACK_}=$value" ;;
    esac
done < <(env -0)
mkdir -p /var/lib/localstack/logs
. /opt/code/localstack/.venv/bin/activate
if [ -d /etc/localstack/init/boot.d ]; then python3 -m localstack.runtime.init BOOT; fi
exec localstack-supervisor
ENTRY
    chmod 755 "$WORK/root/usr/local/bin/docker-entrypoint.sh"
}

import_image() {
    local root=$WORK/root
    say "importing as $IMAGE"
    rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/* "$root"/var/log/*.log \
        "$root"/usr/share/{doc,man,info,locale}/* "$root"/usr/sbin/policy-rc.d
    # DISABLE_EVENTS, SKIP_SSL_CERT_DOWNLOAD, DNS_ADDRESS=0: nothing is sent, fetched or
    # looked up outside at run time.
    tar -C "$root" --numeric-owner --exclude=./dev/* --exclude=./proc/* -c . | docker import \
        --message "LocalStack $LOCALSTACK_VERSION rebuilt from package registries" \
        --change 'ENTRYPOINT ["docker-entrypoint.sh"]' \
        --change 'WORKDIR /opt/code/localstack' \
        --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 USER=localstack PYTHONUNBUFFERED=1 DISABLE_EVENTS=1 SKIP_SSL_CERT_DOWNLOAD=1 DNS_ADDRESS=0' \
        --change "ENV LOCALSTACK_BUILD_VERSION=$LOCALSTACK_VERSION" \
        --change 'EXPOSE 4566' \
        --change "LABEL localstack-image.recipe=$RECIPE" \
        - "$IMAGE" >/dev/null
}

build_image() {
    if [ "${1:-}" != force ] && docker image inspect "$IMAGE" >/dev/null 2>&1; then
        say "$IMAGE is there: left as it is"
        return
    fi
    export WORK
    rm -rf --one-file-system "$WORK"; mkdir -p "$WORK"
    build_root
    build_localstack
    build_kinesis
    build_dynamodb
    build_entrypoint
    import_image
    rm -rf --one-file-system "$WORK"
    say "built: $(docker image inspect -f '{{.Size}}' "$IMAGE") bytes"
}

main() {
    [ "$(id -u)" = 0 ] || { echo "$0: must run as root" >&2; exit 1; }
    install_packages
    start_engine
    case ${1:-all} in
        engine) ;;
        all) build_image ;;
        rebuild) build_image force ;;
        *) sed -n '5,7p' "$0" >&2; exit 2 ;;
    esac
}
main "$@"
