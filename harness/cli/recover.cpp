// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "harness/cli/commands.hpp"
#include "harness/cli/console.hpp"
#include "harness/judge/outcome.hpp"
#include "harness/launch/journal.hpp"

namespace faultline::cli {
namespace {

void list_open(const JournalFile& journal) {
    for (auto record = journal.open.rbegin(); record != journal.open.rend(); ++record) {
        fmt::print("  would {}\n", describe(*record));
    }
}

}  // namespace

int recover(const RecoverCommand& command) {
    const auto journals = list_journals();
    if (!journals)
        return complain(journals.error().message, exit_code_of(RunOutcome::harness_error));
    int code = 0;
    if (journals->empty()) fmt::print("nothing to recover: no run has left a journal\n");
    for (const JournalFile& journal : *journals) {
        if (journal.owner_alive) {
            fmt::print(
                "run {}: still running (pid {}); left alone\n", journal.run, journal.harness_pid);
            continue;
        }
        fmt::print("run {}: {} thing{} to undo\n",
                   journal.run,
                   journal.open.size(),
                   journal.open.size() == 1 ? "" : "s");
        if (command.dry_run) {
            list_open(journal);
            continue;
        }
        const auto undone = recover(journal);
        if (!undone) {
            code = complain(undone.error().message, exit_code_of(RunOutcome::harness_error));
            continue;
        }
        for (const std::string& line : *undone)
            fmt::print("  {}\n", line);
    }
    return code;
}

}  // namespace faultline::cli
