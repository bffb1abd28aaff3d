#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Many more seeds than CI has time for: nightly.sh [MINUTES] [BIN-FOLDER]
# The first seed is the day's number, so every night sees new worlds and a failure names its seed.
set -eu
minutes=${1:-60}
bin=${2:-build/release/bin}
first=$(($(date +%s) / 86400 * 1000000))
echo "seeds from $first on, for $minutes minutes"
"$bin/simulate" --seeds "$first..$((first + 999999))" --minutes "$minutes" --keep-going
# And the simulator itself: every planted bug must be found.
for bug in vote_twice_in_a_term forget_to_sync_the_vote acknowledge_before_quorum read_without_lease \
    skip_torn_tail_check commit_old_term_by_counting reuse_snapshot_index resume_old_leaders_queue; do
    if "$bin/simulate" --seeds "$first..$((first + 1999))" --mutation "$bug" > /dev/null 2>&1; then
        echo "not found within 2000 seeds: $bug"
        exit 1
    fi
    echo "found: $bug"
done
