// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/command_queue.hpp"

#include <cerrno>
#include <cstdint>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utility>

#include "harness/base/check.hpp"

namespace faultline::link {

Result<> CommandQueue::open() {
    event_ = UniqueFd(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
    if (!event_) return fail_errno("making an event descriptor for the proxy", errno);
    return {};
}

void CommandQueue::run(const std::function<void()>& action) {
    Command command{action};
    std::unique_lock lock(mutex_);
    commands_.push_back(&command);
    any_.store(true, std::memory_order_release);
    // It counts to 2^64 - 2 before this could fail.
    const std::uint64_t one = 1;
    FL_CHECK(::write(event_.get(), &one, sizeof one) == static_cast<ssize_t>(sizeof one));
    done_.wait(lock, [&command] { return command.done; });
}

void CommandQueue::carry_out() {
    std::vector<Command*> commands;
    {
        const std::scoped_lock lock(mutex_);
        commands = std::exchange(commands_, {});
        any_.store(false, std::memory_order_relaxed);
    }
    for (const Command* command : commands)
        command->action();
    const std::scoped_lock lock(mutex_);
    for (Command* command : commands)
        command->done = true;
    done_.notify_all();
}

}  // namespace faultline::link
