// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "harness/base/file.hpp"
#include "targets/core/supervise/supervisor.hpp"
#include "targets/supervisor/announcer.hpp"
#include "targets/supervisor/child_process.hpp"
#include "targets/supervisor/settings.hpp"

namespace ftsupervisor {

/// The supervisor with real processes: waits for signals, beats and deadlines, hands them to
/// `ftcore::Supervisor`, and does what it asks for.
///
///   signalfd: SIGCHLD, SIGTERM, SIGUSR1 ─┐
///   heartbeat sockets ───────────────────┼─► ftcore::Supervisor ─► start, stop, kill
///   deadline ────────────────────────────┘            └──────────► events, log
///
/// Thread: one, from `open` to the end; the children die with it.
class Program {
  public:
    /// Blocks the signals it waits for, and becomes the parent of orphans.
    [[nodiscard]] static faultline::Result<std::unique_ptr<Program>> open(Settings settings);

    /// Until everything is over. Nothing of the children is left then.
    [[nodiscard]] faultline::Result<ftcore::Ending> run();

  private:
    Program(Settings settings, std::vector<ChildProcess> children, faultline::UniqueFd signals);

    [[nodiscard]] faultline::Result<> wait();
    [[nodiscard]] std::vector<std::size_t> children_that_beat();
    void take_signals(faultline::Instant now);
    void take_exits(faultline::Instant now);
    void on_stop_signal(faultline::Instant now);
    void carry_out();
    void start_child(std::size_t index);
    void say_state(faultline::Instant now);

    Announcer announcer_;
    std::vector<ChildProcess> children_;
    ftcore::Supervisor supervisor_;
    faultline::UniqueFd signals_;
};

}  // namespace ftsupervisor
