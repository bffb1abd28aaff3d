#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# How often faultline gate errs, by real runs: gates of a build against itself, and of one whose takeover
# takes a fifth longer. A build is a script named metronome that draws how long its takeover takes, with
# a coefficient of variation of 14 %. About half a minute a gate.
#
#   tests/bench/gate_error.sh [build folder] [gates of the same build] [gates of the slower one]
set -euo pipefail
cd "$(dirname "$0")/../.."
bin=$(realpath "${1:-build/release}")/bin
same=${2:-200}
slower=${3:-50}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

# build FOLDER PERCENT: takeovers of 75 to 125 ms, times PERCENT.
build() {
    mkdir -p "$place/$1"
    cat > "$place/$1/metronome" << SCRIPT
#!/usr/bin/env bash
exec "$bin/metronome" "\$@" --takeover-after "\$(((75000 + RANDOM * 50000 / 32768) * $2 / 100))us"
SCRIPT
    chmod +x "$place/$1/metronome"
}

# gates NAME COUNT HEAD: a row of how they ended and of the trials of each build they took.
gates() {
    [ "$2" -gt 0 ] || return 0
    local name=$1 count=$2 head=$3 worse=0 passed=0 open=0 other=0 trials=0 code
    for number in $(seq "$count"); do
        code=0
        "$bin/faultline" gate scenarios/metronome/gate.json --base-bin-dir "$place/base" \
            --bin-dir "$place/$head" --measure recovery_time --out "$place/out" --store none \
            --format json > "$place/gate.json" 2> "$place/log" || code=$?
        case $code in
            0) passed=$((passed + 1)) ;;
            1) worse=$((worse + 1)) ;;
            3) open=$((open + 1)) ;;
            *) other=$((other + 1)) && tail -n 3 "$place/log" >&2 ;;
        esac
        trials=$((trials + $(sed -n '/"trials": {/,/}/s/.*"head": \([0-9]*\).*/\1/p' "$place/gate.json" | head -n 1)))
        rm -rf "$place/out"
        printf '\r%s: %d of %d, worse %d' "$name" "$number" "$count" "$worse" >&2
    done
    printf '\n' >&2
    printf '| %s | %d | %d | %d | %d | %d | %d |\n' "$name" "$count" "$worse" "$passed" "$open" "$other" $((trials / count))
}

build base 100
build same 100
build slower 120
echo '| build | gates | worse | not worse | inconclusive | other ends | mean trials of each build |'
echo '|---|---|---|---|---|---|---|'
gates 'the same' "$same" same
gates '20 % slower' "$slower" slower
