#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Prints the figures of the fault-tolerance core, asked against measured, from one release build. Run it
# on a quiet machine: it measures milliseconds.
#   tests/bench/core.sh BUILD_FOLDER [crash|hang|writes|idle|restart|diagnosis|quiet]...
# Without names all of them; `quiet` alone takes 20 minutes. `writes` needs etcd and ab (apache2-utils).
set -euo pipefail
cd "$(dirname "$0")/../.."
bin="$(cd "${1:-build/release}" && pwd)/bin"
shift || true
sections=("$@")
((${#sections[@]})) || sections=(crash hang writes idle restart diagnosis quiet)
place=$(mktemp -d)
pids=()
stop_all() {
    for pid in "${pids[@]}"; do kill -9 "$pid" 2> /dev/null || true; done
    pids=()
}
trap 'stop_all; rm -rf "$place"' EXIT

row() { printf '%-52s %-22s %s\n' "$1" "$2" "$3"; }
figure() { python3 -c "import json,sys; m=json.load(open(sys.argv[1]))['measures'][sys.argv[2]]; print('p50 %.1f ms, p99 %.1f ms, n %d, censored %d' % (m['p50_ns']/1e6, m['p99_ns']/1e6, m['n'], m.get('censored',0)))" "$1/summary.json" "$2"; }
lost() { python3 -c "import json,sys; print(json.load(open(sys.argv[1]))['measures']['lost_writes']['total'])" "$1/summary.json"; }

# Ports below the ephemeral range, away from the defaults of other servers.
port=17100
member() { echo "--member $1 127.0.0.1:$((port + $1)) 127.0.0.1:$((port + 100 + $1))"; }
start_kv() { # folder options...
    local folder=$1 node
    shift
    for node in 1 2 3; do
        # shellcheck disable=SC2046
        "$bin/kvnode" --node $node --folder "$folder/$node" $(member 1) $(member 2) $(member 3) "$@" > /dev/null 2>> "$folder.log$node" &
        pids+=($!)
    done
}
ask() { redis-cli -p "$((port + 100 + $1))" "${@:2}" 2> /dev/null || true; }
primary() {
    local node
    for _ in $(seq 200); do
        for node in 1 2 3; do
            [[ $(ask $node role | head -1) == master ]] && { echo $node; return; }
        done
        sleep 0.05
    done
    echo "nobody became primary" >&2
    exit 1
}

section_crash() {
    "$bin/faultline" run scenarios/core/primary-crash.json --trials "${CRASH_TRIALS:-100}" --control 0 --out "$place/crash" --format none || true
    row "crash of the primary: detection" "p50 <= 2, p99 <= 10 ms" "$(figure "$place/crash" detection_time)"
    row "crash of the primary: recovery" "p50 <= 8, p99 <= 40 ms" "$(figure "$place/crash" recovery_time)"
    row "acknowledged writes lost" "0" "$(lost "$place/crash")"
}

section_hang() {
    "$bin/faultline" run scenarios/core/primary-hang.json --trials "${HANG_TRIALS:-50}" --control 0 --out "$place/hang" --format none || true
    row "hang of the primary: recovery" "p50 <= 80, p99 <= 200 ms" "$(figure "$place/hang" recovery_time)"
}

section_writes() {
    local leader begin
    start_kv "$place/kv"
    leader=$(primary)
    local etcd_port=17300 node
    for node in 0 1 2; do
        etcd --name n$node --data-dir "$place/etcd$node" --listen-client-urls http://127.0.0.1:$((etcd_port + node)) \
            --advertise-client-urls http://127.0.0.1:$((etcd_port + node)) --listen-peer-urls http://127.0.0.1:$((etcd_port + 10 + node)) \
            --initial-advertise-peer-urls http://127.0.0.1:$((etcd_port + 10 + node)) --initial-cluster-state new --initial-cluster-token bench \
            --initial-cluster n0=http://127.0.0.1:$((etcd_port + 10)),n1=http://127.0.0.1:$((etcd_port + 11)),n2=http://127.0.0.1:$((etcd_port + 12)) \
            --logger zap --log-outputs "$place/etcd$node.log" > /dev/null 2>&1 &
        pids+=($!)
    done
    for _ in $(seq 100); do curl -sf "http://127.0.0.1:$etcd_port/health" | grep -q true && break; sleep 0.1; done
    local etcd_leader=0
    for node in 0 1 2; do
        curl -s "http://127.0.0.1:$((etcd_port + node))/metrics" | grep -q '^etcd_server_is_leader 1' && etcd_leader=$node
    done
    echo '{"key":"Zm9vYmFyYmF6","value":"MDEyMzQ1Njc4OWFiY2RlZg=="}' > "$place/body"
    : > "$place/kv.rates"; : > "$place/etcd.rates"
    for _ in 1 2 3 4 5; do # A, B, A, B...: the machine is not the same from minute to minute
        redis-benchmark -p $((port + 100 + leader)) -t set -n 40000 -c 64 -d 16 --csv | awk -F'"' '/SET/ {print $4}' >> "$place/kv.rates"
        ab -q -k -c 64 -n 20000 -p "$place/body" -T application/json "http://127.0.0.1:$((etcd_port + etcd_leader))/v3/kv/put" 2> /dev/null |
            awk '/Requests per second/ {print $4}' >> "$place/etcd.rates"
    done
    row "durable writes/s, 64 clients, medians of 5" ">= 3 x etcd's" \
        "$(paste <(sort -n "$place/kv.rates" | sed -n 3p) <(sort -n "$place/etcd.rates" | sed -n 3p) | awk '{printf "%.0f against %.0f (HTTP gateway): %.1f x", $1, $2, $1 / $2}')"
    stop_all
}

section_idle() {
    local before after pid seconds=30
    start_kv "$place/idle"
    primary > /dev/null
    sleep 2
    used() { for pid in "${pids[@]}"; do awk '{print $14 + $15}' "/proc/$pid/stat"; done | awk '{s += $1} END {print s}'; }
    before=$(used)
    sleep $seconds
    after=$(used)
    row "CPU of an idle group of three" "<= 2 % of a core" \
        "$(awk -v used=$((after - before)) -v hz="$(getconf CLK_TCK)" -v s=$seconds 'BEGIN {printf "%.2f %%", 100 * used / hz / s}')"
    row "memory of an idle node (largest of three)" "<= 20 MiB" \
        "$(for pid in "${pids[@]}"; do awk '/VmRSS/ {print $2}' "/proc/$pid/status"; done | sort -n | tail -1 | awk '{printf "%.1f MiB", $1 / 1024}')"
    stop_all
}

section_restart() {
    local begin
    "$bin/kvnode" --node 1 --folder "$place/big" $(member 1) --snapshot-after 8GiB > /dev/null 2>> "$place/big.log" &
    pids+=($!)
    for _ in $(seq 100); do [[ $(ask 1 role | head -1) == master ]] && break; sleep 0.05; done
    redis-benchmark -p $((port + 101)) -t set -n 10500 -c 16 -d 100000 -r 2000 -q > /dev/null
    local bytes
    bytes=$(du -sm "$place/big/log" | cut -f1)
    stop_all
    sleep 1
    begin=$(date +%s%N)
    "$bin/kvnode" --node 1 --folder "$place/big" $(member 1) --snapshot-after 8GiB > /dev/null 2>> "$place/big.log" &
    pids+=($!)
    while [[ $(ask 1 role | head -1) != master ]]; do sleep 0.02; done
    row "restart with a log of $bytes MiB until serving" "<= 5 s" "$((($(date +%s%N) - begin) / 1000000)) ms"
    stop_all
}

# What was injected against what the core named, over scenarios that each break one thing.
section_diagnosis() {
    local name
    for name in primary-crash secondary-crash witness-crash primary-hang supervisor-restarts-hung-node failing-fsync-on-primary \
        slow-disk-on-primary disk-full-and-back; do
        "$bin/faultline" run scenarios/core/$name.json --trials "${DIAGNOSIS_TRIALS:-10}" --control 0 --out "$place/diagnosis/$name" --format none > /dev/null || true
    done
    python3 - "$place/diagnosis" << 'PYTHON'
import collections, glob, json, sys
cells, right, total = collections.Counter(), 0, 0
for path in sorted(glob.glob(sys.argv[1] + "/*/trials.jsonl")):
    name = path.split("/")[-2]
    for line in open(path):
        trial = json.loads(line)
        if not trial["injections"] or trial["outcome"] in ("unhealthy", "ineffective"): continue
        cells[name, trial["injections"][0].get("diagnosis") or "nothing"] += 1
causes = sorted({cause for _, cause in cells})
print("| scenario | " + " | ".join(causes) + " |")
print("|---" * (len(causes) + 1) + "|")
for name in sorted({name for name, _ in cells}):
    print("| " + name + " | " + " | ".join(str(cells[name, cause] or "") for cause in causes) + " |")
PYTHON
}

section_quiet() {
    local mode terms minutes=10 hogs=()
    for mode in idle busy; do
        start_kv "$place/quiet-$mode"
        primary > /dev/null
        terms=$(ask "$(primary)" info | tr -d '\r' | awk -F: '/^term:/ {print $2}')
        if [[ $mode == busy ]]; then
            for _ in $(seq "$(nproc)"); do
                (while :; do :; done) &
                hogs+=($!)
                pids+=($!)
            done
        fi
        sleep $((minutes * 60))
        for hog in "${hogs[@]}"; do kill -9 "$hog" 2> /dev/null || true; done
        row "false failovers in $minutes minutes, $mode" "0" "$(($(ask "$(primary)" info | tr -d '\r' | awk -F: '/^term:/ {print $2}') - terms))"
        stop_all
    done
}

row "what" "asked" "measured"
for section in "${sections[@]}"; do "section_$section"; done
