#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the published Node client of Toxiproxy against `faultline proxy`.
#   tests/e2e/toxiproxy_client/run.sh FAULTLINE FOLDER
# FAULTLINE is the program; the client is installed into FOLDER. Exit code 77: skipped, and says why.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
faultline=$1
folder=$2

skip() {
    echo "skipped: $*"
    exit 77
}

command -v node > /dev/null && command -v npm > /dev/null || skip "node or npm is not installed"
[ "$(node -p 'Number(process.versions.node.split(".")[0]) >= 18')" = true ] || skip "node is older than 18"
mkdir -p "$folder"
cp "$here/package.json" "$here/package-lock.json" "$here/client_test.js" "$folder/"
cd "$folder"
if ! cmp -s package-lock.json installed-lock.json || [ ! -d node_modules/toxiproxy-node-client ]; then
    if ! timeout 120 npm ci --ignore-scripts --no-audit --no-fund > npm.log 2>&1; then
        grep -q EINTEGRITY npm.log && { cat npm.log; exit 1; }
        tail -5 npm.log
        skip "the client cannot be installed: no npm registry"
    fi
    cp package-lock.json installed-lock.json
fi

temporary=$(mktemp -d)
mkfifo "$temporary/output"
"$faultline" proxy --port 0 --seed 1 > "$temporary/output" &
server=$!
trap 'kill "$server" 2> /dev/null || true; rm -rf "$temporary"' EXIT
read -r line < "$temporary/output"
address=${line#*http://}
FAULTLINE_API="http://${address%%,*}" node client_test.js
kill "$server"
wait "$server"
