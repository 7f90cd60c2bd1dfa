#!/bin/bash
# Brings examples/hello up, uses it, breaks it, and takes it down. Everything is kept in a folder of its own, away from other stacks.
set -eu
cd "$(dirname "$0")/hello"
build="$PWD/../../.build/release"
home=$(mktemp -d /tmp/gantry-demo.XXXXXX)
port=${HELLO_PORT:-}
if [ -z "$port" ]; then
    port=8080
    while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
fi
export HELLO_PORT=$port GANTRY_ROOT="$home/root" GANTRY_RUN="$home/run" COMPOSE_PROJECT_NAME=hello
run=""
[ "$(id -u)" = 0 ] || run="sudo -E"
gantry() { $run "$build/gantry" "$@"; }
say() { printf '\n\033[1m# %s\033[0m\n' "$*"; }
finish() {
    gantry system stop --all >/dev/null 2>&1 || true
    $run rm -rf "$home"
}
trap finish EXIT
answers() { curl -fsS --max-time 5 "http://127.0.0.1:$port/" | grep -q 'Hello from a container'; }
wait_for() {
    for _ in $(seq 200); do "$@" 2>/dev/null && return 0; sleep 0.05; done
    echo "it did not come: $*" >&2
    return 1
}

say "an image, made on the spot from busybox"
IMAGE_NAME=gantry-hello:1 ./image.sh | gantry image load
say "gantry plan: what would be done, and why"
gantry plan || [ $? = 2 ]
say "gantry up: a web service with a health check, and a worker that waits for it"
gantry up -d --wait
gantry ps
say "it answers on the published port"
wait_for answers
curl -fsS "http://127.0.0.1:$port/cgi-bin/visit"
gantry logs --tail 2
say "kill -9 of the web server: the loop starts it again"
pid=$($run cut -d ' ' -f 1 "$GANTRY_RUN/containers/$(gantry ps -q web)/status")
begin=$(date +%s%N)
$run kill -9 "$pid"
wait_for answers
echo "it answered again after $((($(date +%s%N) - begin) / 1000000)) ms"
gantry ps
say "gantry down: everything goes"
gantry down
gantry ps -a
echo
echo "The demo worked."
