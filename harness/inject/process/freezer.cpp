// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/process/freezer.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <unistd.h>

namespace faultline {
namespace {

/// The state letter of /proc/PID/task/TID/stat. Source: proc(5).
char state_in(const std::string& stat) {
    const std::size_t name_end = stat.rfind(')');  // the name may hold anything, also ") T"
    return name_end == std::string::npos || name_end + 2 >= stat.size() ? '?' : stat[name_end + 2];
}

bool all_threads_stopped(pid_t pid) {
    std::error_code error;
    const std::filesystem::path tasks = "/proc/" + std::to_string(pid) + "/task";
    bool any = false;
    for (std::filesystem::directory_iterator entry(tasks, error), end; !error && entry != end;
         entry.increment(error)) {
        const auto stat = read_file(entry->path() / "stat");
        if (!stat || state_in(*stat) != 'T') return false;
        any = true;
    }
    return any && !error;
}

}  // namespace

Result<Freezer> Freezer::open(Victim& victim) {
    FL_TRY(HeldProcess process, HeldProcess::hold(victim));
    Freezer freezer(std::move(process));
    const auto cgroup = victim.cgroup();
    if (!cgroup) return freezer;
    UniqueFd control(::open((*cgroup / "cgroup.freeze").c_str(), O_WRONLY | O_CLOEXEC));
    UniqueFd events(::open((*cgroup / "cgroup.events").c_str(), O_RDONLY | O_CLOEXEC));
    if (control && events) {
        freezer.cgroup_ = *cgroup;
        freezer.control_ = std::move(control);
        freezer.events_ = std::move(events);
    }
    return freezer;
}

Result<std::vector<Freezer>> Freezer::open_all(const std::vector<Victim*>& victims) {
    std::vector<Freezer> all;
    all.reserve(victims.size());
    for (Victim* victim : victims) {
        FL_TRY(Freezer freezer, open(*victim));
        all.push_back(std::move(freezer));
    }
    return all;
}

Result<> Freezer::freeze() const {
    if (!by_cgroup()) return process_.signal(SIGSTOP);
    if (::pwrite(control_.get(), "1", 1, 0) != 1) {
        const int error = errno;
        return fail_errno("freezing " + process_.label() + " by " + cgroup_.string(), error);
    }
    return {};
}

Result<> Freezer::thaw() const {
    if (!by_cgroup()) {
        auto continued = process_.signal(SIGCONT);
        if (!continued && continued.error().code == ErrorCode::not_found) return {};
        return continued;
    }
    if (::pwrite(control_.get(), "0", 1, 0) != 1 && errno != ENODEV) {
        const int error = errno;
        return fail_errno("thawing " + process_.label() + " by " + cgroup_.string(), error);
    }
    return {};
}

bool Freezer::frozen() const {
    if (!by_cgroup()) return all_threads_stopped(process_.pid());
    // Read again rather than wait for its change: the kernel notifies at most once per 10 ms.
    std::array<char, 256> buffer{};
    const ssize_t size = ::pread(events_.get(), buffer.data(), buffer.size(), 0);
    if (size <= 0) return false;
    const std::string_view text(buffer.data(), static_cast<std::size_t>(size));
    // An empty cgroup calls itself frozen too, which proves nothing.
    return text.find("populated 1") != text.npos && text.find("frozen 1") != text.npos;
}

Undo Freezer::undo() const {
    if (!by_cgroup()) return process_.undo_by_continuing();
    return {.kind = Undo::Kind::thaw_cgroup, .path = cgroup_};
}

std::string describe_mechanism(const std::vector<Freezer>& freezers) {
    const std::string by_cgroup = "cgroup freeze";
    const std::string by_signal = "SIGSTOP (fallback)";
    const auto count = std::count_if(freezers.begin(), freezers.end(), [](const Freezer& freezer) {
        return freezer.by_cgroup();
    });
    if (count == std::ssize(freezers)) return by_cgroup;
    if (count == 0) return by_signal;
    std::string text = by_cgroup + "; " + by_signal + " for";
    for (const Freezer& freezer : freezers) {
        if (!freezer.by_cgroup()) text += " " + freezer.process().victim().name();
    }
    return text;
}

}  // namespace faultline
