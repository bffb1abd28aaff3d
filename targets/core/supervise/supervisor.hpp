// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "targets/core/supervise/child_spec.hpp"

namespace ftcore {

/// How a child's process ended.
struct ChildExit {
    bool normal = false;   // exit code 0
    std::string detail{};  // "exit code 3", "signal 9 (Killed)"
};

/// What the outside has to do, in this order.
struct SupervisorAction {
    enum class Kind : std::uint8_t {
        start,  // → `started` or `start_failed`
        stop,   // ask it to stop → `exited`
        kill,   // end it now, with all it has started → `exited`
        finish  // nothing is left to do; see `ending`
    };
    Kind kind = Kind::finish;
    std::size_t child = 0;

    friend bool operator==(const SupervisorAction&, const SupervisorAction&) = default;
};

/// One thing that happened, for the harness and the log: `detected` {about, cause: crash | hang},
/// `decided` {action}, `repair` {state: begin}, `repaired`, `verified`, `ready`, `alert`, `error`,
/// `stopping`, `ended`.
struct SupervisorEvent {
    Instant at{};
    std::string name;
    std::vector<std::pair<std::string, std::string>> fields{};

    [[nodiscard]] std::string_view field(std::string_view key) const;
};

/// Why the supervisor ended.
enum class Ending : std::uint8_t {
    stopped,     // it was asked to
    all_ended,   // every child has ended and none is to be restarted
    gave_up,     // too many restarts
    not_started  // a child could not be started in the first place
};

enum class ChildState : std::uint8_t {
    ended,     // not running and not to be started
    wanted,    // to be started: waits for others, or for the end of its pause
    starting,  // the outside is at it
    up,
    stopping,  // was asked to stop
    killing    // is being killed
};

struct ChildView {
    std::string_view name;
    ChildState state = ChildState::ended;
    int restarts = 0;
    Instant since{};  // of the state
    std::optional<Instant> last_beat{};
};

/// Keeps children running: starts them in order, restarts those that crash or fall silent, with
/// whom the strategy says, gives up when that does not help, stops them in reverse order.
///
///   started, exited, beat, stop, tick ──► what failed? ──► with whom? ──► down in reverse order,
///                                                                         up in order
///                          start, stop, kill, finish ◄── take_actions ◄──┘
///
/// Children are named by index in start order. No clock, no I/O. Thread: one owner.
/// Source: Erlang/OTP, "Supervisor Behaviour" (OTP Design Principles) and supervisor(3).
class Supervisor {
  public:
    /// Requires: `children` are in an order that `start_order` gave; times are positive.
    Supervisor(SupervisorSettings settings, std::vector<ChildSpec> children);
    ~Supervisor();
    Supervisor(Supervisor&&) noexcept;
    Supervisor& operator=(Supervisor&&) noexcept;

    // ---- inputs; `now` never goes back
    void start(Instant now);
    void started(Instant now, std::size_t child);
    void start_failed(Instant now, std::size_t child, const std::string& why);
    void exited(Instant now, std::size_t child, const ChildExit& exit);
    void beat(Instant now, std::size_t child);
    /// Stop everything in reverse order, each within its time.
    void stop(Instant now);
    /// Kill everything, at once.
    void stop_at_once(Instant now);
    /// At or after `deadline`, behind all beats that have arrived.
    void tick(Instant now);

    // ---- outputs
    [[nodiscard]] std::vector<SupervisorAction> take_actions();
    [[nodiscard]] std::vector<SupervisorEvent> take_events();
    /// When `tick` is wanted; Instant::max() when nothing is timed.
    [[nodiscard]] Instant deadline() const;

    // ---- what it is
    [[nodiscard]] std::vector<ChildView> view() const;
    [[nodiscard]] const ChildSpec& spec(std::size_t child) const;
    [[nodiscard]] std::optional<Ending> ending() const;  // when finished
    [[nodiscard]] bool stopping() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

/// "up", "stopping", ...; "gave up", ...
[[nodiscard]] std::string_view name_of(ChildState state);
[[nodiscard]] std::string_view name_of(Ending ending);

}  // namespace ftcore
