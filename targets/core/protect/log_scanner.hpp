// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "targets/core/protect/log_codec.hpp"
#include "targets/core/protect/record.hpp"

namespace ftcore {

/// Reads a log that lies in several segments, in their order.
///
///   begin_segment → add → begin_segment → add ... → finish
///
/// Whole records are carried out until the first break. What is behind a break is only searched:
/// for whole records, which tell damage from a torn tail, and for the highest index.
class LogScanner {
  public:
    /// `behind`: the snapshot that the entries continue.
    explicit LogScanner(SnapshotMark behind);

    /// The records of the next segment follow the entry `behind`. An earlier end of the log (or a
    /// later one) is in order as far as the snapshot covers it.
    void begin_segment(SnapshotMark behind);

    /// About so many more bytes follow like those read so far; makes room for their entries.
    void expect(std::size_t bytes, std::size_t bytes_read);

    /// A segment follows that cannot be placed; `add` then only searches it.
    void lose_segment(std::string note);

    struct Stretch {
        std::string_view bytes{};
        std::size_t synced_bytes = 0;  // known to have been synced
        /// The salt of this log's sync marks. With it, a write that got through in parts (its
        /// sectors reach the disk in any order) is told from damage: no mark was written behind it.
        std::optional<std::uint64_t> salt{};
    };
    /// Answers how many of the stretch's bytes are good.
    [[nodiscard]] std::size_t add(const Stretch& stretch);

    /// The last entry read, or where the log begins.
    [[nodiscard]] SnapshotMark last() const { return last_; }
    [[nodiscard]] bool broken() const { return scan_.torn || scan_.damaged; }
    /// The snapshot stands in for all that was read: the next entry follows it, not `last`.
    [[nodiscard]] bool superseded() const {
        return !started_ || other_history_ || last_.index < behind_.index;
    }

    /// What was read; `good_bytes` stays 0, the answers of `add` have it.
    [[nodiscard]] LogScan finish();

  private:
    [[nodiscard]] bool accept(const Record& record);
    [[nodiscard]] bool accept_entry(const Record& record);
    void forget_from(Index from);
    /// Answers where the good bytes end (a deliberate bug moves it).
    std::size_t break_at(const Stretch& stretch, std::size_t at, bool whole);
    std::size_t accept_torn_entry(const Stretch& stretch, std::size_t at);
    void damage(std::string note);

    SnapshotMark behind_;
    SnapshotMark last_{};
    bool started_ = false;  // something said where the log begins
    bool other_history_ =
        false;             // the entry at `behind_` has another term: the snapshot replaced it
    Index plausible_ = 0;  // behind a break: indexes far beyond this one are not ours
    LogScan scan_{};
};

}  // namespace ftcore
