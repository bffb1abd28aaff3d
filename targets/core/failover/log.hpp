// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "targets/core/types.hpp"

namespace ftcore {

/// The entries in memory: consecutive, behind a mark whose term is still known. Everything up to
/// the mark is agreed and lives in a snapshot.
///
///        behind            last
///   ·······│ e │ e │ ... │ e │
///   snapshot
///
/// Terms never fall along the log, so searches by term are binary.
class Log {
  public:
    /// Requires: `entries` follow `behind` without gaps.
    explicit Log(SnapshotMark behind = {}, std::vector<Entry> entries = {});

    [[nodiscard]] SnapshotMark behind() const { return behind_; }
    /// The place of the last entry, or `behind`.
    [[nodiscard]] SnapshotMark last() const;
    [[nodiscard]] Index last_index() const { return behind_.index + entries_.size(); }
    [[nodiscard]] bool holds(Index index) const {
        return index > behind_.index && index <= last_index();
    }
    /// Requires: `holds(index)`.
    [[nodiscard]] const Entry& at(Index index) const;
    /// The term at `index`, where it is known: `behind` and every entry.
    [[nodiscard]] std::optional<Term> term_at(Index index) const;

    /// The first entry of the run of equal terms that ends at `index`. Requires: `holds(index)`.
    [[nodiscard]] Index run_begin(Index index) const;
    /// The last place whose term is at most `term`, or `behind`.
    [[nodiscard]] SnapshotMark last_not_newer(Term term) const;
    /// Copies of [first, last]. Requires: both held.
    [[nodiscard]] std::vector<Entry> copy(Index first, Index last) const;

    /// Requires: the next index and a term that does not fall.
    void append(Entry entry);
    /// Forgets `index` and everything after it. Requires: index > behind().index.
    void truncate_from(Index index);
    /// Forgets everything up to `index`, which becomes the mark. Requires: its term is known.
    void forget_to(Index index);
    /// Forgets everything and begins behind `mark`.
    void reset(SnapshotMark mark);

  private:
    SnapshotMark behind_;
    std::deque<Entry> entries_;
};

}  // namespace ftcore
