// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <sys/types.h>
#include <vector>

#include "harness/base/file.hpp"
#include "harness/base/result.hpp"

namespace faultline {

/// One thing to take back when the run ends, however it ends. Undone in reverse order.
struct UndoRecord {
    enum class Kind {
        kill_process,      // pid + start_ticks
        continue_process,  // pid + start_ticks: SIGCONT
        thaw_cgroup,       // path
        kill_cgroup,       // path: kill every member, remove the folder and those below
        write_file,        // path + content: put a kernel or config file back
        remove_path,       // path: a temporary file, socket or folder
        disarm_failpoint,  // path: a control file + content: the point
        unmount,           // path
        kill_marked,  // content: kill every process whose environment holds FAULTLINE_RUN=content
    };
    Kind kind = Kind::kill_process;
    pid_t pid = 0;
    std::uint64_t start_ticks = 0;
    std::filesystem::path path{};
    std::string content{};
};

[[nodiscard]] std::string describe(const UndoRecord& record);  // "kill process 4711", for --dry-run
[[nodiscard]] std::string encode(const UndoRecord& record);    // one JSON line
[[nodiscard]] Result<UndoRecord> decode_undo(const std::string& line);

/// Takes one record back. Idempotent: what is already gone is fine.
[[nodiscard]] Result<> undo(const UndoRecord& record);

/// Where journals live: $XDG_RUNTIME_DIR/faultline or /tmp/faultline-UID, mode 0700.
[[nodiscard]] Result<std::filesystem::path> journal_folder();

/// What is left of a journal on disk: the open records, oldest first.
struct JournalFile {
    std::filesystem::path path;
    std::string run;
    pid_t harness_pid = 0;
    std::uint64_t harness_start_ticks = 0;
    pid_t guardian_pid = 0;
    std::uint64_t guardian_start_ticks = 0;
    bool same_boot = true;     // false: processes, cgroups and mounts went with the machine
    bool owner_alive = false;  // harness or guardian still runs: leave it alone
    std::vector<UndoRecord> open;
};
[[nodiscard]] Result<std::vector<JournalFile>> list_journals();
/// Undoes all that is open in `journal` and removes the file. Returns what was done, for people.
[[nodiscard]] Result<std::vector<std::string>> recover(const JournalFile& journal);

}  // namespace faultline
