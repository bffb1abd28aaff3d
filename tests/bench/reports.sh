#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Prints the figures of what is made of runs, asked against measured, from one release build.
#   tests/bench/reports.sh BUILD_FOLDER [render|compare|open|serve]...
# `open` needs chromium; `serve` needs curl. TRIALS and RUNS make a smaller try of it.
set -euo pipefail
cd "$(dirname "$0")/../.."
bin="$(cd "${1:-build/release}" && pwd)/bin"
shift || true
sections=("$@")
((${#sections[@]})) || sections=(render compare open serve)
trials=${TRIALS:-1000}
runs=${RUNS:-10000}
place=$(mktemp -d)
# Every made run is synced file by file: in memory that costs nothing.
memory=$(mktemp -d -p /dev/shm 2> /dev/null || mktemp -d)
server=
stop() {
    [[ -z $server ]] || kill "$server" 2> /dev/null || true
    rm -rf "$place" "$memory"
}
trap stop EXIT

row() { printf '%-58s %-16s %s\n' "$1" "$2" "$3"; }
# Seconds and peak memory of a command: "3.21 s, 140 MiB". Its exit code is a verdict, not a failure.
cost() {
    python3 - "$@" << 'PYTHON'
import resource, subprocess, sys, time
begin = time.monotonic()
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
took = time.monotonic() - begin
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
note = "" if done.returncode in (0, 1, 3) else f" (exit code {done.returncode}: {done.stderr.decode()[-200:].strip()})"
print(f"{took:.2f} s, {peak:.0f} MiB{note}")
PYTHON
}
# 1,000 trials of 10,000 operations each: ten million of them.
large() {
    [[ -d $place/$1 ]] || "$bin/make_runs" --trials "$trials" --control 20 --operations 10000 --seed "$2" --out "$place/$1" > /dev/null
}

section_render() {
    large base 1
    row "every report of $trials trials of 10,000 operations" "<= 5 s, 500 MiB" \
        "$(cost "$bin/faultline" report "$place/base" --format none --write)"
}

section_compare() {
    large base 1
    large head 2
    row "compare of two such runs" "<= 2 s" "$(cost "$bin/faultline" compare "$place/base" "$place/head" --store none)"
}

# Until the page has been loaded and drawn, as the browser itself tells it.
section_open() {
    large base 1
    [[ -s $place/base/report.html ]] || "$bin/faultline" report "$place/base" --format none --write > /dev/null || true
    local browser
    browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
    [[ -n $browser ]] || { row "its HTML report opens in Chromium" "<= 1.5 s" "not measured: no chromium"; return; }
    # The load event, by the page's own clock: a copy of the report says it in its title.
    sed 's#</body>#<script>addEventListener("load",()=>requestAnimationFrame(()=>{document.title="ms="+Math.round(performance.now())}))</script></body>#' \
        "$place/base/report.html" > "$place/timed.html"
    for _ in 1 2 3; do
        "$browser" --headless=new --no-sandbox --disable-gpu --disable-background-networking --user-data-dir="$place/browser" \
            --timeout=20000 --dump-dom "file://$place/timed.html" 2> /dev/null | grep -o '<title>ms=[0-9]*' | grep -o '[0-9]*' >> "$place/opened" || true
    done
    row "its HTML report opens in Chromium, median of 3" "<= 1.5 s" \
        "$(sort -n "$place/opened" | awk '{v[NR] = $1} END {if (NR) printf "%.2f s", v[int((NR + 1) / 2)] / 1e3; else print "not measured: the page said nothing"}'), $(du -h "$place/base/report.html" | cut -f1)"
}

section_serve() {
    local port log="$place/serve.log"
    "$bin/make_runs" --trials 3 --operations 0 --runs "$runs" --seed 1 --out "$memory/many" > /dev/null
    "$bin/faultline" serve "$memory/many" --port 0 > "$log" 2>&1 &
    server=$!
    for _ in $(seq 600); do
        port=$(grep -oE 'http://[^ ]*:[0-9]+' "$log" | head -1 | grep -oE '[0-9]+$' || true)
        [[ -n $port ]] && curl -sf "http://127.0.0.1:$port/" -o /dev/null && break
        kill -0 $server 2> /dev/null || break
        sleep 0.1
    done
    for _ in 1 2 3 4 5; do
        curl -sf -o /dev/null -w '%{time_total}\n' "http://127.0.0.1:$port/" >> "$place/listed" || true
    done
    row "serve lists $runs runs, median of 5" "<= 200 ms" \
        "$(sort -n "$place/listed" 2> /dev/null | awk '{v[NR] = $1} END {if (NR) printf "%.0f ms", v[int((NR + 1) / 2)] * 1e3; else print "not measured: no answer"}')"
    kill "$server" 2> /dev/null || true
    server=
}

row "what" "asked" "measured"
for section in "${sections[@]}"; do "section_$section"; done
