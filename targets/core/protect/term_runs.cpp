// SPDX-License-Identifier: Apache-2.0
#include "targets/core/protect/term_runs.hpp"

#include <algorithm>
#include <iterator>

#include "harness/base/check.hpp"

namespace ftcore {

std::optional<Term> TermRuns::term_at(Index index) const {
    if (index == behind_.index) return behind_.term;
    if (index < behind_.index || index > last_) return std::nullopt;
    const auto after =
        std::upper_bound(runs_.begin(), runs_.end(), index, [](Index wanted, const Run& run) {
            return wanted < run.first;
        });
    return std::prev(after)->term;
}

void TermRuns::append(Index index, Term term) {
    FL_CHECK_OP(==, index, last_ + 1);
    last_ = index;
    if (runs_.empty() || runs_.back().term != term) runs_.push_back({index, term});
}

void TermRuns::truncate_from(Index index) {
    if (index > last_) return;
    while (!runs_.empty() && runs_.back().first >= index)
        runs_.pop_back();
    last_ = index - 1;
    if (last_ < behind_.index) behind_ = {last_, 0};
}

}  // namespace ftcore
