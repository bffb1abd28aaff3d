// SPDX-License-Identifier: Apache-2.0
#include "harness/run/instance_victim.hpp"

#include <condition_variable>
#include <memory>

#include <fmt/format.h>

namespace faultline {
namespace {

constexpr Duration start_patience = std::chrono::seconds(10);

}  // namespace

/// One start asked for by the injector's thread. Shared, because whoever is last lets go of it: the
/// waiting thread may give up before the trial's thread comes to it.
struct InstanceVictim::StartRequest {
    std::mutex mutex;
    std::condition_variable answered;
    std::optional<Result<>> result;
};

InstanceVictim::InstanceVictim(Loop& loop, Fleet& fleet, int index)
    : loop_(loop), fleet_(fleet), index_(index), name_(fleet.instance(index).name()) {
    refresh();
}

void InstanceVictim::refresh() {
    Instance& instance = fleet_.instance(index_);
    Snapshot fresh;
    fresh.starts = instance.starts();
    if (fresh.starts > 0) {
        fresh.pid = instance.running() ? instance.process().pid() : -1;
        fresh.start_ticks = instance.process().start_ticks();
        fresh.pidfd = instance.process().pidfd();
    }
    if (const auto& status = instance.last_exit(); status && !instance.running()) {
        fresh.ended = Ended{status->seen, describe(*status)};
    }
    fresh.ready = fleet_.ready_since(index_);
    const std::lock_guard lock(mutex_);
    snapshot_ = std::move(fresh);
}

void InstanceVictim::close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
}

pid_t InstanceVictim::pid() const {
    const std::lock_guard lock(mutex_);
    return snapshot_.pid;
}
std::uint64_t InstanceVictim::start_ticks() const {
    const std::lock_guard lock(mutex_);
    return snapshot_.start_ticks;
}
int InstanceVictim::pidfd() const {
    const std::lock_guard lock(mutex_);
    return snapshot_.pidfd;
}
std::optional<Victim::Ended> InstanceVictim::ended() const {
    const std::lock_guard lock(mutex_);
    return snapshot_.ended;
}
int InstanceVictim::starts() const {
    const std::lock_guard lock(mutex_);
    return snapshot_.starts;
}
std::optional<Instant> InstanceVictim::ready_since() const {
    const std::lock_guard lock(mutex_);
    return snapshot_.ready;
}
int InstanceVictim::failed_starts() const {
    const std::lock_guard lock(mutex_);
    return failed_starts_;
}

std::optional<std::filesystem::path> InstanceVictim::cgroup() const {
    const Cgroup* group = fleet_.instance(index_).cgroup();
    if (group == nullptr) return std::nullopt;
    return group->path();
}

std::optional<std::filesystem::path> InstanceVictim::failpoint_control() const {
    const auto& environment = fleet_.instance(index_).plan().environment;
    const auto found = environment.find(failpoint_control_variable);
    if (found == environment.end()) return std::nullopt;
    return found->second;
}

void InstanceVictim::fail_next_starts(int count) {
    const std::lock_guard lock(mutex_);
    fail_next_ = count;
}

Result<> InstanceVictim::start() {
    auto request = std::make_shared<StartRequest>();
    loop_.post([this, request] {
        int fail_next = 0;
        {
            const std::lock_guard lock(mutex_);
            if (closed_) return;
            fail_next = fail_next_;
            if (fail_next_ > 0) --fail_next_;
        }
        if (fail_next > 0) fleet_.instance(index_).fail_next_starts(1);
        Result<> result = fleet_.restart(index_);
        refresh();
        {
            const std::lock_guard lock(mutex_);
            if (!result && fail_next > 0) ++failed_starts_;
        }
        const std::lock_guard lock(request->mutex);
        request->result = std::move(result);
        request->answered.notify_all();
    });
    const Instant deadline = now() + start_patience;
    std::unique_lock lock(request->mutex);
    while (!request->result && now() < deadline) {
        request->answered.wait_for(lock, std::chrono::milliseconds(50));
        const std::lock_guard own(mutex_);
        if (closed_ && !request->result)
            return fail("the trial ended before " + name_ + " was started");
    }
    if (!request->result) {
        return fail(fmt::format(
            "{} was not started within {} s", name_, start_patience.count() / 1'000'000'000));
    }
    return *request->result;
}

}  // namespace faultline
