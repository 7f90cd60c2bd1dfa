#!/bin/sh
# Makes the four images of the guestbook from Debian packages, without a registry and without a container engine:
#
#     sudo ./images.sh          then: gantry image load -i /var/tmp/gantry-guestbook/guestbook.tar   (or docker load -i …)
#
# One Debian base is bootstrapped; each image is that base plus what apt adds on top of it in an overlay. The result is one docker
# archive whose images share the base layer. Takes minutes the first time; does nothing when the archive is already there and was made
# from these files. An interrupted run leaves no archive, no mount and no half-made folder that the next run would trust.
set -eu

target=${GANTRY_GUESTBOOK_IMAGES:-/var/tmp/gantry-guestbook}
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
suite=bookworm
here=$(cd "$(dirname "$0")" && pwd)

say() { echo "guestbook images: $*" >&2; }
fail() { say "$*"; exit 1; }

# Mounts are made in a mount namespace of our own: whatever happens, the kernel takes them away with the last process of this script.
if [ "${GUESTBOOK_INSIDE:-}" != 1 ]; then
    [ "$(id -u)" = 0 ] || fail "must run as root (debootstrap makes device files and mounts)"
    for program in debootstrap unshare sha256sum tar flock; do
        command -v "$program" >/dev/null || fail "$program is missing: apt-get install debootstrap util-linux coreutils tar"
    done
    GUESTBOOK_INSIDE=1 exec unshare --mount --propagation private "$0" "$@"
fi

mkdir -p "$target"
exec 9>"$target/lock"
flock 9 # A second run waits for the first, and then finds its result.

