#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the example of targets/core/README.md against an installed ftcore, runs three of it, kills the
# one that serves, and waits until another one does.
#   tests/integration/ftcore_example.sh BUILD_FOLDER
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "$1" && pwd)
place=$(mktemp -d)
pids=()
cleanup() {
    for pid in "${pids[@]}"; do kill -9 "$pid" 2> /dev/null || true; done
    rm -rf "$place"
}
trap cleanup EXIT

cmake --install "$build" --prefix "$place/installed" --component ftcore > /dev/null
sed -n '/^```cpp/,/^```/p' "$root/targets/core/README.md" | sed '1d;$d' > "$place/lamp.cpp"
lines=$(wc -l < "$place/lamp.cpp")
((lines > 0 && lines <= 50)) || { echo "the example has $lines lines; it should be 50 at most" >&2; exit 1; }
{
    echo 'cmake_minimum_required(VERSION 3.25)'
    echo 'project(lamp CXX)'
    sed -n '/^```cmake/,/^```/p' "$root/targets/core/README.md" | sed '1d;$d'
} > "$place/CMakeLists.txt"
cmake -S "$place" -B "$place/build" -G Ninja -DCMAKE_PREFIX_PATH="$place/installed" -DCMAKE_BUILD_TYPE=Release > /dev/null
cmake --build "$place/build" > "$place/build.log" || { cat "$place/build.log" >&2; exit 1; }

cd "$place"
for id in 1 2 3; do
    build/lamp $id > out-$id 2> log-$id &
    pids+=($!)
done
# Who has toggled the lamp, not counting those that were killed.
serving() {
    for id in 1 2 3; do
        if [[ $id != "${1:-}" ]] && grep -q '^OK' out-$id; then echo $id; return; fi
    done
}
wait_serving() {
    for _ in $(seq 600); do
        first=$(serving "${1:-}")
        [[ -n $first ]] && return
        sleep 0.05
    done
    echo "nobody serves; the logs:" >&2
    cat log-* out-* >&2
    exit 1
}
wait_serving
killed=$first
kill -9 "${pids[$((killed - 1))]}"
wait_serving "$killed"
echo "lamp $killed was killed, lamp $first took over"
