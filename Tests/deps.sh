#!/bin/sh
# Installs what is missing of the packages that building, testing and the demo need. Nothing missing: nothing is done.
set -eu
need="pkg-config libyaml-dev libseccomp-dev libnftables-dev libarchive-dev libssl-dev libcurl4-openssl-dev busybox-static python3 curl nftables iproute2 ca-certificates"
missing=""
for package in $need; do
    status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
    [ "$status" = "install ok installed" ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
echo "installing:$missing"
run=""
[ "$(id -u)" = 0 ] || run=sudo
export DEBIAN_FRONTEND=noninteractive
# Another apt may hold the lock for a while, and a mirror may fail once.
for try in 1 2 3; do
    if $run apt-get -o DPkg::Lock::Timeout=300 -q update </dev/null >/dev/null &&
        $run apt-get -o DPkg::Lock::Timeout=300 -q -y --no-install-recommends install $missing </dev/null; then
        exit 0
    fi
    echo "apt-get failed (try $try)"
    sleep 5
done
echo "these packages could not be installed:$missing; install them and try again" >&2
exit 1
