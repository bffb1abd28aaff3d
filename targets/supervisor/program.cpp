// SPDX-License-Identifier: Apache-2.0
#include "targets/supervisor/program.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <fmt/format.h>

#include "harness/base/units.hpp"
#include "targets/core/supervise/heartbeat.hpp"
#include "targets/supervisor/descendants.hpp"

namespace ftsupervisor {
namespace {

using faultline::Duration;
using faultline::Instant;
using faultline::Result;

constexpr Duration last_kill_within = std::chrono::seconds(5);
constexpr Duration wait_max = std::chrono::hours(1);

/// Signals arrive as something to read, between two turns.
Result<faultline::UniqueFd> block_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int number : {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR1})
        sigaddset(&set, number);
    if (::sigprocmask(SIG_BLOCK, &set, nullptr) != 0)
        return faultline::fail_errno("blocking signals", errno);
    std::signal(SIGPIPE, SIG_IGN);
    // A parent that ignores SIGCHLD hands that on, and then nobody's end could be seen.
    std::signal(SIGCHLD, SIG_DFL);
    faultline::UniqueFd fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!fd) return faultline::fail_errno("creating a signal descriptor", errno);
    return fd;
}

std::vector<ftcore::ChildSpec> specs_of(const std::vector<ChildProcess>& children) {
    std::vector<ftcore::ChildSpec> specs;
    for (const ChildProcess& child : children)
        specs.push_back(child.spec());
    return specs;
}

}  // namespace

Result<std::unique_ptr<Program>> Program::open(Settings settings) {
    FL_TRY(faultline::UniqueFd signals, block_signals());
    FL_TRY_VOID(become_subreaper());
    std::vector<ChildProcess> children;
    for (Child& child : settings.children) {
        FL_TRY(ChildProcess process, ChildProcess::open(std::move(child)));
        children.push_back(std::move(process));
    }
    return std::unique_ptr<Program>(
        new Program(std::move(settings), std::move(children), std::move(signals)));
}

Program::Program(Settings settings, std::vector<ChildProcess> children, faultline::UniqueFd signals)
    : announcer_({.log = settings.log}),
      children_(std::move(children)),
      supervisor_(settings.supervisor, specs_of(children_)),
      signals_(std::move(signals)) {}

Result<ftcore::Ending> Program::run() {
    supervisor_.start(faultline::now());
    carry_out();
    while (!supervisor_.ending()) {
        FL_TRY_VOID(wait());
        const Instant woke = faultline::now();
        const std::vector<std::size_t> beaten = children_that_beat();
        // Between any two lines here the supervisor itself may be stopped for a while. So beats
        // count from a reading behind them, and silence is judged by one before them: whatever came
        // until then has been heard.
        const Instant now = faultline::now();
        // Beats before ends: those of a run that has just ended must not count for the next.
        for (const std::size_t child : beaten)
            supervisor_.beat(now, child);
        take_signals(now);
        if (woke >= supervisor_.deadline()) supervisor_.tick(now);
        carry_out();
        ftcore::beat_supervisor();  // ours, when this supervisor is supervised itself
    }
    if (!kill_descendants(faultline::now() + last_kill_within))
        announcer_.say("some descendants could not be killed in time");
    return *supervisor_.ending();
}

Result<> Program::wait() {
    std::vector<pollfd> sources{{signals_.get(), POLLIN, 0}};
    for (const ChildProcess& child : children_) {
        if (child.heartbeat_fd() >= 0) sources.push_back({child.heartbeat_fd(), POLLIN, 0});
    }
    const Instant now = faultline::now();
    Instant until = std::min(supervisor_.deadline(), now + wait_max);
    if (const auto interval = ftcore::beat_interval_ns(); interval > 0)
        until = std::min(until, now + Duration(interval));
    const Duration left = std::max(until - now, Duration::zero());
    const timespec timeout{static_cast<time_t>(left.count() / 1'000'000'000),
                           static_cast<long>(left.count() % 1'000'000'000)};
    if (::ppoll(sources.data(), sources.size(), &timeout, nullptr) < 0 && errno != EINTR)
        return faultline::fail_errno("waiting for signals", errno);
    return {};
}

std::vector<std::size_t> Program::children_that_beat() {
    std::vector<std::size_t> beaten;
    for (std::size_t index = 0; index < children_.size(); ++index) {
        if (children_[index].drain_beats()) beaten.push_back(index);
    }
    return beaten;
}

void Program::take_signals(Instant now) {
    signalfd_siginfo info{};
    while (::read(signals_.get(), &info, sizeof info) == ssize_t{sizeof info}) {
        switch (info.ssi_signo) {
            case SIGCHLD:
                take_exits(now);
                break;
            case SIGUSR1:
                say_state(now);
                break;
            default:
                on_stop_signal(now);
                break;
        }
    }
}

void Program::take_exits(Instant now) {
    for_each_ended([&](const EndedProcess& ended) {
        const auto child = std::find_if(
            children_.begin(), children_.end(), [&ended](const ChildProcess& candidate) {
                return candidate.pid() == ended.pid;
            });
        if (child == children_.end()) return false;
        child->reap();
        supervisor_.exited(now, static_cast<std::size_t>(child - children_.begin()), ended.exit);
        return true;
    });
}

void Program::on_stop_signal(Instant now) {
    if (supervisor_.stopping()) {
        announcer_.say("told to stop again: killing all");
        supervisor_.stop_at_once(now);
    } else {
        supervisor_.stop(now);
    }
}

/// Does what the supervisor asks for, which may make it ask for more.
void Program::carry_out() {
    for (auto actions = supervisor_.take_actions(); !actions.empty();
         actions = supervisor_.take_actions()) {
        // What is known is told before it is acted upon: a start takes a while.
        for (const auto& event : supervisor_.take_events())
            announcer_.event(event);
        for (const ftcore::SupervisorAction& action : actions) {
            switch (action.kind) {
                case ftcore::SupervisorAction::Kind::start:
                    start_child(action.child);
                    break;
                case ftcore::SupervisorAction::Kind::stop:
                    children_[action.child].ask_to_stop();
                    break;
                case ftcore::SupervisorAction::Kind::kill:
                    children_[action.child].kill();
                    break;
                case ftcore::SupervisorAction::Kind::finish:
                    break;
            }
        }
    }
    for (const auto& event : supervisor_.take_events())
        announcer_.event(event);
}

void Program::start_child(std::size_t index) {
    const auto started = children_[index].start();
    const Instant now = faultline::now();
    if (started) {
        supervisor_.started(now, index);
    } else {
        supervisor_.start_failed(now, index, started.error().message);
    }
}

void Program::say_state(Instant now) {
    const auto views = supervisor_.view();
    for (std::size_t index = 0; index < views.size(); ++index) {
        const ftcore::ChildView& view = views[index];
        const std::string beat =
            view.last_beat ? fmt::format(", last beat {} ago",
                                         faultline::format_duration(now - *view.last_beat))
                           : std::string();
        announcer_.say(fmt::format("state {}: {} for {}, pid {}, {} restarts{}",
                                   view.name,
                                   name_of(view.state),
                                   faultline::format_duration(now - view.since),
                                   children_[index].pid(),
                                   view.restarts,
                                   beat));
    }
}

}  // namespace ftsupervisor
