// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <system_error>
#include <unistd.h>

#include "harness/base/check.hpp"
#include "harness/base/command.hpp"
#include "harness/base/file.hpp"
#include "harness/include/faultline/failpoint_control.hpp"
#include "harness/launch/audit.hpp"
#include "harness/launch/cgroup.hpp"
#include "harness/launch/journal_format.hpp"
#include "harness/launch/mount_table.hpp"
#include "harness/launch/pidfd.hpp"
#include "harness/launch/process_table.hpp"

namespace faultline {
namespace {

using Kind = UndoRecord::Kind;

constexpr Duration kill_wait_max = std::chrono::seconds(1);
constexpr Duration run_kill_max = std::chrono::seconds(2);
constexpr int removal_attempts_max = 20;  // a dying process may still write into a folder
constexpr int removal_pause_ms = 5;
constexpr const char* run_variable = "FAULTLINE_RUN";

bool may_kill(const UndoRecord& record) {
    return record.pid > 1 && record.pid != ::getpid();
}

Result<> kill_process(const UndoRecord& record) {
    if (!may_kill(record)) return {};
    const UniqueFd pidfd = open_pidfd(record.pid);
    const auto stat = process_stat(record.pid);
    if (!pidfd || !stat || stat->start_ticks != record.start_ticks) return {};
    static_cast<void>(send_signal(pidfd.get(), SIGKILL));  // it may have ended just now
    // Whom it started stays in its session unless it left on purpose; those are found by their
    // mark.
    const auto session = [&] {
        std::vector<pid_t> pids;
        if (stat->session != record.pid) return pids;
        for (const auto& member : processes_of_session(record.pid)) {
            if (member.pid != record.pid) pids.push_back(member.pid);
        }
        return pids;
    };
    const Instant deadline = now() + kill_wait_max;
    if (kill_until_none(session, deadline) && wait_ended(pidfd.get(), deadline)) return {};
    return fail("process " + std::to_string(record.pid) + " or its session survived SIGKILL for " +
                    std::to_string(kill_wait_max / std::chrono::seconds(1)) + " s",
                ErrorCode::timeout);
}

Result<> thaw_cgroup(const UndoRecord& record) {
    auto thawed = write_control(record.path / "cgroup.freeze", "0");
    if (!thawed && thawed.error().code == ErrorCode::not_found) return {};
    return thawed;
}

Result<> kill_cgroup(const UndoRecord& record) {
    auto group = Cgroup::open(record.path);
    if (!group && group.error().code == ErrorCode::not_found) return {};
    if (!group) return tl::unexpected(group.error());
    FL_TRY_VOID(group->kill());
    return group->remove();
}

Result<> put_back(const UndoRecord& record) {
    std::error_code error;
    if (!std::filesystem::exists(record.path, error)) return {};
    const std::string path = record.path.string();
    const bool of_kernel = path.starts_with("/proc/") || path.starts_with("/sys/");
    return of_kernel ? write_control(record.path, record.content)
                     : write_file(record.path, record.content);
}

Result<> remove_path(const UndoRecord& record) {
    if (!record.path.is_absolute() || record.path.lexically_normal() == "/") {
        return fail("refusing to remove \"" + record.path.string() + "\"", ErrorCode::invalid);
    }
    for (int attempt = 1;; ++attempt) {
        auto removed = remove_tree(record.path);
        if (removed || attempt == removal_attempts_max) return removed;
        ::poll(nullptr, 0, removal_pause_ms);
    }
}

// The file goes with the run's folder; what still maps it must not stay armed.
Result<> disarm_failpoint(const UndoRecord& record) {
    const UniqueFd fd(::open(record.path.c_str(), O_RDWR | O_CLOEXEC));
    if (!fd) {
        return errno == ENOENT ? Result<>() : fail_errno("opening " + record.path.string(), errno);
    }
    const MappedFailpoints mapped = map_failpoints(fd.get());
    if (mapped.control == nullptr) return fail_errno("mapping " + record.path.string(), errno);
    if (FailpointSlot* const slot = find_slot(*mapped.control, record.content)) disarm(*slot);
    ::munmap(mapped.control, mapped.bytes);
    return {};
}

Result<> unmount(const UndoRecord& record) {
    if (::umount2(record.path.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) == 0) return {};
    const int error = errno;
    if (mounts_below(record.path).empty()) return {};
    if (error == EPERM) {  // FUSE mounts of an ordinary user go through a setuid program
        Command command;
        command.words = {"fusermount3", "-u", "-z", record.path.string()};
        const auto ran = run_command(command);
        if (ran && ran->exit_code == 0) return {};
    }
    return fail_errno("unmounting " + record.path.string(), error);
}

// The quick pass: nobody of the run may go on working while the slow steps are taken.
void kill_now(const UndoRecord& record) {
    if (record.kind == Kind::kill_process && may_kill(record)) {
        signal_same_process(record.pid, record.start_ticks, SIGKILL);
    } else if (record.kind == Kind::kill_cgroup) {
        static_cast<void>(write_control(record.path / "cgroup.kill", "1"));  // undo() reports
    }
}

}  // namespace

Result<> undo(const UndoRecord& record) {
    switch (record.kind) {
        case Kind::kill_process:
            return kill_process(record);
        case Kind::continue_process:
            if (may_kill(record)) signal_same_process(record.pid, record.start_ticks, SIGCONT);
            return {};
        case Kind::thaw_cgroup:
            return thaw_cgroup(record);
        case Kind::kill_cgroup:
            return kill_cgroup(record);
        case Kind::write_file:
            return put_back(record);
        case Kind::remove_path:
            return remove_path(record);
        case Kind::disarm_failpoint:
            return disarm_failpoint(record);
        case Kind::unmount:
            return unmount(record);
        case Kind::kill_marked:
            if (kill_run(record.content)) return {};
            return fail("processes of run " + record.content + " survive SIGKILL",
                        ErrorCode::timeout);
    }
    check_failed("every kind of undo is carried out");
}

UndoReport undo_records(const OpenRecords& open) {
    for (const auto& [number, record] : open)
        kill_now(record);
    UndoReport report;
    for (auto entry = open.rbegin(); entry != open.rend(); ++entry) {
        const auto undone = undo(entry->second);
        if (undone) {
            report.done.push_back(describe(entry->second));
        } else {
            report.failures.push_back(describe(entry->second) + ": " + undone.error().message);
            report.left.insert(*entry);
        }
    }
    return report;
}

bool kill_run(const std::string& run) {
    return kill_until_none([&] { return processes_marked(run_variable, run); },
                           now() + run_kill_max);
}

}  // namespace faultline
