// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <map>
#include <random>
#include <set>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "targets/core/errors/error_log.hpp"
#include "targets/core/pipeline.hpp"
#include "targets/core/protect/storage.hpp"
#include "targets/core/runtime/client_requests.hpp"
#include "targets/core/runtime/node.hpp"
#include "targets/core/runtime/outside_actions.hpp"
#include "targets/core/runtime/peer_link.hpp"
#include "targets/core/runtime/peer_server.hpp"
#include "targets/core/runtime/resources.hpp"
#include "targets/core/runtime/unsynced_steps.hpp"
#include "targets/core/state/life_cycle.hpp"

namespace ftcore {

/// Everything a node is made of. Inputs come from handlers (frames, storage, timer, clients), each
/// asks for a turn, and one `turn` carries out what all of them together have caused:
///
///   handlers ─► inputs of Consensus and Pipeline ─► turn: proposals ► effects ► pipeline ► flush ►
///   timer
///
/// drive.cpp has the turn, actions.cpp what the pipeline decides, peers.cpp who talks to whom.
/// Everything here is known to the loop's thread only.
struct Node::State : std::enable_shared_from_this<State> {
    State(boost::asio::io_context& loop, NodeSettings settings, StateMachine& machine);

    // ---- node.cpp
    [[nodiscard]] Result<> open();
    [[nodiscard]] NodeStatus status() const;
    [[nodiscard]] const NodeAddress* address_of(NodeId id) const;
    [[nodiscard]] bool am_witness() const;
    void write(std::string command, WriteDone done);
    void read(ReadDone done);
    void stop(std::function<void()> done);
    /// Whether a client must be refused: too much waits, or this share is shed.
    [[nodiscard]] bool full();

    // ---- hand_over.cpp
    [[nodiscard]] Result<> hand_over_when_asked(const HandOverOptions& options);
    [[nodiscard]] Result<> keep_lead();
    void hand_over(Instant t, const std::string& reason, const HandOverOptions& options = {});
    void hand_over_to_the_healthy(Instant t, NodeId peer, const Health& health);
    /// A hand-over that nobody has followed is over.
    void settle_hand_over();
    /// Writes that came during a hand-over are answered or proposed as soon as it has ended.
    void release_held();
    void settle_stop();

    // ---- drive.cpp
    void ask_for_turn();
    void turn();
    void carry_out(Effects effects);
    /// The state machine gets the newest snapshot. Errors: it does not take it; then the state is
    /// nothing to go on with.
    [[nodiscard]] Result<> rebuild();
    void apply_some();
    void role_changed();
    void arm_timer();
    void timer_fired(Instant armed_for);
    void say_ready();
    [[nodiscard]] NodeView view() const;

    // ---- snapshots.cpp
    void maybe_snapshot();
    void continue_snapshot();
    void snapshot_saved(SnapshotMark mark, const Result<>& result);
    void abandon_snapshot();
    /// What is damaged is made whole again; `action` waits for it.
    void resynchronise(std::uint64_t action);

    // ---- storage.cpp
    [[nodiscard]] Storage::Callbacks storage_callbacks();
    void stored(const StorageReport& report);
    void repaired(const Result<>& result, const StorageReport& report);
    void rotate_log(std::uint64_t action);

    // ---- peers.cpp
    [[nodiscard]] Result<> open_peers();
    [[nodiscard]] Hello hello() const;
    void peer_connected(NodeId peer, std::uint64_t incarnation);
    void connection_lost(NodeId peer);
    void take_frame(NodeId peer, Frame frame);
    void send_beats(Instant t);
    [[nodiscard]] Duration beat_interval() const;

    // ---- actions.cpp
    void run_pipeline(Instant t);
    void carry_out(const Action& action);
    void tell(const PipelineEvent& event);
    void done(std::uint64_t action, bool ok, std::string detail = {});
    void enter(LifeState next, const std::string& reason);
    void isolate(const std::string& reason);
    void fatal(const std::string& reason);

    // ---- parts
    boost::asio::io_context& loop;
    const NodeSettings settings;
    StateMachine& machine;
    const std::uint64_t incarnation;
    Random random;
    std::optional<Consensus> consensus;
    std::unique_ptr<Storage> storage;
    std::unique_ptr<Pipeline> pipeline;
    std::map<NodeId, std::unique_ptr<PeerLink>> links;
    std::unique_ptr<PeerServer> server;
    std::unique_ptr<OutsideActions> outside;
    ClientRequests requests;
    ErrorLog error_log;
    LifeCycle life;
    boost::asio::steady_timer timer;
    std::function<void(const std::string&)> fatal_handler;
    std::function<void()> change_handler;

    // ---- what goes on
    std::vector<Proposal> proposals;                             // since the last turn
    std::vector<std::pair<std::string, WriteDone>> held_writes;  // during a hand-over
    Instant held_until{};  // then no successor is waited for any more
    UnsyncedSteps unsynced;
    std::map<NodeId, Frame> outbox;
    Index applied = 0;
    Index apply_target = 0;
    bool turn_asked = false;
    bool storage_ok = true;
    bool isolated = false;
    bool was_leader = false;
    bool was_serving = false;
    bool said_ready = false;
    bool pipeline_wanted = true;
    Instant timer_at{};
    Instant beat_at{};
    Instant resources_at{};
    ResourceMeter resource_meter;
    std::uint64_t beat_sequence = 0;
    ErrorCode refuse_writes = ErrorCode::none;
    double shed_share = 0;
    std::optional<std::string> hand_over_reason;  // wanted as soon as a peer is known to be healthy
    std::map<NodeId, int> healthy_beats;          // since then, without a break
    std::optional<std::uint64_t> rotating;        // the action that waits for the storage
    std::unique_ptr<SnapshotSource> snapshot_source;
    SnapshotMark snapshot_mark{};
    bool snapshot_saving = false;
    bool snapshot_damaged = false;                 // the newest one on disk
    bool snapshot_forced = false;                  // however little log there is
    Instant snapshot_after{};                      // none before: the last one could not be saved
    std::optional<std::uint64_t> resynchronising;  // the action that waits for a snapshot
    std::function<void()> stop_done;
    Instant stop_deadline{};
    std::uint64_t elections = 0;
    std::uint64_t operations = 0;
    NodeId last_leader = nobody;
};

}  // namespace ftcore
