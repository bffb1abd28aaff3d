#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs Faultline into a folder that is moved afterwards, builds the project beside this script against
# it, and runs its tests: what is installed must be complete and work from anywhere.
#   tests/integration/find_package/run.sh BUILD_FOLDER
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

for component in program development; do
    cmake --install "$build" --prefix "$place/first" --component $component > "$place/install.log" 2>&1 ||
        { cat "$place/install.log" >&2; exit 1; }
done
mv "$place/first" "$place/installed"
share=$place/installed/share

for file in man/man1/faultline.1 man/man1/faultline-run.1 bash-completion/completions/faultline \
    zsh/vendor-completions/_faultline fish/vendor_completions.d/faultline.fish \
    faultline/scenarios/schema/scenario-1.schema.json; do
    [[ -s $share/$file ]] || { echo "$share/$file was not installed" >&2; exit 1; }
done

cmake -S "$here" -B "$place/build" -G Ninja -DCMAKE_PREFIX_PATH="$place/installed" -DCMAKE_BUILD_TYPE=Debug \
    -DCMAKE_CXX_COMPILER_LAUNCHER="$(command -v ccache || true)" \
    -DEXAMPLE_SCENARIOS="$share/faultline/scenarios" > "$place/configure.log" 2>&1 || { cat "$place/configure.log" >&2; exit 1; }
cmake --build "$place/build" > "$place/build.log" 2>&1 || { cat "$place/build.log" >&2; exit 1; }
"$place/build/server"
cd "$place"
unset FAULTLINE_PROGRAM
build/server_tests
