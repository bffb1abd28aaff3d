// SPDX-License-Identifier: Apache-2.0
#include "harness/launch/guardian.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <mutex>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/file.hpp"
#include "harness/launch/guardian_process.hpp"
#include "harness/launch/journal_format.hpp"
#include "harness/launch/pidfd.hpp"
#include "harness/launch/process_table.hpp"

namespace faultline {
namespace {

constexpr Duration finish_wait_max = std::chrono::seconds(2);
constexpr timeval send_wait_max{2, 0};
// A long run writes its journal anew, with the open records only, when it has grown to this.
constexpr off_t journal_bytes_max = 4 << 20;

bool outlives_power_cut(const UndoRecord& record) {
    return record.kind == UndoRecord::Kind::remove_path ||
           record.kind == UndoRecord::Kind::write_file || record.kind == UndoRecord::Kind::unmount;
}

Result<UniqueFd> open_journal(const std::filesystem::path& path) {
    UniqueFd fd(::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
    if (!fd) return fail_errno("opening " + path.string(), errno);
    return fd;
}

}  // namespace

// The lock guards everything that `add` and `done` touch, called from the trial's thread and from
// the injector's.
struct Guardian::State {
    std::mutex mutex;
    JournalHeader header;
    std::filesystem::path journal_path;
    UniqueFd journal;
    UniqueFd socket;
    UniqueFd pidfd;
    pid_t pid = -1;
    std::uint64_t next_number = 1;
    OpenRecords open;

    Result<> append(const JournalEntry& entry);
    Result<> send(const JournalEntry& entry) const;
    Result<> compact_if_long();
    Result<> record(const JournalEntry& entry);
};

// A line that the disk took only in part is cut off again, so that the next one stands alone.
Result<> Guardian::State::append(const JournalEntry& entry) {
    struct stat before {};
    if (::fstat(journal.get(), &before) != 0) return fail_errno(journal_path.string(), errno);
    auto written = write_all(journal.get(), encode(entry) + "\n");
    if (!written) {
        if (::ftruncate(journal.get(), before.st_size) != 0) {
            written.error().message += " (and the torn line could not be cut off)";
        }
        return in_context("journal " + journal_path.string(), written.error());
    }
    if (entry.kind == JournalEntry::Kind::add && outlives_power_cut(entry.record) &&
        ::fdatasync(journal.get()) != 0) {
        return fail_errno("syncing " + journal_path.string(), errno);
    }
    return {};
}

Result<> Guardian::State::send(const JournalEntry& entry) const {
    const std::string message = encode(entry);
    if (message.size() > guardian_message_bytes_max) {
        return fail("an undo record of " + std::to_string(message.size()) + " bytes is too long, " +
                        std::to_string(guardian_message_bytes_max) + " at most",
                    ErrorCode::invalid);
    }
    for (;;) {
        if (::send(socket.get(), message.data(), message.size(), MSG_NOSIGNAL) >= 0) return {};
        if (errno == EINTR) continue;
        return fail_errno("telling the guardian (process " + std::to_string(pid) + ")", errno);
    }
}

Result<> Guardian::State::compact_if_long() {
    struct stat status {};
    if (::fstat(journal.get(), &status) != 0 || status.st_size < journal_bytes_max) return {};
    std::string text = encode(header) + "\n";
    for (const auto& [number, record] : open) {
        text += encode(JournalEntry{JournalEntry::Kind::add, number, record}) + "\n";
    }
    FL_TRY_VOID(write_file(journal_path, text));
    FL_TRY(journal, open_journal(journal_path));
    return {};
}

// Disk first: what is only on disk can still be recovered, what nobody has heard of cannot. A
// record whose message fails stays open; to undo what was never done does no harm.
Result<> Guardian::State::record(const JournalEntry& entry) {
    FL_TRY_VOID(append(entry));
    apply(entry, open);
    FL_TRY_VOID(send(entry));
    return compact_if_long();
}

Guardian::Guardian(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<Guardian>> Guardian::start(const std::string& run) {
    auto state = std::make_unique<State>();
    FL_TRY(state->journal_path, journal_path(run));
    int ends[2] = {-1, -1};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        return fail_errno("socketpair for the guardian", errno);
    }
    state->socket = UniqueFd(ends[0]);
    UniqueFd theirs(ends[1]);
    ::setsockopt(ends[0], SOL_SOCKET, SO_SNDTIMEO, &send_wait_max, sizeof send_wait_max);
    if (::prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) return fail_errno("PR_SET_CHILD_SUBREAPER", errno);
    std::fflush(nullptr);  // what is buffered now must not be printed twice
    state->pid = ::fork();
    if (state->pid < 0) return fail_errno("forking the guardian", errno);
    if (state->pid == 0) be_guardian(GuardianDuty{theirs.get(), run, state->journal_path});
    theirs.reset();
    state->pidfd = open_pidfd(state->pid);
    if (!state->pidfd) return fail_errno("pidfd_open for the guardian", errno);
    state->header.run = run;
    state->header.boot = boot_id();
    state->header.harness_pid = ::getpid();
    state->header.guardian_pid = state->pid;
    if (const auto self = process_stat(::getpid())) {
        state->header.harness_start_ticks = self->start_ticks;
    }
    if (const auto child = process_stat(state->pid)) {
        state->header.guardian_start_ticks = child->start_ticks;
    }
    // From here on the destructor ends the guardian, also on errors.
    std::unique_ptr<Guardian> guardian(new Guardian(std::move(state)));
    State& its = *guardian->state_;
    FL_TRY_VOID(write_file(its.journal_path, encode(its.header) + "\n"));
    FL_TRY(its.journal, open_journal(its.journal_path));
    return guardian;
}

Guardian::~Guardian() {
    if (!alive()) {
        undo_all();
        if (state_->open.empty()) static_cast<void>(remove_journal(state_->journal_path));
    } else {
        // Said, too, and not only by closing: a child between fork and exec may hold the socket.
        static_cast<void>(state_->send(JournalEntry{}));
    }
    state_->socket.reset();
    if (!wait_ended(state_->pidfd.get(), now() + finish_wait_max)) return;
    ::waitpid(state_->pid, nullptr, 0);
}

Result<std::uint64_t> Guardian::add(const UndoRecord& record) {
    const std::lock_guard lock(state_->mutex);
    JournalEntry entry;
    entry.kind = JournalEntry::Kind::add;
    entry.number = state_->next_number++;
    entry.record = record;
    FL_TRY_VOID(state_->record(entry));
    return entry.number;
}

Result<> Guardian::done(std::uint64_t number) {
    const std::lock_guard lock(state_->mutex);
    JournalEntry entry;
    entry.kind = JournalEntry::Kind::done;
    entry.number = number;
    return state_->record(entry);
}

bool Guardian::alive() const {
    return !has_ended(state_->pidfd.get());
}
pid_t Guardian::pid() const {
    return state_->pid;
}
const std::string& Guardian::run() const {
    return state_->header.run;
}

void Guardian::undo_all() {
    const std::lock_guard lock(state_->mutex);
    UndoReport report = undo_records(state_->open);
    for (const std::string& failure : report.failures) {
        std::fprintf(stderr, "faultline: could not %s\n", failure.c_str());
    }
    for (const auto& [number, record] : state_->open) {
        if (report.left.contains(number)) continue;
        const JournalEntry entry{JournalEntry::Kind::done, number, {}};
        static_cast<void>(state_->append(entry));  // undone twice does no harm
        static_cast<void>(state_->send(entry));
    }
    state_->open = std::move(report.left);
}

}  // namespace faultline
