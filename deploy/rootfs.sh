#!/usr/bin/env bash
# Makes the root file system that the test of the instances boots, .tools/rootfs, of the distribution's packages: systemd, a run-time for the
# Java daemon, the aws command, curl. It installs what makes and boots it. Runs as root on Debian, and takes the packages from where apt does.
set -euo pipefail
rootfs=$(cd "$(dirname "$0")/.." && pwd)/.tools/rootfs

missing=()
command -v debootstrap >/dev/null || missing+=(debootstrap)
command -v systemd-nspawn >/dev/null || missing+=(systemd-container)
command -v ip >/dev/null || missing+=(iproute2)
if [ ${#missing[@]} -gt 0 ]; then
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
[ ! -d "$rootfs" ] || exit 0

# In memory it takes half of the time: the package manager syncs every file.
work=$(mktemp -d)
mount -t tmpfs -o size=2g tmpfs "$work"
trap 'umount --lazy "$work"; rmdir "$work"; rm -rf "$rootfs.part"' EXIT

suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
mirror=$(apt-get indextargets --format '$(CODENAME) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
	awk -v suite="$suite" '$1 == suite && $2 == "main" { print $3; exit }')
debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,ca-certificates,curl,default-jre-headless,awscli,python3-cffi-backend \
	"$suite" "$work/rootfs" "$mirror" >"$work/log" || { tail -n 30 "$work/log" "$work/rootfs/debootstrap/debootstrap.log"; exit 1; }
rm -rf "$work"/rootfs/var/cache/apt/archives/*.deb "$work"/rootfs/usr/share/{doc,man,locale}
cp -a "$work/rootfs" "$rootfs.part"
mv "$rootfs.part" "$rootfs"
