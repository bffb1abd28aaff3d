// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "targets/core/types.hpp"

namespace ftcore {

/// The terms of a log without its entries: one run per term.
class TermRuns {
  public:
    /// Nothing is known before `behind`.
    explicit TermRuns(SnapshotMark behind = {}) : behind_(behind), last_(behind.index) {}

    [[nodiscard]] SnapshotMark last() const {
        return {last_, runs_.empty() ? behind_.term : runs_.back().term};
    }
    [[nodiscard]] std::optional<Term> term_at(Index index) const;

    /// Requires: `index` follows the last.
    void append(Index index, Term term);
    /// Beyond the last: nothing happens. At or before `behind`: the log then begins there.
    void truncate_from(Index index);

  private:
    struct Run {
        Index first;
        Term term;
    };
    SnapshotMark behind_;
    Index last_;
    std::vector<Run> runs_{};
};

}  // namespace ftcore
