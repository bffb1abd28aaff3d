// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "targets/core/diagnose/cause.hpp"
#include "targets/core/errors/error_code.hpp"
#include "targets/core/failover/consensus.hpp"
#include "targets/core/types.hpp"

namespace ftcore {

struct PipelineSettings;  // targets/core/pipeline_settings.hpp

/// What one node tells the others about itself with every beat.
struct Health {
    Duration storage_latency{};  // recent p99 of a synced write
    bool storage_ok = true;
    bool serving = false;
    bool overloaded = false;
    Duration loop_lag{};                // recent worst lateness of its own event loop
    std::vector<NodeId> unreachable{};  // whom it suspects
};

/// What the node is right now; handed in with every turn, so that repairs can be verified.
struct NodeView {
    Role role = Role::follower;
    Term term = 0;
    NodeId leader = nobody;
    bool serving = false;
    Index commit = 0;
    Index applied = 0;
    Index last_index = 0;
    bool catching_up = false;    // behind what it must reach, or restoring
    bool storage_ok = true;      // no failed or refused write outstanding
    std::size_t queue_depth = 0; // client commands waiting
};

/// What the outside saw. `peer` is never `self`.
namespace signal {
struct Beat {  // a heartbeat came; beats are sent on a timer, apart from data
    NodeId peer;
    std::uint64_t sequence;
    Duration interval;  // at which the sender sends them now
    Health health;
};
struct Connected { NodeId peer; std::uint64_t incarnation; };  // random per process start
struct ConnectionLost { NodeId peer; };
struct ConnectRefused { NodeId peer; };    // nobody listens: the process is gone
struct ConnectTimedOut { NodeId peer; };
struct Probed { NodeId peer; };            // a fresh connection was accepted by the kernel
struct Operation { Duration latency; ErrorCode outcome; };  // one client command was answered
struct Storage { Duration latency; ErrorCode outcome; std::string what; };  // one synced write
struct LoopLag { Duration lag; };          // a timer of our own fired this late
struct Corruption { std::string where; };  // a checksum did not match
struct ActionDone { std::uint64_t id; bool ok; std::string detail; };
struct Resources { double cpu_share; std::int64_t memory_bytes; std::int64_t disk_free_bytes; };
}  // namespace signal
using Signal = std::variant<signal::Beat, signal::Connected, signal::ConnectionLost,
                            signal::ConnectRefused, signal::ConnectTimedOut, signal::Probed,
                            signal::Operation, signal::Storage, signal::LoopLag,
                            signal::Corruption, signal::ActionDone, signal::Resources>;

/// What the outside has to do. Each is answered by `ActionDone` with its id.
namespace action {
struct SuspectLeader { NodeId leader; Suspicion suspicion; };  // → Consensus::suspect
struct ProbePeer { NodeId peer; };       // open a fresh connection: refused, timed out or accepted?
struct HandOverLead { std::string reason; };
struct RotateLog {};                     // new segment, rewrite what was not synced, sync
struct RefuseWrites { bool on; ErrorCode code; };
struct Shed { double share; };           // refuse this share of new commands; 0 ends it
struct Resynchronise {};                 // drop what is damaged and fetch it from the leader
struct IsolateSelf { std::string reason; };  // take no part until restarted: the safe state
struct RestartSelf { std::string reason; };  // exit so that a supervisor starts us again
struct CallWebhook { std::string url; std::string body; };
struct RunCommand { std::vector<std::string> words; };
}  // namespace action
struct Action {
    std::uint64_t id = 0;
    std::variant<action::SuspectLeader, action::ProbePeer, action::HandOverLead, action::RotateLog,
                 action::RefuseWrites, action::Shed, action::Resynchronise, action::IsolateSelf,
                 action::RestartSelf, action::CallWebhook, action::RunCommand>
        what{};
};

/// One thing that a stage did, for the harness (DESIGN of events: detected, located, diagnosed,
/// decided, repair, repaired, recovered, verified, anomaly, alert, error), the log and the history.
struct PipelineEvent {
    Instant at{};
    std::string name;
    std::vector<std::pair<std::string, std::string>> fields{};  // "about", "cause", ...
};

/// From signals to a verified recovery:
///
///   signals ─► monitor ─► detect ─► alert ─► diagnose ─► repair ─► recover ─► verify
///              windows    anomaly?  tell     cause and   strategy  plan of    did it
///                                   people   place       by level  steps      help?
///                                                                    │ no: the next strategy,
///                                                                    ◄─┘ up to a limit, then safe
///
/// Each stage is one small interface in the folder of its name and emits its event. Pure: signals and
/// `now` in, actions and events out. Thread: one owner.
class Pipeline {
  public:
    Pipeline(PipelineSettings settings, Instant now);
    ~Pipeline();

    void signal(Instant now, Signal signal);
    /// At or after `deadline`, and whenever the view has changed.
    void turn(Instant now, const NodeView& view);
    [[nodiscard]] Instant deadline() const;

    [[nodiscard]] std::vector<Action> take_actions();
    [[nodiscard]] std::vector<PipelineEvent> take_events();

    /// Whom this node suspects now; goes into its own `Health`.
    [[nodiscard]] std::vector<NodeId> suspected() const;
    /// What this node says of itself; the runtime adds nothing.
    [[nodiscard]] Health health() const;
    /// Diagnoses and recoveries with their evidence, newest first, as lines of text: FT.STATUS.
    [[nodiscard]] std::vector<std::string> report() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace ftcore
