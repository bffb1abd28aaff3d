#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes a project as a user of the CI snippets has one, in the folder named: a repository with ci/gate,
# ci/build and a scenario; its last commit makes takeovers take HEAD_TAKEOVER instead of 60ms.
#   project.sh FOLDER METRONOME HEAD_TAKEOVER
set -euo pipefail
root=$(cd "$(dirname "$0")/../../.." && pwd)
folder=$1 metronome=$2 head_takeover=$3
mkdir -p "$folder/ci" "$folder/scenarios"
cd "$folder"
cp "$root/ci/gate" ci/gate
cp "$root/scenarios/metronome/_pair.json" "$root/scenarios/metronome/gate.json" scenarios/
cat > ci/build << SCRIPT
#!/bin/sh
set -eu
mkdir -p "\$1"
printf '#!/bin/sh\nexec $metronome "\$@" --takeover-after %s\n' "\$(cat "\$(dirname "\$0")/../takeover")" > "\$1/metronome"
chmod +x "\$1/metronome"
SCRIPT
chmod +x ci/build
git init -q .
git config user.email tester@example.org
git config user.name tester
echo 60ms > takeover
git add -A && git commit -qm base
git branch main 2> /dev/null || true
git update-ref refs/remotes/origin/main HEAD
echo "$head_takeover" > takeover
git commit -qam head --allow-empty
