#!/bin/bash
# Runs tiers of tests that are built: pure, kernel, root. Prints each tier's time, what was skipped and why, and what hung.
set -u
cd "$(dirname "$0")/.."
export GANTRY_BIN="$PWD/.build/debug"
status=0

tier() {
    local name=$1 limit=$2
    shift 2
    local log=".build/tests-$name.log" start=$SECONDS code
    echo "== $name tests"
    timeout --kill-after=20 "$limit" "$SWIFT" test --skip-build --disable-xctest "$@" >"$log" 2>&1 </dev/null
    code=$?
    grep -E '^↳|^✘|^error|Test run with|^repair:|^guestbook:|^cycles:|^skip' "$log" | cut -c1-600
    local skipped
    skipped=$(grep -E 'skipped' "$log" | grep -vE 'Test run with' | cut -c1-300)
    [ -z "$skipped" ] || printf 'skipped in %s:\n%s\n' "$name" "$skipped"
    if [ $code = 124 ] || [ $code = 137 ]; then
        echo "$name tests did not end in $limit s; begun and not ended:"
        comm -23 <(grep -oE '^◇ Test .* started' "$log" | sed 's/^◇ Test //; s/ started$//' | sort -u) \
            <(grep -oE '^[✔✘] Test .* (passed|failed) after' "$log" | sed -E 's/^. Test //; s/ (passed|failed) after$//' | sort -u)
    fi
    if ! grep -qE 'Test run with [1-9][0-9]* tests' "$log"; then
        echo "$name: no test ran"
        tail -20 "$log"
        code=1
    fi
    [ $code = 0 ] || { status=1; echo "$name tests FAILED ($code); the whole output is in $log"; tail -60 "$log" | cut -c1-400; }
    echo "== $name tests took $((SECONDS - start)) s"
}

for name in "$@"; do
    if [ "$name" != pure ] && [ "$(id -u)" != 0 ]; then
        echo "== $name tests are skipped: they need root"
        continue
    fi
    case $name in
    pure) tier pure 180 --filter "^($PURE)\." ;;
    kernel) tier kernel 240 --no-parallel --filter '^[A-Za-z]*KernelTests\.' ;;
    root) tier root 600 --no-parallel --filter '^StackRootTests\.' ;;
    esac
done
exit $status