stamp=$(cd "$here" && cat images.sh images/* app/* | sha256sum | cut -d' ' -f1)
if [ -s "$target/guestbook.tar" ] && [ "$(cat "$target/stamp" 2>/dev/null)" = "$stamp" ]; then
    say "up to date: $target/guestbook.tar"
    exit 0
fi

work=$target/work
rm -rf "$work"
mkdir -p "$work/out"
trap 'umount -R "$work/root" 2>/dev/null || true; umount "$work/upper" 2>/dev/null || true; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# Reproducible as far as the packages are: sorted names and no times of this run in the archive's own headers.
layer() { # FOLDER NAME
    tar --numeric-owner --sort=name --xattrs --xattrs-include='security.capability' -C "$1" -cf "$work/out/$2.tar" \
        --exclude=./proc/* --exclude=./sys/* --exclude=./dev/* --exclude=./run/* --exclude=./tmp/* \
        --exclude=./var/cache/apt/* --exclude=./var/lib/apt/lists/* --exclude=./var/log/* --exclude=./usr/share/doc/* \
        --exclude=./usr/share/man/*/* --exclude=./usr/share/locale/* --exclude=./var/cache/debconf/*-old \
        --exclude=./usr/sbin/policy-rc.d --exclude=./etc/resolv.conf --exclude=./root/.cache .
}

digest() { sha256sum "$work/out/$1" | cut -d' ' -f1; }

base() {
    say "bootstrapping Debian $suite (about a minute)"
    debootstrap --variant=minbase "$suite" "$work/base" "$mirror" >"$work/debootstrap.log" 2>&1 ||
        { tail -5 "$work/debootstrap.log" >&2; fail "debootstrap failed"; }
    layer "$work/base" base
    # For the builds only, and kept out of the layers: no service is started, names resolve.
    printf '#!/bin/sh\nexit 101\n' >"$work/base/usr/sbin/policy-rc.d"
    chmod 755 "$work/base/usr/sbin/policy-rc.d"
    cp -L /etc/resolv.conf "$work/base/etc/resolv.conf"
    in_root "$work/base" apt-get update -q
}

in_root() { # ROOT COMMAND…
    root=$1
    shift
    mount -t proc proc "$root/proc"
    result=0
    DEBIAN_FRONTEND=noninteractive LC_ALL=C chroot "$root" "$@" >"$work/step.log" 2>&1 </dev/null || result=$?
    umount "$root/proc"
    [ "$result" = 0 ] || { tail -15 "$work/step.log" >&2; fail "\"$*\" failed in the image"; }
}

overlay() {
    rm -rf "$work/root"
    mkdir -p "$work/upper" "$work/root"
    mount_overlay && return 0
    # The folder is itself on an overlay (inside a container): changes then go to memory.
    mount -t tmpfs -o size=1500m tmpfs "$work/upper"
    mount_overlay
}

mount_overlay() {
    mkdir -p "$work/upper/changes" "$work/upper/work"
    mount -t overlay overlay -o "lowerdir=$work/base,upperdir=$work/upper/changes,workdir=$work/upper/work" "$work/root" 2>/dev/null
}

# Deletions are marked by device files in an overlay and by names in an image layer.
whiteouts() {
    find "$1" -type c | while read -r path; do
        [ "$(stat -c %t:%T "$path")" = 0:0 ] || continue
        rm "$path"
        : >"$(dirname "$path")/.wh.$(basename "$path")"
    done
}

image() { # NAME PACKAGES USER FOLDERS CONFIG
    name=$1 packages=$2 user=$3 folders=$4 config=$5
    say "making guestbook-$name ($packages)"
    overlay
    if [ -f "$here/images/$name.prepare" ]; then
        cp "$here/images/$name.prepare" "$work/root/prepare"
        in_root "$work/root" sh /prepare
        rm "$work/root/prepare"
    fi
    # shellcheck disable=SC2086
    in_root "$work/root" apt-get install -y -q --no-install-recommends $packages
    if [ -f "$here/images/serve-$name" ]; then install -m 755 "$here/images/serve-$name" "$work/root/usr/local/bin/"; fi
    if [ "$name" = web ]; then install -D -m 644 -t "$work/root/srv/app" "$here"/app/*; fi
    for folder in $folders; do
        in_root "$work/root" install -d -m 700 -o "$user" -g "$user" "$folder"
    done
    umount "$work/root"
    whiteouts "$work/upper/changes"
    layer "$work/upper/changes" "$name"
    umount "$work/upper" 2>/dev/null || true
    rm -rf "$work/upper"
    cat >"$work/out/$name.json" <<-END
	{"architecture":"$(dpkg --print-architecture)","os":"linux","created":"$(date -u +%Y-%m-%dT%H:%M:%SZ)","config":$config,
	"rootfs":{"type":"layers","diff_ids":["sha256:$(digest base.tar)","sha256:$(digest "$name.tar")"]},
	"history":[{"created_by":"debootstrap $suite"},{"created_by":"apt-get install $packages"}]}
	END
    id=$(digest "$name.json")
    mv "$work/out/$name.json" "$work/out/$id.json"
    entries="${entries:+$entries,}{\"Config\":\"$id.json\",\"RepoTags\":[\"guestbook-$name:1\"],\"Layers\":[\"base.tar\",\"$name.tar\"]}"
}

path='"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin","LC_ALL=C.UTF-8"]'
entries=
base
image proxy "nginx-light busybox" www-data "" \
    "{$path,\"User\":\"www-data\",\"ExposedPorts\":{\"8080/tcp\":{}},\"Cmd\":[\"serve-proxy\"],\"StopSignal\":\"SIGQUIT\"}"
image web "python3-flask python3-redis python3-psycopg2 python3-waitress" nobody "" \
    "{$path,\"User\":\"nobody\",\"WorkingDir\":\"/srv/app\",\"ExposedPorts\":{\"8000/tcp\":{}},\"Cmd\":[\"waitress-serve\",\"--listen=*:8000\",\"guestbook:app\"]}"
image cache "redis-server" redis "/data" \
    "{$path,\"User\":\"redis\",\"WorkingDir\":\"/data\",\"ExposedPorts\":{\"6379/tcp\":{}},\"Cmd\":[\"serve-cache\"]}"
image db "postgresql" postgres "/var/lib/postgresql/data" \
    "{$path,\"User\":\"postgres\",\"ExposedPorts\":{\"5432/tcp\":{}},\"Volumes\":{\"/var/lib/postgresql/data\":{}},\"Cmd\":[\"serve-db\"],\"StopSignal\":\"SIGINT\"}"

echo "[$entries]" >"$work/out/manifest.json"
(cd "$work/out" && tar --numeric-owner --owner=0 --group=0 -cf ../guestbook.tar -- *.json *.tar)
rm -f "$target/stamp"
mv "$work/guestbook.tar" "$target/guestbook.tar"
echo "$stamp" >"$target/stamp"
say "made $target/guestbook.tar ($(du -m "$target/guestbook.tar" | cut -f1) MB)"
