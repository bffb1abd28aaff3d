// SPDX-License-Identifier: Apache-2.0
#include "harness/launch/journal.hpp"

#include <cerrno>
#include <cstdlib>
#include <sstream>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include "harness/launch/journal_format.hpp"
#include "harness/launch/process_table.hpp"

namespace faultline {
namespace {

constexpr const char* extension = ".journal";

bool still_runs(pid_t pid, std::uint64_t start_ticks) {
    const auto stat = process_stat(pid);
    return stat && stat->start_ticks == start_ticks && stat->state != 'Z';
}

// What a reboot does not undo by itself.
bool outlives_reboot(const UndoRecord& record) {
    const bool of_kernel =
        record.path.string().starts_with("/proc/") || record.path.string().starts_with("/sys/");
    return record.kind == UndoRecord::Kind::remove_path ||
           (record.kind == UndoRecord::Kind::write_file && !of_kernel);
}

Result<JournalFile> read_journal(const std::filesystem::path& path) {
    FL_TRY(const auto text, read_file(path));
    JournalFile journal;
    journal.path = path;
    journal.run = path.stem().string();
    std::istringstream lines(text);
    std::string line;
    std::getline(lines, line);
    const auto header = decode_header(line);
    if (!header) return journal;  // cut off before anything was promised
    journal.run = header->run;
    journal.harness_pid = header->harness_pid;
    journal.harness_start_ticks = header->harness_start_ticks;
    journal.guardian_pid = header->guardian_pid;
    journal.guardian_start_ticks = header->guardian_start_ticks;
    journal.same_boot = header->boot == boot_id();
    journal.owner_alive =
        journal.same_boot && (still_runs(header->harness_pid, header->harness_start_ticks) ||
                              still_runs(header->guardian_pid, header->guardian_start_ticks));
    OpenRecords open;
    while (std::getline(lines, line)) {
        // The last line may be torn; its record was never promised, because `add` had not returned.
        if (const auto entry = decode_entry(line)) apply(*entry, open);
    }
    for (const auto& [number, record] : open) {
        if (journal.same_boot || outlives_reboot(record)) journal.open.push_back(record);
    }
    return journal;
}

}  // namespace

std::string boot_id() {
    const auto text = read_file("/proc/sys/kernel/random/boot_id");
    return text ? text->substr(0, text->find('\n')) : "";
}

Result<std::filesystem::path> journal_folder() {
    const char* const runtime = std::getenv("XDG_RUNTIME_DIR");
    const bool has_runtime =
        runtime != nullptr && runtime[0] == '/' && ::access(runtime, W_OK | X_OK) == 0;
    const std::filesystem::path folder =
        has_runtime ? std::filesystem::path(runtime) / "faultline"
                    : std::filesystem::path("/tmp/faultline-" + std::to_string(::geteuid()));
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
        return fail_errno("creating the journal folder " + folder.string(), errno);
    }
    // /tmp is everyone's: somebody else may have been there first.
    struct stat status {};
    if (::lstat(folder.c_str(), &status) != 0) return fail_errno(folder.string(), errno);
    if (!S_ISDIR(status.st_mode) || status.st_uid != ::geteuid() || (status.st_mode & 0022) != 0) {
        return fail("the journal folder " + folder.string() + " is not a folder that only user " +
                        std::to_string(::geteuid()) +
                        " may write; remove it or set XDG_RUNTIME_DIR",
                    ErrorCode::permission);
    }
    return folder;
}

Result<std::filesystem::path> journal_path(const std::string& run) {
    if (run.empty() || run.front() == '.' || run.find('/') != std::string::npos) {
        return fail("the run id \"" + run + "\" cannot be a file name", ErrorCode::invalid);
    }
    FL_TRY(const auto folder, journal_folder());
    return folder / (run + extension);
}

Result<> remove_journal(const std::filesystem::path& path) {
    ::unlink((path.string() + ".new").c_str());
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
        return fail_errno("removing " + path.string(), errno);
    }
    return {};
}

Result<std::vector<JournalFile>> list_journals() {
    FL_TRY(const auto folder, journal_folder());
    std::vector<JournalFile> journals;
    std::error_code error;
    for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
        if (entry->path().extension() != extension) continue;
        auto journal = read_journal(entry->path());
        if (!journal && journal.error().code == ErrorCode::not_found) continue;  // just finished
        if (!journal) return tl::unexpected(journal.error());
        journals.push_back(std::move(*journal));
    }
    if (error) return fail_errno("listing " + folder.string(), error.value());
    return journals;
}

Result<std::vector<std::string>> recover(const JournalFile& journal) {
    if (journal.owner_alive) {
        return fail("run " + journal.run + " is still under way (harness " +
                    std::to_string(journal.harness_pid) + ", guardian " +
                    std::to_string(journal.guardian_pid) + "): stop it first");
    }
    OpenRecords open;
    for (const UndoRecord& record : journal.open)
        open.emplace(open.size() + 1, record);
    UndoReport report = undo_records(open);
    if (journal.same_boot && !kill_run(journal.run)) {
        report.failures.push_back("processes of run " + journal.run + " survive SIGKILL");
    }
    if (!report.failures.empty()) {
        std::string message = "run " + journal.run + " is not recovered, its journal is kept";
        for (const std::string& failure : report.failures)
            message += "; " + failure;
        return fail(message);
    }
    FL_TRY_VOID(remove_journal(journal.path));
    return report.done;
}

}  // namespace faultline
