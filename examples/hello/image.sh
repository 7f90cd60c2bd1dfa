#!/bin/sh
# Writes a docker archive of the image gantry-hello:1 to standard output: Debian's static busybox, two users and a web page.
#
#     ./image.sh | gantry image load          (or: ./image.sh | docker load)
#
# Needs no root, no network and no container engine. IMAGE_NAME names it otherwise.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
name=${IMAGE_NAME:-gantry-hello:1}
busybox=${BUSYBOX:-/bin/busybox}
fail() { echo "image.sh: $*" >&2; exit 1; }
[ -x "$busybox" ] || fail "there is no $busybox: apt-get install busybox-static"
# Neither an interpreter nor libraries: it must run on an empty root.
if ldd "$busybox" >/dev/null 2>&1; then fail "$busybox is not static: apt-get install busybox-static"; fi
[ ! -t 1 ] || fail "writes an archive to standard output: ./image.sh | gantry image load"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
root=$work/root
mkdir -p "$root/bin" "$root/etc" "$root/home" "$root/root" "$root/tmp" "$root/var" "$root/www" "$work/out"
cp "$busybox" "$root/bin/busybox"
for applet in $("$busybox" --list); do
    [ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"
done
printf 'root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000:app:/home:/bin/sh\n' >"$root/etc/passwd"
printf 'root:x:0:\napp:x:1000:\n' >"$root/etc/group"
cp -R "$here/www/." "$root/www/"
chmod -R u=rwX,go=rX "$root"
chmod 755 "$root/www/cgi-bin/visit" "$root/bin/busybox"
chmod 1777 "$root/tmp"

# The same bytes at every run, so that the image keeps its id: sorted names, owner root, one date.
pack() { tar --sort=name --numeric-owner --owner=0 --group=0 --mtime=@0 -C "$1" -cf - .; }
pack "$root" >"$work/out/layer.tar"
layer=$(sha256sum "$work/out/layer.tar" | cut -d' ' -f1)
case $(uname -m) in
x86_64) machine=amd64 ;;
aarch64) machine=arm64 ;;
*) machine=$(uname -m) ;;
esac
cat >"$work/out/config.json" <<END
{"architecture":"$machine","os":"linux","config":{"Env":["PATH=/bin"],"Cmd":["sh"],"WorkingDir":"/"},
"rootfs":{"type":"layers","diff_ids":["sha256:$layer"]},"history":[{"created_by":"busybox"}]}
END
printf '[{"Config":"config.json","RepoTags":["%s"],"Layers":["layer.tar"]}]\n' "$name" >"$work/out/manifest.json"
pack "$work/out"
