#!/usr/bin/env bash
# Builds the images clickstream:static and clickstream:java with the plain docker builder, from this machine's Go, CA certificates and, for
# Java, its JDK: no image is pulled. Of the JDK, jlink takes what the daemon needs; ldd says which shared libraries belong to it.
#
#   deploy/container/image.sh [static|java]...      both, where none is named
#   GOARCH=arm64 deploy/container/image.sh static   clickstream:static-arm64, on any machine: nothing of it is run to build it. The Java image
#                                                   takes this machine's run-time, and so is for this machine's processor alone.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
context=$root/dist/image
certificates=${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}
modules=java.base,java.desktop,java.instrument,java.logging,java.management,java.naming,java.net.http,java.security.jgss,java.sql,java.xml,jdk.crypto.ec,jdk.management,jdk.unsupported,jdk.zipfs

lay_out_static() {
	install -d "$context/static/usr/local/bin" "$context/static/etc/ssl/certs"
	(cd "$root" && CGO_ENABLED=0 GOOS=linux go build -trimpath -tags urfave_cli_no_docs -ldflags='-s -w' -o "$context/static/usr/local/bin/clickstream" .)
	install -m 644 "$certificates" "$context/static/etc/ssl/certs/ca-certificates.crt"
	printf 'clickstream:x:65532:65532::/var/lib/clickstream:/sbin/nologin\n' >"$context/static/etc/passwd"
	# Mounted over where the root file system is read-only, by anybody who may write there.
	install -d -m 1777 "$context/static/tmp" "$context/static/var/lib/clickstream"
}

lay_out_java() {
	local jvm=$context/java/usr/lib/jvm library
	install -d "$context/java/usr/lib" "$context/java/usr/share/clickstream"
	jlink --add-modules "$modules" --strip-java-debug-attributes --no-header-files --no-man-pages --compress=2 --output "$jvm"
	# AWT is for graphics and wants libraries that no daemon needs.
	rm -f "$jvm"/lib/lib{awt,fontmanager,javajpeg,lcms,mlib_image,splashscreen,freetype,jsound}*.so
	find "$jvm" -name '*.so' -o -path '*/bin/java' | LD_LIBRARY_PATH=$jvm/lib:$jvm/lib/server xargs ldd |
		grep -o '/[^ :]* (0x' | sed 's/ (0x//' | grep -v "^$context" | sort -u | while read -r library; do
		install -D -m 755 "$library" "$context/java$library"
	done
	"$context/static/usr/local/bin/clickstream" bootstrap bundle "$context/java/usr/share/clickstream/jars"
	chmod 644 "$context/java/usr/share/clickstream/jars"
}

host=$(go env GOHOSTARCH)
arch=${GOARCH:-$host}
if [ "$arch" != "$host" ] && [ "$*" != static ]; then
	echo "image.sh: for $arch only the static image can be built on $host: GOARCH=$arch $0 static" >&2
	exit 2
fi
suffix=
[ "$arch" = "$host" ] || suffix=-$arch

[ $# -gt 0 ] || set -- static java
rm -rf "$context"
lay_out_static
install -d "$context/java"
for target; do
	[ "$target" != java ] || lay_out_java
	DOCKER_BUILDKIT=0 docker build --quiet --platform "linux/$arch" --target "$target" --tag "clickstream:$target$suffix" --file "$here/Dockerfile" "$context"
done
