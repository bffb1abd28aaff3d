// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <sys/types.h>
#include <vector>

#include "harness/base/result.hpp"
#include "harness/launch/journal.hpp"

namespace faultline {

// The journal of a run, and the messages to its guardian: one JSON object a line.
//
//   {"faultline_journal":1,"run":"x","boot":"...","harness":{"pid":1,"start_ticks":2},"guardian":{...}}
//   {"number":1,"undo":{"kind":"kill_process","pid":3,"start_ticks":4}}
//   {"done":1}
//   {"end":true}                                       to the guardian only: the run is over

struct JournalHeader {
    std::string run;
    std::string boot;  // /proc/sys/kernel/random/boot_id: pids mean nothing after a reboot
    pid_t harness_pid = 0;
    std::uint64_t harness_start_ticks = 0;
    pid_t guardian_pid = 0;
    std::uint64_t guardian_start_ticks = 0;
};

struct JournalEntry {
    enum class Kind { add, done, end };
    Kind kind = Kind::end;
    std::uint64_t number = 0;
    UndoRecord record{};
};

/// By number, hence oldest first.
using OpenRecords = std::map<std::uint64_t, UndoRecord>;

[[nodiscard]] std::string boot_id();
[[nodiscard]] std::string encode(const JournalHeader& header);
[[nodiscard]] std::string encode(const JournalEntry& entry);
[[nodiscard]] Result<JournalHeader> decode_header(const std::string& line);
[[nodiscard]] Result<JournalEntry> decode_entry(const std::string& line);
void apply(const JournalEntry& entry, OpenRecords& open);

/// Where the journal of `run` lies. Errors: `invalid` when `run` cannot be a file name.
[[nodiscard]] Result<std::filesystem::path> journal_path(const std::string& run);
/// Removes the journal and what an interrupted write may have left beside it.
[[nodiscard]] Result<> remove_journal(const std::filesystem::path& path);

struct UndoReport {
    std::vector<std::string> done;
    std::vector<std::string> failures;
    OpenRecords left;  // those that failed
};
/// Takes all of `open` back, newest first, after one quick pass that only kills.
[[nodiscard]] UndoReport undo_records(const OpenRecords& open);

/// Kills what carries the mark of `run`, again and again, until nobody is left; at most 2 s.
[[nodiscard]] bool kill_run(const std::string& run);

}  // namespace faultline
