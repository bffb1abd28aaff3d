#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes reports, opens them and the pages of faultline serve in Chromium and tries what a reader can do.
#   tests/e2e/browser/run.sh FAULTLINE MAKE_RUNS SCENARIOS FOLDER
# FAULTLINE and MAKE_RUNS are programs, SCENARIOS is the folder of scenarios; reports, screenshots and what npm
# installs go into FOLDER. Exit code 77: skipped, and says why.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
faultline=$1
make_runs=$2
scenarios=$3
folder=$4

skip() {
    echo "skipped: $*"
    exit 77
}

command -v chromium > /dev/null || skip "chromium is not installed"
command -v python3 > /dev/null || skip "python3 is not installed"
command -v node > /dev/null && command -v npm > /dev/null || skip "node or npm is not installed"
[ "$(node -p 'Number(process.versions.node.split(".")[0]) >= 18')" = true ] || skip "node is older than 18"
mkdir -p "$folder"
cp "$here"/*.json "$here"/*.js "$folder/"
cd "$folder"
if ! cmp -s package-lock.json installed-lock.json || [ ! -d node_modules/puppeteer-core ]; then
    if ! timeout 120 npm ci --ignore-scripts --no-audit --no-fund > npm.log 2>&1; then
        grep -q EINTEGRITY npm.log && { cat npm.log; exit 1; }
        tail -5 npm.log
        skip "the browser's driver cannot be installed: no npm registry"
    fi
    cp package-lock.json installed-lock.json
fi

rm -rf small large served screenshots
mkdir screenshots
# A real run of few trials, whatever its verdict and however late its load on a busy machine, and a made-up one of a thousand.
"$faultline" run "$scenarios/metronome/pair-crash.json" --trials 3 \
    --set /load/lag_max=10s --out small > run.log 2>&1 || [ $? -le 3 ] || { cat run.log; exit 1; }
"$make_runs" --trials 1000 --control 2 --operations 400 --unrecovered 0.02 --masked 0.02 --losing 0.01 --out large
"$faultline" report large --write --format none > render.log 2>&1 || [ $? -le 3 ] || { cat render.log; exit 1; }
[ "$(wc -c < large/report.html)" -le $((2 * 1024 * 1024)) ] || { echo "the report of 1,000 trials is larger than 2 MiB"; exit 1; }
SMALL="$PWD/small/report.html" LARGE="$PWD/large/report.html" node --test report_test.js

# Runs of every state to serve. One is under way while somebody holds its record's lock.
"$make_runs" --trials 12 --control 1 --operations 200 --runs 3 --out served
"$make_runs" --trials 6 --control 0 --operations 200 --losing 0.5 --unrecovered 0.5 --name losing-writes --out served/losing
for state in under-way unfinished broken; do
    "$make_runs" --trials 6 --control 0 --operations 200 --name "$state" --out "served/$state"
    rm "served/$state/summary.json"
done
echo '{' > served/broken/run.json
python3 -c 'import fcntl, signal
file = open("served/under-way/trials.jsonl", "r+")
fcntl.lockf(file, fcntl.LOCK_EX)
print("held", flush=True)
signal.pause()' > held.log &
holder=$!
trap 'kill $holder 2> /dev/null || true' EXIT
await() {
    for _ in $(seq 600); do
        grep -qs "$1" "$2" && return
        sleep 0.1
    done
    cat "$2"
    exit 1
}
await held held.log
"$faultline" serve served --port 0 > serve.log 2>&1 &
server=$!
trap 'kill $holder $server 2> /dev/null || true' EXIT
await http:// serve.log
SERVE=$(grep -o 'http://[0-9.:]*' serve.log) node --test serve_test.js
