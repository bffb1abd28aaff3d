// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <optional>

#include "targets/core/failover/consensus.hpp"

namespace ftcore::simulation {

/// Which entries a log holds, as terms only: what the world knows about a disk without reading it.
class LogTerms {
  public:
    LogTerms() = default;
    LogTerms(SnapshotMark behind, const std::vector<Entry>& entries) : behind_(behind) {
        for (const Entry& entry : entries)
            terms_.push_back(entry.term);
    }

    [[nodiscard]] Index last() const { return behind_.index + terms_.size(); }
    [[nodiscard]] SnapshotMark behind() const { return behind_; }

    /// None: beyond the end, or only known as part of a snapshot.
    [[nodiscard]] std::optional<Term> term(Index index) const {
        if (index == behind_.index) return behind_.term;
        if (index < behind_.index || index > last()) return std::nullopt;
        return terms_[index - behind_.index - 1];
    }
    /// The entry, or a snapshot that contains it, is there.
    [[nodiscard]] bool holds(Index index, Term term_of_index) const {
        return index < behind_.index || term(index) == term_of_index;
    }

    void carry_out(const StorageWork& work) {
        if (work.truncate_from) truncate(*work.truncate_from);
        for (const Entry& entry : work.append) {
            if (entry.index <= last()) truncate(entry.index);
            terms_.push_back(entry.term);
        }
    }
    void truncate(Index from) {
        const Index kept = from > behind_.index ? from - behind_.index - 1 : 0;
        if (kept < terms_.size()) terms_.resize(kept);
    }

  private:
    SnapshotMark behind_{};
    std::vector<Term> terms_{};
};

}  // namespace ftcore::simulation
