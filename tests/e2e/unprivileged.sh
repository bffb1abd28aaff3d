#!/usr/bin/env bash
# Runs the end-to-end tests a second time as a user without any rights. What cannot work there is
# skipped by name by the tests themselves.
#   tests/e2e/unprivileged.sh BUILD_FOLDER [ctest arguments]
set -euo pipefail
build=$(cd "$1" && pwd)
shift
if [ "$(id -u)" -ne 0 ]; then
    exec ctest --test-dir "$build" -L e2e --output-on-failure "$@"
fi
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
# The build may lie where only root can go; the programs and scenarios are all that is needed.
cp -r "$build/bin" "$home/bin"
cp -r "$(dirname "$0")/../../scenarios" "$home/scenarios"
mkdir "$home/tmp"
chown -R 65534:65534 "$home"
chmod 755 "$home"
run_one() {
    local test=$1
    echo "== $test as uid 65534"
    setpriv --reuid=65534 --regid=65534 --clear-groups \
        env -i PATH="$PATH" HOME="$home" TMPDIR="$home/tmp" FAULTLINE_PROGRAM="$home/bin/faultline" \
        FAULTLINE_SCENARIOS="$home/scenarios" FAULTLINE_KILLS="${FAULTLINE_KILLS:-3}" \
        "$home/bin/$test" --gtest_brief=1
}
# Two at a time: they mostly wait.
run_one e2e_bad_worlds &
bad_worlds=$!
failed=0
for test in e2e_outcomes e2e_program_face e2e_real_systems e2e_network e2e_cleanup; do run_one "$test" || failed=1; done
wait "$bad_worlds" || failed=1
exit $failed
