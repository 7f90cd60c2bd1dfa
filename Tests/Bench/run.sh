#!/bin/bash
# Gantry beside docker-compose with dockerd, in one run on one machine, on the same busybox image; prints figures and their ratios.
# Both engines get folders of their own; docker's daemon is started here and ended here, by pid.
set -eu
cd "$(dirname "$0")/../.."
[ "$(id -u)" = 0 ] || exec sudo -E bash "$0" "$@"
counts=${COUNTS:-1 10 50}
rounds=${ROUNDS:-3}
build=$PWD/.build/release
for program in docker.io:dockerd docker-compose:docker-compose; do
    command -v "${program#*:}" >/dev/null || DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install "${program%:*}" </dev/null >/dev/null
done

home=$(mktemp -d /tmp/gantry-bench.XXXXXX)
export GANTRY_ROOT=$home/root GANTRY_RUN=$home/run COMPOSE_PROJECT_NAME=bench DOCKER_HOST=unix://$home/docker.sock
dockerd=""
finish() {
    "$build/gantry" system stop --all >/dev/null 2>&1 || true
    if [ -n "$dockerd" ]; then
        docker-compose -f "$home/compose.yaml" down -t 0 >/dev/null 2>&1 || true
        docker ps -aq 2>/dev/null | xargs -r docker rm -f >/dev/null 2>&1 || true
        docker network prune -f >/dev/null 2>&1 || true
        kill "$dockerd" 2>/dev/null || true
        wait "$dockerd" 2>/dev/null || true
    fi
    findmnt -rn -o TARGET | grep "^$home/" | sort -r | xargs -r umount -l 2>/dev/null || true
    rm -rf "$home"
}
trap finish EXIT

gantry() { "$build/gantry" --progress quiet -f "$home/compose.yaml" "$@"; }
# Under load docker-compose gives up waiting for dockerd now and then: said, and its time counts as it is.
compose() { docker-compose -f "$home/compose.yaml" "$@" >"$home/compose.log" 2>&1 || { echo "docker-compose $1 failed: $(tail -1 "$home/compose.log" | cut -c1-150)" >&2; }; }
export COMPOSE_HTTP_TIMEOUT=300
now() { date +%s%N; }
# The median of the rounds, in milliseconds.
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
stack() {
    echo "services:"
    for number in $(seq 1 "$1"); do
        printf '  s%s:\n    image: gantry-bench:1\n    command: [sleep, "100000"]\n    restart: always\n' "$number"
    done
} >"$home/compose.yaml"
row() { awk -v what="$1" -v ours="$2" -v theirs="$3" -v unit="$4" 'BEGIN { printf "%-46s %10.1f %12.1f %-4s %8.1fx\n", what, ours, theirs, unit, (ours > 0 ? theirs / ours : 0) }'; }

echo "starting dockerd"
dockerd --data-root "$home/docker" --exec-root "$home/docker-run" -H "$DOCKER_HOST" -p "$home/docker.pid" >"$home/docker.log" 2>&1 &
dockerd=$!
for _ in $(seq 200); do docker version >/dev/null 2>&1 && break; sleep 0.1; done
docker version >/dev/null 2>&1 || { echo "dockerd did not start:"; tail -5 "$home/docker.log"; exit 1; }
IMAGE_NAME=gantry-bench:1 examples/hello/image.sh >"$home/image.tar"
docker load -q -i "$home/image.tar" >/dev/null
gantry image load -q -i "$home/image.tar"

printf '%-46s %10s %12s %13s\n' "" "gantry" "docker" "ratio"
for count in $counts; do
    stack "$count"
    for engine in gantry compose; do
        : >"$home/up" && : >"$home/down"
        for _ in $(seq "$rounds"); do
            begin=$(now); $engine up -d; up=$(now)
            $engine down -t 0; down=$(now)
            echo $(((up - begin) / 1000)) >>"$home/up"
            echo $(((down - up) / 1000)) >>"$home/down"
        done
        for verb in up down; do eval "${engine}_$verb=$(median <"$home/$verb" | awk '{ print $1 / 1000 }')"; done
    done
    row "up -d, $count services" "$gantry_up" "$compose_up" ms
    row "down -t 0, $count services" "$gantry_down" "$compose_down" ms
done

# From kill -9 of a container's process to its replacement running.
stack 1
main_of_gantry() { for file in "$GANTRY_RUN"/containers/*/status; do [ -e "${file%status}exit" ] || awk '{ print $1 }' "$file"; done 2>/dev/null | head -1; }
main_of_docker() { docker inspect -f '{{if .State.Running}}{{.State.Pid}}{{end}}' "$(docker ps -q | head -1)" 2>/dev/null; }
recover() {
    local engine=$1 old new begin
    : >"$home/recover"
    for _ in $(seq "$rounds"); do
        old=$(main_of_"$engine")
        begin=$(now)
        kill -9 "$old"
        for _ in $(seq 2000); do
            new=$(main_of_"$engine")
            [ -n "$new" ] && [ "$new" != "$old" ] && [ "$new" != 0 ] && break
        done
        echo $((($(now) - begin) / 1000)) >>"$home/recover"
        # Long enough for both to forget that it failed.
        sleep 11
    done
    median <"$home/recover" | awk '{ print $1 / 1000 }'
}
# Private memory of a process, KiB.
private() { awk '/^Private_/ { sum += $2 } END { print sum + 0 }' "/proc/$1/smaps_rollup"; }
# Private memory of processes on average, KiB.
average() { for pid in "$@"; do private "$pid"; done | awk '{ sum += $1 } END { print (NR ? sum / NR : 0) }'; }
gantry up -d
ours=$(recover gantry)
gantry down -t 0
# Ten of them: what all shims share is not private to any.
stack 10
gantry up -d
our_shim=$(average $(awk '{ print $2 }' "$GANTRY_RUN"/containers/*/status))
our_daemon=$(private "$(pgrep -f "gantryd --root $GANTRY_ROOT" | head -1)")
gantry down -t 0
stack 1
compose up -d
theirs=$(recover docker)
compose down -t 0
stack 10
compose up -d
their_shim=$(average $(pgrep -f "containerd-shim.* -address $home/"))
their_daemon=$(($(private "$dockerd") + $(private "$(pgrep -P "$dockerd" containerd | head -1)")))
compose down -t 0
row "kill -9 to its replacement running" "$ours" "$theirs" ms
row "private memory of a shim, of ten" "$our_shim" "$their_shim" KiB
row "private memory of the daemon" "$our_daemon" "$their_daemon" KiB
row "size of the programs on disk" \
    "$(du -kc "$build"/gantry "$build"/gantryd "$build"/gantry-shim | awk 'END { print $1 / 1024 }')" \
    "$(du -kLc "$(command -v dockerd)" "$(command -v docker)" "$(command -v containerd)" "$(command -v containerd-shim-runc-v2)" "$(command -v runc)" | awk 'END { print $1 / 1024 }')" MiB
echo "median of $rounds rounds; $(nproc) cores, kernel $(uname -r), $(docker version -f '{{.Server.Version}}')"
