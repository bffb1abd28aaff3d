#!/usr/bin/env bash
# Runs what the README tells a user to type: the init commands and the hand-written scenario.
#   tests/e2e/readme.sh BUILD_FOLDER
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
PATH="$(cd "$1" && pwd)/bin:$PATH"
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"

# The commands of "Your first scenario", up to their comments.
sed -n '/^## Your first scenario/,/^`init`/p' "$root/README.md" | grep '^faultline' | sed 's/ *#.*//' > commands
[ -s commands ] || { echo "the README has no commands under \"Your first scenario\"" >&2; exit 1; }
while read -r command; do
    echo "\$ $command"
    bash -c "$command" < /dev/null
done < commands

# The scenario by hand.
sed -n '/^```json/,/^```/p' "$root/README.md" | sed '1d;$d' > by-hand.json
faultline validate by-hand.json
faultline run by-hand.json --trials 2
faultline doctor > /dev/null
faultline list > /dev/null
