#!/usr/bin/env bash
# Prints every figure of the spine, asked against measured, from one release build.
#   tests/bench/spine.sh [BUILD_FOLDER]
set -euo pipefail
cd "$(dirname "$0")/../.."
bin="$(cd "${1:-build/release}" && pwd)/bin"
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

row() { printf '%-58s %-16s %s\n' "$1" "$2" "$3"; }
row "what" "asked" "measured"

# Injection, detection and recovery against the metronome's own account.
XDG_STATE_HOME="$place" "$bin/faultline" calibrate --trials 200 > "$place/calibrate"
figure() { awk -v part="$1" -v name="$2" '$2 == "n" {on = $1 == part} on && $1 == name {print $7, $8}' "$place/calibrate"; }
row "injection lateness p99, idle" "<= 0.3 ms" "$(figure idle injection_lateness)"
row "injection lateness p99, every core busy" "<= 2 ms" "$(figure busy injection_lateness)"
row "detection error p99, event, idle" "<= 0.5 ms" "$(figure idle detection_error_event)"
row "detection error p99, log, idle" "<= 0.5 ms" "$(figure idle detection_error_log)"
row "recovery error p99, idle (arrivals every 1 ms)" "<= 2 ms" "$(figure idle recovery_error)"

# What the harness adds to a trial.
cat > "$place/one.json" <<'JSON'
{"name": "one", "targets": {"metronome": {"ports": ["client"], "command": ["${bin}/metronome", "--port", "${port.client}"], "ready": {"probe": "redis.ping"}}},
 "load": {"driver": "redis", "to": "metronome", "rate": "1000/s", "connections": 4},
 "steady_state": {"success_rate": 0.99, "for": "100ms"}, "recovery": {"success_rate": 0.99, "for": "50ms", "within": "100ms"},
 "faults": [{"fault": "process.hang", "on": "metronome", "at": "20ms", "for": "30ms"}], "success_window": "100ms", "trials": {"count": 30}}
JSON
"$bin/faultline" run "$place/one.json" --out "$place/one" --format none || true
grep -o '"harness_overhead_ns":[0-9]*' "$place/one/trials.jsonl" | cut -d: -f2 | sort -n > "$place/overheads"
row "harness time in a trial beyond its waits, median" "<= 25 ms" "$(awk '{v[NR] = $1} END {printf "%.1f ms (max %.1f ms, n %d)", v[int((NR + 1) / 2)] / 1e6, v[NR] / 1e6, NR}' "$place/overheads")"

# Validation of a folder of scenarios, 1 MiB in all.
mkdir "$place/many"
number=0
while [ "$(cat "$place"/many/*/*/*.json 2> /dev/null | wc -c)" -lt 1048576 ]; do
    number=$((number + 1))
    mkdir "$place/many/$number"
    cp -r scenarios/metronome scenarios/redis scenarios/haproxy "$place/many/$number/"
done
for _ in 1 2 3 4 5; do
    start=$(date +%s%N)
    "$bin/faultline" validate "$place/many" > /dev/null
    echo $((($(date +%s%N) - start) / 1000))
done | sort -n > "$place/validate"
row "faultline validate, 1 MiB in a folder, median of 5" "<= 200 ms" "$(sed -n 3p "$place/validate" | awk '{printf "%.0f ms", $1 / 1e3}')"

# `ci/bench` runs the programs below as parts of their own.
[[ -z ${SPINE_ONLY:-} ]] || exit 0
echo
"$bin/bench_measure" || true
echo
"$bin/bench_injector" || true
echo
"$bin/bench_load" || true
