#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the shell commands of ci/github-actions.yml, ci/gitlab-ci.yml and ci/Jenkinsfile in a project made
# for it, with the variables that those systems set, and looks at what they would show. What only the
# systems themselves can do (checking out, keeping files, showing JUnit) is not run.
#   run.sh FAULTLINE METRONOME
# Ends with 77 where python3 with its yaml module or git is missing.
set -euo pipefail
cd "$(dirname "$0")"
root=$(cd ../../.. && pwd)
faultline=$1 metronome=$2
python3 -c 'import yaml' 2> /dev/null && command -v git > /dev/null || {
    echo "needs git and python3 with yaml" >&2
    exit 77
}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
export FAULTLINE=$faultline FAULTLINE_STORE=none

fail() {
    echo "ci_snippets: $*" >&2
    exit 1
}
# expect FILE TEXT
expect() { grep -qF -- "$2" "$1" || { cat "$1" >&2 && fail "$1 lacks \"$2\""; }; }
# snippet KIND FILE: runs it in the project of that name and sets `code`.
snippet() {
    python3 steps.py "$1" "$root/ci/$2" > "$place/$1.sh"
    code=0
    (cd "$place/$1" && sh "$place/$1.sh") > "$place/$1.log" 2>&1 || code=$?
}

sh -n "$root/ci/gate"

# GitHub: the head is much slower. Annotated, summarised, failed.
./project.sh "$place/github" "$metronome" 300ms
GITHUB_EXPRESSION_BASE=$(git -C "$place/github" rev-parse HEAD~1)
export GITHUB_EXPRESSION_BASE GITHUB_WORKSPACE="$place/github"
GITHUB_ACTIONS=true GITHUB_STEP_SUMMARY="$place/summary.md" GATE_OPTIONS="--max-trials 6" snippet github github-actions.yml
[ "$code" = 1 ] || { cat "$place/github.log" >&2 && fail "github ended with $code"; }
expect "$place/github.log" "::error title=faultline gate::gate worse: metronome-gate: recovery_time"
expect "$place/summary.md" "## Gate: worse"
[ -s "$place/github/gate-results/junit.xml" ] || fail "github has no junit.xml"

# GitLab: the head is the same. Passed, with the JUnit file where the snippet says.
./project.sh "$place/gitlab" "$metronome" 60ms
CI_MERGE_REQUEST_DIFF_BASE_SHA=$(git -C "$place/gitlab" rev-parse HEAD~1)
export CI_MERGE_REQUEST_DIFF_BASE_SHA CI_PROJECT_DIR="$place/gitlab"
GATE_OPTIONS="--max-trials 6" snippet gitlab gitlab-ci.yml
[ "$code" = 0 ] || { cat "$place/gitlab.log" >&2 && fail "gitlab ended with $code"; }
expect "$place/gitlab/gate-results/junit.xml" 'failures="0"'
if grep -q '^::' "$place/gitlab.log"; then fail "gitlab saw commands of GitHub"; fi

# Jenkins: too few trials to show what is asked. Inconclusive, or let through when asked to be.
./project.sh "$place/jenkins" "$metronome" 60ms
export CHANGE_TARGET=main WORKSPACE="$place/jenkins"
GATE_OPTIONS="--max-trials 5 --measure recovered" snippet jenkins Jenkinsfile
[ "$code" = 3 ] || { cat "$place/jenkins.log" >&2 && fail "jenkins ended with $code"; }
expect "$place/jenkins/gate-results/junit.xml" 'skipped="1"'

# What the script does with an end that is none of these.
code=0
(cd "$place/jenkins" && GITHUB_ACTIONS=true GATE_OUT=none ci/gate nowhere.json --baseline gate-results) > "$place/usage.log" 2>&1 || code=$?
[ "$code" = 2 ] || fail "a usage error ended with $code"
expect "$place/usage.log" "::error title=faultline gate::faultline gate ended with 2 before it had results"
# Inconclusive, and told to let that through.
printf '#!/bin/sh\nexit 3\n' > "$place/cannot_tell" && chmod +x "$place/cannot_tell"
code=0
FAULTLINE="$place/cannot_tell" "$root/ci/gate" > /dev/null 2>&1 || code=$?
[ "$code" = 3 ] || fail "an inconclusive gate ended with $code"
FAULTLINE="$place/cannot_tell" GATE_INCONCLUSIVE=warn "$root/ci/gate" > /dev/null 2>&1 || fail "GATE_INCONCLUSIVE=warn failed"
echo "ci_snippets: passed"
